# One place for what every target of magna shares: the language level, warnings, sanitizers, and the
# include root that lets `#include <magna/messages/request.hpp>` name a file of the folder messages/.

set(MAGNA_INCLUDE_ROOT "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${MAGNA_INCLUDE_ROOT}/magna")

# The layers that applications may link: what magna::magna is made of.
set_property(GLOBAL PROPERTY MAGNA_LAYERS "")

# magna_add_library(<folder> [INTERNAL] SOURCES <files>... [PUBLIC <targets>...] [PRIVATE <targets>...])
# defines magna-<folder>, which is static, and magna::<folder>, which is the same unless applications get the shared
# library. INTERNAL: not for applications, and not installed.
function(magna_add_library folder)
  cmake_parse_arguments(arg "INTERNAL" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target "magna-${folder}")
  # Layers know each other's insides, which a shared library hides.
  list(TRANSFORM arg_PUBLIC REPLACE "^magna::" "magna-")
  list(TRANSFORM arg_PRIVATE REPLACE "^magna::" "magna-")
  add_library(${target} STATIC ${arg_SOURCES})
  if(NOT arg_INTERNAL)
    set_property(GLOBAL APPEND PROPERTY MAGNA_LAYERS ${folder})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder})
  endif()
  if(MAGNA_BUILD_SHARED AND NOT arg_INTERNAL)
    add_library(magna-api-${folder} INTERFACE)
    target_link_libraries(magna-api-${folder} INTERFACE magna-shared)
    set_target_properties(magna-api-${folder} PROPERTIES EXPORT_NAME ${folder})
  endif()
  # The tests, too, look inside.
  if(TARGET magna-api-${folder} AND NOT MAGNA_BUILD_TESTS)
    add_library(magna::${folder} ALIAS magna-api-${folder})
  else()
    add_library(magna::${folder} ALIAS ${target})
  endif()
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
  # What is for applications is marked with MAGNA_EXPORT; the rest, and what comes of others' headers, stays inside
  # whatever shared library magna becomes a part of.
  set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
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
