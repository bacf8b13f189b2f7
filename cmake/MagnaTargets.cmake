# One place for what every target of magna shares: the language level, warnings, sanitizers, and the
# include root that lets `#include <magna/messages/request.hpp>` name a file of the folder messages/.

set(MAGNA_INCLUDE_ROOT "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${MAGNA_INCLUDE_ROOT}/magna")

# magna_add_library(<folder> SOURCES <files>... [PUBLIC <targets>...] [PRIVATE <targets>...])
# defines magna-<folder> with the alias magna::<folder>.
function(magna_add_library folder)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target "magna-${folder}")
  add_library(${target} ${arg_SOURCES})
  add_library(magna::${folder} ALIAS ${target})
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${MAGNA_INCLUDE_ROOT}/magna/${folder}" SYMBOLIC)
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${MAGNA_INCLUDE_ROOT}>")
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  magna_configure_target(${target})
endfunction()

# Language level, warnings and sanitizers of a library, an executable or a test.
function(magna_configure_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Executables too are built with -fPIC, not -fPIE: precompiled headers fit only code with the same flags.
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
  # Designated initializers leave out what has a default on purpose.
  target_compile_options(${target} PRIVATE -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False alarms on std::string: GCC bugs 105651, 105329.
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
  endif()
  if(MAGNA_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(MAGNA_SANITIZE)
    # The instrumented code of std::regex looks uninitialized to GCC 12.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    # A report of UndefinedBehaviorSanitizer must fail the test that caused it.
    target_compile_options(
      ${target} PRIVATE -fsanitize=${MAGNA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${MAGNA_SANITIZE})
  endif()
endfunction()
