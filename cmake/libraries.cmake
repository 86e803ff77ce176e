# The libraries, each as one interface target: dep_<name>.  Versions are Debian 12's or newer.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(minescan_pkg target)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(dep_${target} INTERFACE)
  target_link_libraries(dep_${target} INTERFACE PkgConfig::${target})
  # Vendor headers are not ours to warn about.
  get_target_property(dirs PkgConfig::${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(dirs)
    target_include_directories(dep_${target} SYSTEM INTERFACE ${dirs})
  endif()
endfunction()

# The archive where there is one: the shared library brings along OpenSSL, SQLite and a TPM's, of
# which nothing is called here, and to load them was a third of a start.  It has 58 MB for debuggers,
# which are left out: MINESCAN_NO_DEBUG_INFO is the linker's option for that.
find_library(MINESCAN_BOTAN_ARCHIVE libbotan-2.a)
if(MINESCAN_BOTAN_ARCHIVE AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT MINESCAN_SANITIZE)
  set(MINESCAN_NO_DEBUG_INFO -Wl,--strip-debug)
  pkg_check_modules(botan REQUIRED botan-2)
  add_library(dep_botan INTERFACE)
  target_include_directories(dep_botan SYSTEM INTERFACE ${botan_INCLUDE_DIRS})
  target_link_libraries(dep_botan INTERFACE ${MINESCAN_BOTAN_ARCHIVE} Threads::Threads)
else()
  minescan_pkg(botan botan-2)
endif()
minescan_pkg(hs libhs)
minescan_pkg(re2 re2)
minescan_pkg(isal libisal)
minescan_pkg(zstd libzstd)
minescan_pkg(lzma liblzma)
minescan_pkg(lz4 liblz4)
minescan_pkg(brotli libbrotlidec)
minescan_pkg(squashfs libsquashfs1)
minescan_pkg(yaml yaml-cpp)
minescan_pkg(seccomp libseccomp)

# Compiled against, but loaded when first needed (src/acquire/shared_library.h): the name that the
# linker would have written down is MINESCAN_LIB<NAME>.
function(minescan_loaded_pkg target package)
  pkg_check_modules(${target} REQUIRED ${package})
  list(GET ${target}_LINK_LIBRARIES 0 file)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  if(NOT headers MATCHES "SONAME +([^ \n]+)")
    message(FATAL_ERROR "${file} has no SONAME; is it a shared library?")
  endif()
  add_library(dep_${target} INTERFACE)
  target_include_directories(dep_${target} SYSTEM INTERFACE ${${target}_INCLUDE_DIRS})
  target_link_libraries(dep_${target} INTERFACE ${CMAKE_DL_LIBS})
  string(TOUPPER ${package} name)
  target_compile_definitions(dep_${target} INTERFACE MINESCAN_${name}="${CMAKE_MATCH_1}")
endfunction()

minescan_loaded_pkg(curl libcurl)
minescan_loaded_pkg(git libgit2)

find_package(BZip2 REQUIRED)
add_library(dep_bzip2 INTERFACE)
target_link_libraries(dep_bzip2 INTERFACE BZip2::BZip2)

# UCL comes without a file for pkg-config.
find_path(MINESCAN_UCL_INCLUDE ucl/ucl.h REQUIRED)
find_library(MINESCAN_UCL_LIBRARY ucl REQUIRED)
add_library(dep_ucl INTERFACE)
target_include_directories(dep_ucl SYSTEM INTERFACE ${MINESCAN_UCL_INCLUDE})
target_link_libraries(dep_ucl INTERFACE ${MINESCAN_UCL_LIBRARY})

# Header-only here; the shared library that newer packages also have is not used.
add_library(dep_toml INTERFACE)
target_compile_definitions(dep_toml INTERFACE TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0)

# Header-only: only their presence is checked.
foreach(header toml++/toml.h tl/expected.hpp nlohmann/json.hpp CLI/CLI.hpp)
  find_path(MINESCAN_HAS_${header} ${header} REQUIRED)
endforeach()
if(MINESCAN_TESTS)
  minescan_pkg(brotlienc libbrotlienc)
  find_path(MINESCAN_HAS_doctest doctest/doctest.h REQUIRED)
endif()
