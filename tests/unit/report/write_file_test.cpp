#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "report/report.h"

using namespace minescan;
namespace fs = std::filesystem;

namespace {

// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string made = (fs::temp_directory_path() / "minescan-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Code refused(const std::string& path) {
  const auto result = report::write_file(path, "content");
  REQUIRE_FALSE(result.has_value());
  CHECK_FALSE(result.error().what.empty());
  CHECK(result.error().what.find("-o") != std::string::npos);
  return result.error().code;
}

}  // namespace

TEST_CASE("write_file: a new file holds all, and nothing else is left behind") {
  const Folder folder;
  const std::string content = std::string(3'000'000, 'x') + std::string("\0end", 4);
  REQUIRE(report::write_file(folder / "r.json", content).has_value());
  CHECK(read(folder / "r.json") == content);
  CHECK(folder.files() == 1);
}

TEST_CASE("write_file: an old report is replaced, and whoever has it open still reads the old") {
  const Folder folder;
  REQUIRE(report::write_file(folder / "r", "old").has_value());
  std::ifstream before(folder / "r");
  REQUIRE(report::write_file(folder / "r", "new").has_value());
  CHECK(read(folder / "r") == "new");
  CHECK(std::string(std::istreambuf_iterator<char>(before), {}) == "old");
}

TEST_CASE("write_file: a name without folder lies in the working directory") {
  const Folder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder / "");
  CHECK(report::write_file("r", "x").has_value());
  fs::current_path(before);
  CHECK(read(folder / "r") == "x");
}

TEST_CASE("write_file: directories, links and sockets are refused and stay as they are") {
  const Folder folder;
  fs::create_directory(folder / "d");
  CHECK(refused(folder / "d") == Code::usage);
  CHECK(refused(folder / "d/") == Code::usage);

  REQUIRE(report::write_file(folder / "target", "precious").has_value());
  fs::create_symlink("target", folder / "link");
  CHECK(refused(folder / "link") == Code::usage);
  CHECK(read(folder / "target") == "precious");
  fs::create_symlink("nowhere", folder / "dangling");
  CHECK(refused(folder / "dangling") == Code::usage);
  CHECK_FALSE(fs::exists(folder / "nowhere"));

  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = folder / "s";
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(refused(name) == Code::usage);
  ::close(listener);
}

TEST_CASE("write_file: a folder that is not there, and no name, are errors") {
  const Folder folder;
  CHECK(refused(folder / "no/r") == Code::io);
  CHECK(refused(folder / "no/") == Code::io);
  CHECK(refused("") == Code::usage);
  CHECK(refused(std::string("a\0b", 3)) == Code::usage);
  CHECK(folder.files() == 0);
}

TEST_CASE("write_file: a full disk is an error, not a short report") {
  CHECK(refused("/dev/full") == Code::io);
}

TEST_CASE("write_file: devices and FIFOs are written directly") {
  CHECK(report::write_file("/dev/null", "x").has_value());
  const Folder folder;
  const std::string fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::string seen;
  std::thread reader([&] { seen = read(fifo); });
  const bool written = report::write_file(fifo, "through").has_value();
  reader.join();
  CHECK(written);
  CHECK(seen == "through");
  CHECK(fs::is_fifo(fifo));
}

TEST_CASE("write_file: /dev/fd/N is this process's descriptor") {
  const Folder folder;
  const std::string name = folder / "out";
  const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  CHECK(report::write_file("/dev/fd/" + std::to_string(fd), "one ").has_value());
  CHECK(report::write_file("/proc/self/fd/" + std::to_string(fd), "two").has_value());
  ::close(fd);
  CHECK(read(name) == "one two");
  CHECK(refused("/dev/fd/" + std::to_string(fd)) == Code::io);
}

TEST_CASE("write_file: the umask decides who may read the report") {
  const Folder folder;
  const mode_t before = ::umask(027);
  const bool written = report::write_file(folder / "r", "x").has_value();
  ::umask(before);
  REQUIRE(written);
  struct stat status {};
  REQUIRE(::stat((folder / "r").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}
