# Makes a source file of a document's C++ blocks. Each block is a scope of its own: the body of a function with the
# names of context.hpp, or, if it is fenced as "```cpp file", declarations at the level of a file. Lines are those of
# the document, for the compiler's messages.

BEGIN {
  printf "#include \"context.hpp\"\n" > out
}

/^ *```cpp/ {
  ++count
  file = /^ *```cpp file/
  inside = 1
  head = body = ""
  first = FNR + 1
  next
}

inside && /^ *```/ {
  inside = 0
  printf "%snamespace docs_%d {\nnamespace {\n", head, count > out
  if (!file)
    printf "[[maybe_unused]] inline void block(context& given) {\n  MAGNA_DOCS_NAMES(given)\n  {\n" > out
  printf "#line %d \"%s\"\n%s", first, document, body > out
  if (!file)
    printf "  }\n}\n" > out
  printf "} // namespace\n} // namespace docs_%d\n", count > out
  next
}

inside {
  if (/^ *#include/) {
    head = head $0 "\n"
    body = body "\n"
  } else
    body = body $0 "\n"
}

END {
  if (inside) {
    print document ": a block of code does not end" > "/dev/stderr"
    exit 1
  }
}
