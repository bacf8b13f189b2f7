# What cpack packs. `cpack -G DEB` makes two packages: magna runs anywhere, magna-dev is to build programs with.

set(MAGNA_PACKAGE_MAINTAINER "magna developers <magna@localhost>" CACHE STRING "Who answers for the packages: Name <address>")

set(CPACK_PACKAGE_NAME magna)
set(CPACK_PACKAGE_VENDOR magna)
set(CPACK_PACKAGE_CONTACT "${MAGNA_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL dev)
if(TARGET magna)
  list(PREPEND CPACK_COMPONENTS_ALL runtime)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "One question goes to whichever language model can answer it, with retries and fallback.\n\
This package has the executable magna and its manual.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME magna)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
# CAF is linked statically, so what is left is in Debian.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ca-certificates)

set(CPACK_COMPONENT_DEV_DESCRIPTION
    "One question goes to whichever language model can answer it, with retries and fallback.\n\
This package has the headers, the libraries, and the files for CMake and pkg-config.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME magna-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
if(MAGNA_BUILD_SHARED)
  set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS ON)
  # CAF's package asks for it.
  set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libssl-dev, nlohmann-json3-dev")
else()
  set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libcurl4-openssl-dev | libcurl-dev, libssl-dev, libsimdjson-dev, libspdlog-dev, nlohmann-json3-dev")
endif()

include(CPack)
