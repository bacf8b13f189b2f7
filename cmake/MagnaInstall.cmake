# What `cmake --install` installs. Two components: `runtime` is what runs, `dev` is what programs are built with.

include(CMakePackageConfigHelpers)

set(magna_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/magna")
set(magna_bundled_caf_dir "${CMAKE_INSTALL_LIBDIR}/magna/caf")

# The executable, its manual, the documents.
if(TARGET magna)
  install(TARGETS magna RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime)
  install(
    FILES docs/man/magna.1
    DESTINATION "${CMAKE_INSTALL_MANDIR}/man1"
    COMPONENT runtime)
  install(
    FILES docs/man/magna.toml.5
    DESTINATION "${CMAKE_INSTALL_MANDIR}/man5"
    COMPONENT runtime)
  install(
    FILES README.md CHANGELOG.md docs/copyright
    DESTINATION "${CMAKE_INSTALL_DOCDIR}"
    COMPONENT runtime)
endif()

if(EXISTS "${PROJECT_SOURCE_DIR}/LICENSE")
  foreach(component IN ITEMS runtime dev)
    install(
      FILES LICENSE
      DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/magna$<$<STREQUAL:${component},dev>:-dev>"
      COMPONENT ${component})
  endforeach()
endif()

# The headers: as they are included, <magna/FOLDER/FILE.hpp>.
file(STRINGS "${PROJECT_SOURCE_DIR}/cmake/public-headers.txt" magna_public_headers REGEX "^[^#]")
list(TRANSFORM magna_public_headers REPLACE " .*" "")
set_property(
  DIRECTORY
  APPEND
  PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/public-headers.txt")
foreach(header IN LISTS magna_public_headers)
  cmake_path(GET header PARENT_PATH folder)
  install(
    FILES "${header}"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/magna/${folder}"
    COMPONENT dev)
endforeach()
install(
  FILES docs/design.md docs/faults.md docs/copyright
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/magna-dev"
  COMPONENT dev)

# The libraries and their CMake package.
if(MAGNA_BUILD_SHARED)
  list(TRANSFORM magna_layers PREPEND magna-api- OUTPUT_VARIABLE magna_exported)
  list(APPEND magna_exported magna-shared)
else()
  set(magna_exported magna-static ${magna_static_layers})
endif()
install(
  TARGETS ${magna_exported}
  EXPORT magna
  INCLUDES
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
install(
  EXPORT magna
  NAMESPACE magna::
  FILE magnaTargets.cmake
  DESTINATION "${magna_config_dir}"
  COMPONENT dev)
set(magna_caf_hint_dir)
if(NOT MAGNA_BUNDLE_CAF)
  set(magna_caf_hint_dir "HINTS \"${CAF_DIR}\"")
endif()
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/magnaConfig.cmake.in" "${PROJECT_BINARY_DIR}/package/magnaConfig.cmake"
  INSTALL_DESTINATION "${magna_config_dir}"
  PATH_VARS magna_bundled_caf_dir)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/magnaConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/package/magnaConfig.cmake" "${PROJECT_BINARY_DIR}/package/magnaConfigVersion.cmake"
  DESTINATION "${magna_config_dir}"
  COMPONENT dev)

# A static CAF that no package of the system gives: without it the libraries could not be linked.
if(MAGNA_BUNDLE_CAF)
  if(NOT magna_caf_is_static)
    message(FATAL_ERROR "MAGNA_BUNDLE_CAF is for a static CAF, but this one is not: ${CAF_DIR}")
  endif()
  cmake_path(SET magna_caf_prefix NORMALIZE "${CAF_DIR}/../../..")
  if(NOT EXISTS "${magna_caf_prefix}/lib/cmake/CAF/CAFConfig.cmake" OR NOT EXISTS "${magna_caf_prefix}/include/caf")
    message(FATAL_ERROR "MAGNA_BUNDLE_CAF takes a CAF in a prefix of its own, with lib/ and include/: ${CAF_DIR}")
  endif()
  install(
    DIRECTORY "${magna_caf_prefix}/include" "${magna_caf_prefix}/lib"
    DESTINATION "${magna_bundled_caf_dir}"
    COMPONENT dev)
  set(magna_caf_cflags "-isystem \${libdir}/magna/caf/include")
  set(magna_caf_libdir "\${libdir}/magna/caf/lib")
else()
  set(magna_caf_cflags "-isystem $<JOIN:$<TARGET_PROPERTY:CAF::core,INTERFACE_INCLUDE_DIRECTORIES>, -isystem >")
  set(magna_caf_libdir "$<TARGET_FILE_DIR:CAF::core>")
endif()

# pkg-config. A program calls CAF itself, so it links CAF too, unless CAF is inside the shared library. Static libraries
# need the others in any case, and not only for a program that is static as a whole (pkg-config --static), so nothing of
# theirs is private.
set(magna_caf_libs "-L${magna_caf_libdir} -lcaf_openssl -lcaf_io -lcaf_core")
set(magna_pc_requires "libcurl openssl simdjson spdlog")
# Programs that bring codecs of their own include it.
set(magna_pc_public "nlohmann_json")
if(NOT MAGNA_BUILD_SHARED)
  # Who comes first needs those that follow.
  set(layers ${magna_layers})
  list(REVERSE layers)
  list(TRANSFORM layers PREPEND "-lmagna-")
  list(JOIN layers " " magna_pc_libs)
  string(APPEND magna_pc_libs " ${magna_caf_libs} -pthread")
  set(magna_pc_requires "Requires: ${magna_pc_public} ${magna_pc_requires}")
else()
  set(magna_pc_libs "-lmagna")
  if(NOT magna_caf_is_static)
    string(APPEND magna_pc_libs " ${magna_caf_libs}")
  endif()
  set(magna_pc_requires "Requires: ${magna_pc_public}\nRequires.private: ${magna_pc_requires}")
  string(APPEND magna_pc_libs "\nLibs.private: -pthread")
endif()
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "/prefix" NORMALIZE OUTPUT_VARIABLE libdir)
cmake_path(RELATIVE_PATH libdir BASE_DIRECTORY "/prefix" OUTPUT_VARIABLE libdir)
cmake_path(SET magna_pc_dir "/prefix/${libdir}/pkgconfig")
set(magna_pc_prefix "/prefix")
cmake_path(RELATIVE_PATH magna_pc_prefix BASE_DIRECTORY "${magna_pc_dir}" OUTPUT_VARIABLE magna_pc_to_prefix)
configure_file("${PROJECT_SOURCE_DIR}/cmake/magna.pc.in" "${PROJECT_BINARY_DIR}/package/magna.pc.in" @ONLY)
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/package/$<CONFIG>/magna.pc" INPUT "${PROJECT_BINARY_DIR}/package/magna.pc.in")
install(
  FILES "${PROJECT_BINARY_DIR}/package/$<CONFIG>/magna.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT dev)
