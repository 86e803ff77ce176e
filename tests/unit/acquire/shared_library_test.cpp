#include "acquire/shared_library.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "acquire/curl_options.h"

namespace minescan::acquire {
namespace {

struct Ending {
  int status = 0;
  std::string words;  // on standard error
};

// What becomes of a process that does so.
template <class What>
Ending ending_of(What what) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    what();
    ::_exit(0);
  }
  ::close(ends[1]);
  Ending found;
  std::array<char, 4096> block{};
  ssize_t n = 0;
  while ((n = ::read(ends[0], block.data(), block.size())) > 0) {
    found.words.append(block.data(), static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  REQUIRE(::waitpid(child, &found.status, 0) == child);
  return found;
}

TEST_CASE("a library that is not there ends the process with a sentence and exit code 2") {
  const Ending found = ending_of([] { const SharedLibrary library("libno-such-thing.so.1"); });
  REQUIRE(WIFEXITED(found.status));
  CHECK(WEXITSTATUS(found.status) == 2);
  CHECK(found.words.starts_with("minescan: the library libno-such-thing.so.1 cannot be loaded: "));
  CHECK(found.words.ends_with("; install the package that has it\n"));
}

TEST_CASE("a function that a library does not have ends the process, too") {
  const Ending found = ending_of([] {
    const SharedLibrary library(MINESCAN_LIBCURL);
    static_cast<void>(library.find<void (*)()>("no_such_function"));
  });
  REQUIRE(WIFEXITED(found.status));
  CHECK(WEXITSTATUS(found.status) == 2);
  CHECK(found.words.find("no_such_function") != std::string::npos);
}

TEST_CASE("options of libcurl arrive: a pointer, a number, a large number") {
  CURL* handle = ::curl_easy_init();
  REQUIRE(handle != nullptr);
  void* mark = nullptr;
  int here = 0;
  CHECK(set_option(handle, CURLOPT_PRIVATE, &here) == CURLE_OK);
  CHECK(set_option(handle, CURLOPT_PORT, 65535L) == CURLE_OK);
  CHECK(set_option(handle, CURLOPT_PORT, 65536L) == CURLE_BAD_FUNCTION_ARGUMENT);
  CHECK(set_option(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t{1} << 40) == CURLE_OK);
  CHECK(set_option(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t{-1}) ==
        CURLE_BAD_FUNCTION_ARGUMENT);
  CHECK(get_info(handle, CURLINFO_PRIVATE, &mark) == CURLE_OK);
  CHECK(mark == &here);
  ::curl_easy_cleanup(handle);
}

}  // namespace
}  // namespace minescan::acquire
