# Finds CAF (C++ Actor Framework) 0.18 or newer, core, io and openssl; CAF 1.x also brings its test framework.
#
# CAF's own version files accept the exact version only (0.18) or the same major version (1.x), so the version is
# checked here and not by find_package.

# CAF's package links these two but does not find them.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CAF CONFIG QUIET)

set(magna_caf_hint "Install CAF 0.18 or newer (it is in Homebrew, Fedora, Arch, vcpkg and Conan) and, if CMake does not find \
it, set CMAKE_PREFIX_PATH or CAF_ROOT to where it is installed. On Debian, `./dev setup` builds it.")
if(NOT CAF_FOUND)
  message(FATAL_ERROR "CAF was not found. ${magna_caf_hint}")
elseif(CAF_VERSION VERSION_LESS 0.18)
  message(FATAL_ERROR "CAF ${CAF_VERSION} in ${CAF_DIR} is too old. ${magna_caf_hint}")
endif()
foreach(component IN ITEMS core io openssl)
  if(NOT TARGET CAF::${component})
    message(FATAL_ERROR "CAF ${CAF_VERSION} in ${CAF_DIR} was built without its module ${component}. ${magna_caf_hint}")
  endif()
endforeach()
message(STATUS "CAF ${CAF_VERSION}: ${CAF_DIR}")
