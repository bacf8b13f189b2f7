#!/usr/bin/env bash
#
# Uses magna as others do: installs it, then builds a program outside of the tree against it and lets it stream an answer
# from the simulator. Called by ctest with a step and what the step needs:
#
#   package.sh install         BUILD WORK              installs the build, and moves what it installed
#   package.sh find-package    BUILD WORK SOURCE CXX   by CMake's find_package
#   package.sh pkg-config      BUILD WORK SOURCE CXX   by pkg-config; then the same against the shared library
#   package.sh embedded        BUILD WORK SOURCE CXX   by FetchContent, which is add_subdirectory
#   package.sh symbols         BUILD WORK SOURCE       what the shared library lets out
#   package.sh deb             BUILD WORK SOURCE CXX   the Debian packages

set -euo pipefail

step=$1 build=$2 work=$3 source=${4:-} cxx=${5:-}
prefix=$work/moved

fail() {
  printf 'error: %s\n' "$@" >&2
  exit 1
}

# streams_an_answer PROGRAM...: runs it against a simulator of the build's; it must print exactly the answer.
streams_an_answer() {
  local simulator ready output
  exec {ready}< <(exec "${magna:-$build/magna}" simulate --steps 'openai=ok(text="Because of the air.")' 2>/dev/null)
  simulator=$!
  # shellcheck disable=SC2064 # this very process
  trap "kill $simulator 2>/dev/null || true" EXIT
  while read -r -t 30 -u "$ready" line; do
    case $line in *OPENAI*) break ;; esac
  done
  [[ $line == *OPENAI_BASE_URL* ]] || fail "the simulator did not start"
  mkdir -p "$work/empty"
  output=$(cd "$work/empty" && eval "$line" && timeout 60 "$@") || fail "$1 failed"
  kill "$simulator"
  trap - EXIT
  exec {ready}<&-
  [[ $output == "Because of the air." ]] || fail "$1 printed: $output"
  printf '%s\n' "$1 printed the answer"
}

# needs TOOL...: without them the step says nothing.
needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || {
      printf 'skipped: there is no %s\n' "$tool"
      exit 77
    }
  done
}

# A source that includes CAF takes up to a gigabyte.
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-2}

launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi

configure() {
  cmake -S "$1" -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" "${launcher[@]}" "${@:3}"
}

# builds_by_find_package PREFIX DIRECTORY
builds_by_find_package() {
  configure "$source/tests/package/installed" "$2" -DCMAKE_PREFIX_PATH="$1" -DHEADERS="$1/include"
  cmake --build "$2"
}

