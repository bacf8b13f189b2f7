# CAF's headers take seconds to parse: targets that include them share one precompiled header.

option(MAGNA_PRECOMPILED_HEADERS "Build with precompiled headers" ${PROJECT_IS_TOP_LEVEL})

# magna_precompile_headers(<target>...)
function(magna_precompile_headers)
  if(NOT MAGNA_PRECOMPILED_HEADERS)
    return()
  endif()
  if(NOT TARGET magna-precompiled)
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/precompiled.cpp" CONTENT "")
    add_library(magna-precompiled OBJECT "${PROJECT_BINARY_DIR}/precompiled.cpp")
    target_link_libraries(magna-precompiled PRIVATE CAF::core)
    magna_configure_target(magna-precompiled)
    target_precompile_headers(
      magna-precompiled
      PRIVATE
        <caf/actor_system.hpp>
        <caf/actor_system_config.hpp>
        <caf/event_based_actor.hpp>
        <caf/scoped_actor.hpp>
        <caf/stateful_actor.hpp>
        <caf/typed_actor.hpp>
        <caf/typed_event_based_actor.hpp>
        <algorithm>
        <chrono>
        <functional>
        <map>
        <memory>
        <optional>
        <string>
        <string_view>
        <variant>
        <vector>)
  endif()
  foreach(target IN LISTS ARGV)
    target_precompile_headers(${target} REUSE_FROM magna-precompiled)
  endforeach()
endfunction()
