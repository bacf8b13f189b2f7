# magna::magna: all layers, as one target. Static, it links their libraries. Shared, it is one library whose symbols
# are those that are marked with MAGNA_EXPORT.

file(CREATE_LINK "${PROJECT_SOURCE_DIR}/magna.hpp" "${MAGNA_INCLUDE_ROOT}/magna/magna.hpp" SYMBOLIC)

get_property(magna_layers GLOBAL PROPERTY MAGNA_LAYERS)

add_library(magna-static INTERFACE)
list(TRANSFORM magna_layers PREPEND magna- OUTPUT_VARIABLE magna_static_layers)
target_link_libraries(magna-static INTERFACE ${magna_static_layers})
set_target_properties(magna-static PROPERTIES EXPORT_NAME magna)

# A static CAF becomes a part of the shared library, all of it and visible: there must be one CAF in a program, and
# applications call functions of CAF that magna itself does not.
get_target_property(magna_caf_type CAF::core TYPE)
if(magna_caf_type STREQUAL "STATIC_LIBRARY")
  set(magna_caf_is_static ON)
else()
  set(magna_caf_is_static OFF)
endif()

if(MAGNA_BUILD_SHARED OR MAGNA_BUILD_TESTS)
  add_library(magna-shared SHARED)
  foreach(target IN LISTS magna_static_layers)
    target_sources(magna-shared PRIVATE $<TARGET_OBJECTS:${target}>)
  endforeach()
  target_include_directories(magna-shared INTERFACE "$<BUILD_INTERFACE:${MAGNA_INCLUDE_ROOT}>")
  target_compile_features(magna-shared INTERFACE cxx_std_20)
  target_link_libraries(magna-shared PUBLIC nlohmann_json::nlohmann_json)
  if(magna_caf_is_static)
    target_link_libraries(
      magna-shared PRIVATE -Wl,--whole-archive $<TARGET_FILE:CAF::openssl> $<TARGET_FILE:CAF::io>
                           $<TARGET_FILE:CAF::core> -Wl,--no-whole-archive)
    target_include_directories(
      magna-shared SYSTEM
      INTERFACE "$<BUILD_INTERFACE:$<TARGET_PROPERTY:CAF::core,INTERFACE_INCLUDE_DIRECTORIES>>")
  else()
    target_link_libraries(magna-shared PUBLIC CAF::openssl CAF::io CAF::core)
  endif()
  target_link_libraries(
    magna-shared PRIVATE CURL::libcurl simdjson::simdjson spdlog::spdlog OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
  # Before 1.0 every minor version may change the interface.
  set_target_properties(
    magna-shared
    PROPERTIES OUTPUT_NAME magna
               EXPORT_NAME magna
               LINKER_LANGUAGE CXX
               VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(MAGNA_SANITIZE)
    target_link_options(magna-shared PUBLIC -fsanitize=${MAGNA_SANITIZE})
  else()
    target_link_options(magna-shared PRIVATE LINKER:--no-undefined)
  endif()
endif()

if(MAGNA_BUILD_SHARED)
  add_library(magna::magna ALIAS magna-shared)
else()
  add_library(magna::magna ALIAS magna-static)
endif()
