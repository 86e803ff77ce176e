# How everything is compiled: language, warnings, hardening, sanitizers, and faster tools if present.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set_property(GLOBAL PROPERTY USE_FOLDERS ON)

find_program(MINESCAN_CCACHE ccache)
if(MINESCAN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MINESCAN_CCACHE})
endif()
find_program(MINESCAN_MOLD mold)
if(MINESCAN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Part of the key under which records are kept (app/engine.h).
add_link_options(-Wl,--build-id=sha1)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -fno-strict-aliasing
                    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# gcc reads an aggregate's omitted designated initialisers as a mistake; they are the point of them.
add_compile_options(-Wno-missing-field-initializers)
# gcc 12 sees overlap in "literal" + std::string where there is none (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()
if(MINESCAN_WERROR)
  add_compile_options(-Werror)
endif()
if(MINESCAN_SANITIZE)
  add_compile_options(-fsanitize=${MINESCAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1)
  add_link_options(-fsanitize=${MINESCAN_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
  endif()
endif()
if(MINESCAN_FUZZ)
  # With the assertions of a release, which end the program there.
  add_compile_options(-fsanitize=fuzzer-no-link -D_GLIBCXX_ASSERTIONS)
endif()
if(MINESCAN_TIDY)
  set(CMAKE_CXX_CLANG_TIDY clang-tidy-14)
endif()
