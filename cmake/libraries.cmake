# The libraries, each as one interface target: dep_<name>.  Versions are Debian 12's or newer.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# A release links archives where there are such: to load two dozen shared libraries was half of a
# start, and a program that needs little else than libc runs in an image that has nothing else.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT MINESCAN_SANITIZE)
  set(MINESCAN_ARCHIVES ON)
  # Botan's archive has 58 MB for debuggers, which are left out by this option of the linker.
  set(MINESCAN_NO_DEBUG_INFO -Wl,--strip-debug)
endif()

# minescan_archives(TARGET NAME…): links libNAME.a…, in that order; FALSE in TARGET_ARCHIVES, and nothing
# linked, unless there are all of them.
function(minescan_archives target)
  set(files)
  foreach(name ${ARGN})
    find_library(MINESCAN_ARCHIVE_${name} lib${name}.a)
    list(APPEND files ${MINESCAN_ARCHIVE_${name}})
  endforeach()
  if(ARGN AND MINESCAN_ARCHIVES AND NOT "${files}" MATCHES NOTFOUND)
    target_link_libraries(dep_${target} INTERFACE ${files})
    set(${target}_ARCHIVES TRUE PARENT_SCOPE)
  else()
    set(${target}_ARCHIVES FALSE PARENT_SCOPE)
  endif()
endfunction()

# minescan_pkg(TARGET MODULE [NAME…]): a library that pkg-config knows, and its archives.
function(minescan_pkg target module)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET ${module})
  add_library(dep_${target} INTERFACE)
  # Vendor headers are not ours to warn about.
  target_include_directories(dep_${target} SYSTEM INTERFACE ${${target}_INCLUDE_DIRS})
  minescan_archives(${target} ${ARGN})
  if(NOT ${target}_ARCHIVES)
    target_link_libraries(dep_${target} INTERFACE PkgConfig::${target})
  endif()
  set(${target}_ARCHIVES ${${target}_ARCHIVES} PARENT_SCOPE)
endfunction()

minescan_pkg(botan botan-2 botan-2)
target_link_libraries(dep_botan INTERFACE Threads::Threads)
minescan_pkg(hs libhs hs)
minescan_pkg(re2 re2 re2)
target_link_libraries(dep_re2 INTERFACE Threads::Threads)
minescan_pkg(isal libisal isal)
minescan_pkg(zstd libzstd zstd)
minescan_pkg(lzma liblzma lzma)
minescan_pkg(lz4 liblz4 lz4)
minescan_pkg(brotli libbrotlidec brotlidec brotlicommon)
minescan_pkg(squashfs libsquashfs1 squashfs z)
target_link_libraries(dep_squashfs INTERFACE dep_lzma dep_lz4 dep_zstd)
minescan_pkg(yaml yaml-cpp yaml-cpp)
minescan_pkg(seccomp libseccomp seccomp)

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
minescan_archives(bzip2 bz2)
if(NOT bzip2_ARCHIVES)
  target_link_libraries(dep_bzip2 INTERFACE BZip2::BZip2)
endif()

# UCL comes without a file for pkg-config.
find_path(MINESCAN_UCL_INCLUDE ucl/ucl.h REQUIRED)
find_library(MINESCAN_UCL_LIBRARY ucl REQUIRED)
add_library(dep_ucl INTERFACE)
target_include_directories(dep_ucl SYSTEM INTERFACE ${MINESCAN_UCL_INCLUDE})
minescan_archives(ucl ucl)
if(NOT ucl_ARCHIVES)
  target_link_libraries(dep_ucl INTERFACE ${MINESCAN_UCL_LIBRARY})
endif()

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