case $step in
  install)
    rm -rf -- "$work"
    mkdir -p "$work"
    DESTDIR='' cmake --install "$build" --prefix "$work/first"
    mv -- "$work/first" "$prefix"
    # Nothing knows where the build was, but for a CAF that is not installed along.
    "$prefix/bin/magna" --version
    ;;
  find-package)
    builds_by_find_package "$prefix" "$work/find-package"
    streams_an_answer "$work/find-package/stream"
    ;;
  pkg-config)
    needs pkg-config
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name magna.pc)")
    export PKG_CONFIG_PATH
    read -r -a cflags < <(pkg-config --cflags magna)
    read -r -a libs < <(pkg-config --libs magna)
    "$cxx" -std=c++20 "${cflags[@]}" -c "$source/examples/quickstart.cpp" -o "$work/stream.o"
    "$cxx" "$work/stream.o" "${libs[@]}" -o "$work/stream-static"
    streams_an_answer "$work/stream-static"
    # The same object against the shared library, which has a static CAF inside.
    others=()
    for lib in "${libs[@]}"; do
      case $lib in
        -lmagna-*) ;;
        -lcaf_*) nm -DC "$build/libmagna.so" | grep -q ' T caf::actor_system::actor_system' || others+=("$lib") ;;
        *) others+=("$lib") ;;
      esac
    done
    "$cxx" "$work/stream.o" "$build/libmagna.so" "${others[@]}" -Wl,-rpath,"$build" -o "$work/stream-shared"
    streams_an_answer "$work/stream-shared"
    ;;
  embedded)
    # CAF is not magna's to build, so the parent project says where it is.
    configure "$source/tests/package/embedded" "$work/embedded" -DMAGNA_SOURCE="$source" \
      -DMAGNA_PRECOMPILED_HEADERS=ON -DCAF_DIR="$(sed -n 's/^CAF_DIR:[A-Z]*=//p' "$build/CMakeCache.txt")"
    cmake --build "$work/embedded" --target stream
    streams_an_answer "$work/embedded/stream"
    cmake --install "$work/embedded" --prefix "$work/embedded-prefix"
    [[ ! -e $work/embedded-prefix/include && ! -e $work/embedded-prefix/lib ]] || fail "magna installs into its parent's prefix"
    ;;
  symbols)
    names=$work/names types=$work/types
    mkdir -p "$work"
    sed -n "/^#/d; s| .*||; s|^|$source/|p" "$source/cmake/public-headers.txt" | xargs cat | tr '\n' ' ' >"$work/headers"
    # What stands behind MAGNA_EXPORT in the public headers: the name of a class, or of a function.
    grep -oE 'MAGNA_EXPORT [^;{]*' "$work/headers" | sed -E 's/\(.*//; s/ (final |:).*//; s/ +$//; s/.*[ &*]//' |
      sort -u >"$names"
    grep -oE '(struct|class) [a-z_]+' "$work/headers" | sed 's/.* //' | sort -u >"$types"
    [[ $(wc -l <"$names") -ge 20 ]] || fail "the public headers export next to nothing"
    nm -DC --defined-only "$build/libmagna.so" >"$work/symbols"
    grep -q ' T magna::runtime::runtime' "$work/symbols" || fail "magna::runtime is not exported"
    if grep -E '^[0-9a-f]+ [A-Za-z] (nlohmann|simdjson|fmt|spdlog|toml|CLI|boost)::' "$work/symbols"; then
      fail "these are others', and not for those who link magna"
    fi
    # Functions and classes of magna whose name, or whose class's name, is not in the list.
    sed -nE 's/^[0-9a-f]+ [TDBRGS] magna::(config::)?//p' "$work/symbols" | awk -v names="$names" -v types="$types" '
      BEGIN {
        while ((getline x < names) > 0) exported[x] = 1
        while ((getline x < types) > 0) type[x] = 1
      }
      { split($0, part, /::|\(|\[/) }
      !exported[part[1]] && !(type[part[1]] && exported[part[2]]) || /::impl::/' >"$work/leaked"
    [[ ! -s $work/leaked ]] || fail "these are exported, but stand in no public header:" "$(<"$work/leaked")"
    ;;
  deb)
    needs dpkg-deb dpkg-shlibdeps file
    rm -rf -- "$work"
    mkdir -p "$work/root"
    (cd "$work" && cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/packages")
    runtime=$(find "$work/packages" -maxdepth 1 -name 'magna_*.deb')
    dev=$(find "$work/packages" -maxdepth 1 -name 'magna-dev_*.deb')
    depends=$(dpkg-deb -f "$runtime" Depends)
    printf 'magna depends on: %s\nmagna-dev depends on: %s\n' "$depends" "$(dpkg-deb -f "$dev" Depends)"
    # All that it needs is in Debian: what is installed here, and no CAF.
    if [[ $depends != *libcurl4* || $depends == *caf* ]]; then fail "wrong dependencies"; fi
    dpkg-deb -x "$runtime" "$work/root"
    dpkg-deb -x "$dev" "$work/root"
    if ldd "$work/root/usr/bin/magna" | grep -E 'libcaf|not found'; then fail "these are in no package"; fi
    "$work/root/usr/bin/magna" --version
    (cd "$work/root" && "$work/root/usr/bin/magna" demo >/dev/null)
    for file in share/man/man1/magna.1 share/man/man5/magna.toml.5 share/doc/magna/copyright; do
      [[ -s $work/root/usr/$file ]] || fail "$file is missing"
    done
    builds_by_find_package "$work/root/usr" "$work/consumer"
    magna=$work/root/usr/bin/magna streams_an_answer "$work/consumer/stream"
    ;;
  *) fail "unknown step: $step" ;;
esac
