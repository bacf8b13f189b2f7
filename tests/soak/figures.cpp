#include <magna/tests/soak/figures.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <malloc.h>
#include <unistd.h>

namespace magna::soak {

std::size_t resident_bytes() {
  std::size_t size = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t trimmed_bytes() {
  malloc_trim(0);
  return resident_bytes();
}

std::size_t open_files() {
  using std::filesystem::directory_iterator;
  // One of them is the folder itself.
  return static_cast<std::size_t>(std::distance(directory_iterator{"/proc/self/fd"}, directory_iterator{}))
         - 1;
}

} // namespace magna::soak
