#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "acquire/acquire.h"
#include "base/digest.h"
#include "base/handle.h"
#include "support/image_bytes.h"
#include "support/reading.h"

using namespace minescan;

namespace {

// Sets a variable for a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* before = std::getenv(name);
    if (before != nullptr) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// An engine that answers each path with fixed bytes, one connection after the other.
class StubEngine {
 public:
  struct Answer {
    std::string status, body;
    std::size_t cut = std::string::npos;  // breaks off after so many bytes of the body
  };

  StubEngine(std::string socket, std::map<std::string, Answer> answers)
      : socket_(std::move(socket)),
        answers_(std::move(answers)),
        listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, sizeof address.sun_path - 1);
    ready_ =
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(listener_.get(), 8) == 0;
    thread_ = std::jthread([this] { serve(); });
  }
  ~StubEngine() { ::shutdown(listener_.get(), SHUT_RDWR); }

  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] std::string host() const { return "unix://" + socket_; }
  std::vector<std::string> paths() {
    const std::lock_guard lock(mutex_);
    return paths_;
  }

 private:
  void serve() {
    while (true) {
      const Fd connection(::accept(listener_.get(), nullptr, nullptr));
      if (!connection.valid()) return;
      answer(connection);
    }
  }

  void answer(const Fd& connection) {
    std::string request;
    char bytes[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(connection.get(), bytes, sizeof bytes, 0);
      if (got <= 0) return;
      request.append(bytes, static_cast<std::size_t>(got));
    }
    const std::size_t begin = request.find(' ') + 1;
    const std::string path = request.substr(begin, request.find(' ', begin) - begin);
    {
      const std::lock_guard lock(mutex_);
      paths_.push_back(path);
    }
    const auto found = answers_.find(path);
    const Answer reply = found == answers_.end()
                             ? Answer{"404 Not Found", R"({"message":"No such image"})"}
                             : found->second;
    const std::string text =
        "HTTP/1.1 " + reply.status +
        "\r\nConnection: close\r\nContent-Length: " + std::to_string(reply.body.size()) +
        "\r\n\r\n" + reply.body.substr(0, reply.cut);
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t put =
          ::send(connection.get(), text.data() + at, text.size() - at, MSG_NOSIGNAL);
      if (put <= 0) return;
      at += static_cast<std::size_t>(put);
    }
  }

  std::string socket_;
  std::map<std::string, Answer> answers_;
  Fd listener_;
  bool ready_ = false;
  std::mutex mutex_;
  std::vector<std::string> paths_;  // guarded by mutex_
  std::jthread thread_;
};

std::map<std::string, StubEngine::Answer> answers(const std::string& tar) {
  return {{"/_ping", {"200 OK", "OK"}},
          {"/images/team/app:1/json", {"200 OK", "{}"}},
          {"/images/team/app:1/get", {"200 OK", tar}}};
}

std::string archive() {
  test::BlobSet blobs;
  return test::tar_bytes(
      test::layout_members(blobs, test::index_json({test::simple_image(blobs, "payload")})));
}

Error error_of(const std::string& reference) {
  const auto acquired = acquire::image(reference, {});
  REQUIRE_FALSE(acquired.has_value());
  return acquired.error();
}

}  // namespace

TEST_CASE("daemon: an image of an engine is exported and read like an archive") {
  const test::TempDirectory directory;
  StubEngine engine(directory.path("sock"), answers(archive()));
  REQUIRE(engine.ready());
  const Variable host("DOCKER_HOST", engine.host());
  const auto acquired = acquire::image("docker-daemon:team/app:1", {});
  REQUIRE_MESSAGE(acquired.has_value(), (acquired ? "" : acquired.error().what));
  CHECK(acquired->artifact.name == "docker-daemon:team/app:1");
  REQUIRE(acquired->artifact.images.size() == 1);
  const auto source = acquired->opener->open(acquired->artifact.units.back());
  REQUIRE(source.has_value());
  CHECK(test::read_all(**source).bytes == test::tar_bytes({{"bin/app", "payload"}}));
  CHECK(engine.paths() ==
        std::vector<std::string>{"/_ping", "/images/team/app:1/json", "/images/team/app:1/get"});
}

TEST_CASE("daemon: a missing image is not found, in the engine's words") {
  const test::TempDirectory directory;
  StubEngine engine(directory.path("sock"), answers(""));
  REQUIRE(engine.ready());
  const Variable host("DOCKER_HOST", engine.host());
  const Error error = error_of("docker-daemon:other:2");
  CHECK(error.code == Code::not_found);
  CHECK(error.what.find("No such image") != std::string::npos);
}

TEST_CASE("daemon: an export that breaks off is no image") {
  const test::TempDirectory directory;
  auto replies = answers(archive());
  replies["/images/team/app:1/get"].cut = 3000;
  StubEngine engine(directory.path("sock"), replies);
  REQUIRE(engine.ready());
  const Variable host("DOCKER_HOST", engine.host());
  CHECK(error_of("docker-daemon:team/app:1").code == Code::unreachable);
}

TEST_CASE("daemon: other ways to an engine are refused by name") {
  const Variable tcp("DOCKER_HOST", "tcp://127.0.0.1:2375");
  CHECK(error_of("docker-daemon:app").code == Code::unsupported);
  const Variable none("DOCKER_HOST", "");
  const Variable ssh("CONTAINER_HOST", "ssh://build.example/run/podman.sock");
  const Error error = error_of("docker-daemon:app");
  CHECK(error.code == Code::unsupported);
  CHECK(error.what.find("CONTAINER_HOST") != std::string::npos);
}

TEST_CASE("daemon: without an engine it says where it looked") {
  const test::TempDirectory directory;
  const Variable gone("DOCKER_HOST", "unix://" + directory.path("sock"));
  CHECK(error_of("docker-daemon:app").code == Code::unreachable);
}

TEST_CASE("daemon: what is no name does not become a request") {
  const test::TempDirectory directory;
  StubEngine engine(directory.path("sock"), answers(archive()));
  REQUIRE(engine.ready());
  const Variable host("DOCKER_HOST", engine.host());
  for (const char* name : {"", "../containers/json", "app?x=y", "app#x", "a b", "/app", "a\r\nb"}) {
    CAPTURE(name);
    CHECK(error_of(std::string("docker-daemon:") + name).code == Code::usage);
  }
  CHECK(engine.paths().empty());
}
