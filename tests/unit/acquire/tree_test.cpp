#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "acquire/acquire.h"
#include "acquire/tar_header.h"
#include "base/digest.h"
#include "base/handle.h"
#include "support/image_bytes.h"
#include "support/reading.h"
#include "unpack/format.h"

using namespace minescan;
using unpack::Member;

namespace {

// What a reader of tar finds in the slices of a tree.
class FilesSink final : public unpack::MemberSink {
 public:
  bool on_member(const Member& member, Source& body) override {
    const auto read = test::read_all(body);
    CHECK_FALSE(read.fault.has_value());
    CHECK(files.emplace(member.name, read.bytes).second);
    order.push_back(member.name);
    if (member.kind == Member::Kind::symlink) links[member.name] = member.target;
    return true;
  }
  void on_bytes(ByteView /*bytes*/) override {}
  void on_gap(GapReason /*reason*/, std::string detail, std::uint64_t /*bytes*/) override {
    FAIL_CHECK("the stream is no whole tar: " << detail);
  }
  void on_anomaly(std::string what) override { FAIL_CHECK("the stream is odd: " << what); }

  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links;
  std::vector<std::string> order;
};

void read_slice(const acquire::Acquired& acquired, const Unit& unit, FilesSink& sink) {
  CHECK(unit.kind == Unit::Kind::tree_slice);
  const auto source = acquired.opener->open(unit);
  REQUIRE(source.has_value());
  REQUIRE(unpack::recognise((*source)->peek(unpack::kHeadBytes)) != nullptr);
  unpack::recognise((*source)->peek(unpack::kHeadBytes))->walk(**source, Limits{}, sink);
  CHECK(test::read_all(**source).bytes.empty());
}

FilesSink read_tree(const acquire::Acquired& acquired) {
  FilesSink sink;
  for (const Unit& unit : acquired.artifact.units) read_slice(acquired, unit, sink);
  return sink;
}

acquire::Acquired take(const std::string& path) {
  auto acquired = acquire::tree(path);
  REQUIRE_MESSAGE(acquired.has_value(), (acquired ? "" : acquired.error().what));
  return std::move(*acquired);
}

const Gap* gap_at(const std::vector<Gap>& gaps, const std::string& path) {
  for (const Gap& gap : gaps) {
    if (gap.trail.top_path() == path) return &gap;
  }
  return nullptr;
}

std::string stream(const acquire::Acquired& acquired, std::size_t unit) {
  const auto source = acquired.opener->open(acquired.artifact.units[unit]);
  REQUIRE(source.has_value());
  return test::read_all(**source).bytes;
}

}  // namespace

TEST_CASE("tree: every file is in a slice, .git and hidden ones too") {
  const test::TempDirectory directory;
  directory.write("src/main.c", "int main;");
  directory.write(".git/hooks/post-checkout", "#!/bin/sh");
  directory.write("node_modules/a/index.js", "");
  const auto acquired = take(directory.path());
  CHECK(acquired.artifact.kind == Artifact::Kind::tree);
  CHECK(acquired.artifact.gaps.empty());
  const FilesSink found = read_tree(acquired);
  CHECK(found.files.size() == 3);
  CHECK(found.files.at("src/main.c") == "int main;");
  CHECK(found.files.at(".git/hooks/post-checkout") == "#!/bin/sh");
  CHECK(found.files.at("node_modules/a/index.js").empty());
  CHECK(acquired.opener->late_gaps().empty());
}

TEST_CASE("tree: the stream is the same for the same files, whenever they were made") {
  const test::TempDirectory one;
  const test::TempDirectory two;
  for (const char* name : {"b", "a/z", "a/b/c", "a.b"}) one.write(name, name);
  for (const char* name : {"a.b", "a/b/c", "a/z", "b"}) two.write(name, name);
  REQUIRE(::chmod(two.path("b").c_str(), 0600) == 0);
  const auto first = take(one.path());
  REQUIRE(first.artifact.units.size() == 1);
  const std::string bytes = stream(first, 0);
  CHECK(bytes == stream(take(two.path()), 0));
  CHECK(bytes.size() == first.artifact.units[0].size);
}

TEST_CASE("tree: large files stand alone, and many files make several slices") {
  const test::TempDirectory directory;
  directory.write("a", "1");
  directory.write("z", "2");
  const std::string big = directory.write("big", "start");
  REQUIRE(::truncate(big.c_str(), 65 << 20) == 0);
  const auto acquired = take(directory.path());
  REQUIRE(acquired.artifact.units.size() == 3);
  CHECK(acquired.artifact.units[1].size > std::uint64_t{65} << 20);
  const FilesSink found = read_tree(acquired);
  CHECK(found.files.at("big").size() == 65 << 20);
  CHECK(found.files.at("big").starts_with("start"));

  const test::TempDirectory many;
  for (int i = 0; i < 4100; ++i) many.write("f" + std::to_string(i), "x");
  const auto slices = take(many.path());
  CHECK(slices.artifact.units.size() == 2);
  CHECK(read_tree(slices).files.size() == 4100);
}

TEST_CASE("tree: names are raw bytes of any length") {
  const test::TempDirectory directory;
  const std::string odd = "a\xff\nb '\"\\";
  const std::string deep = std::string(120, 'd') + "/" + std::string(200, 'e');
  directory.write(odd, "odd");
  directory.write(deep, "deep");
  const FilesSink found = read_tree(take(directory.path()));
  REQUIRE(found.files.count(odd) == 1);
  CHECK(found.files.at(odd) == "odd");
  REQUIRE(found.files.count(deep) == 1);
  CHECK(found.files.at(deep) == "deep");
}

TEST_CASE("tree: paths longer than the system takes are read") {
  const test::TempDirectory directory;
  const std::string name(200, 'd');
  Fd at(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY));
  std::string path;
  for (int i = 0; i < 60; ++i) {
    REQUIRE(::mkdirat(at.get(), name.c_str(), 0700) == 0);
    at = Fd(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    REQUIRE(at.valid());
    path += name + "/";
  }
  REQUIRE(path.size() > 4096);
  const Fd file(::openat(at.get(), "end", O_WRONLY | O_CREAT, 0600));
  REQUIRE(::write(file.get(), "here", 4) == 4);
  const FilesSink found = read_tree(take(directory.path()));
  REQUIRE(found.files.count(path + "end") == 1);
  CHECK(found.files.at(path + "end") == "here");
}

TEST_CASE("tree: links are entries and never followed, those that may leave are gaps") {
  const test::TempDirectory directory;
  directory.write("a/file", "x");
  const auto link = [&](const char* target, const char* name) {
    std::filesystem::create_symlink(target, directory.path(name));
  };
  link("a/file", "inside");
  link("../a/file", "a/sibling");
  link("..", "a/loop");
  link("/etc/passwd", "absolute");
  link("../../x", "a/outside");
  link("a/loop/../y", "through");  // leaves, since a/loop is a link
  const auto acquired = take(directory.path());
  const auto& gaps = acquired.artifact.gaps;
  CHECK(gaps.size() == 3);
  for (const char* path : {"absolute", "a/outside", "through"}) {
    CAPTURE(path);
    REQUIRE(gap_at(gaps, path) != nullptr);
    CHECK(gap_at(gaps, path)->reason == GapReason::io_link_out);
  }
  const FilesSink found = read_tree(acquired);
  CHECK(found.files.size() == 7);
  CHECK(found.links.size() == 6);
  CHECK(found.links.at("absolute") == "/etc/passwd");
  CHECK(found.files.at("inside").empty());
}

TEST_CASE("tree: FIFOs and sockets are gaps, and nobody waits for them") {
  const test::TempDirectory directory;
  directory.write("a", "x");
  REQUIRE(::mkfifo(directory.path("fifo").c_str(), 0600) == 0);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  directory.path("sock").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const auto acquired = take(directory.path());
  REQUIRE(acquired.artifact.gaps.size() == 2);
  CHECK(acquired.artifact.gaps[0].reason == GapReason::io_special);
  CHECK(acquired.artifact.gaps[0].detail.find("a FIFO") != std::string::npos);
  CHECK(read_tree(acquired).files.size() == 1);
}

TEST_CASE("tree: a file that is gone or replaced when its turn comes is a gap") {
  const test::TempDirectory directory;
  directory.write("a", "1");
  directory.write("b", "2");
  directory.write("c", "3");
  const auto acquired = take(directory.path());
  std::filesystem::remove(directory.path("a"));
  std::filesystem::remove(directory.path("b"));
  std::filesystem::create_symlink("/etc/passwd", directory.path("b"));
  const FilesSink found = read_tree(acquired);
  CHECK(found.files.size() == 1);
  CHECK(found.files.at("c") == "3");
  const auto gaps = acquired.opener->late_gaps();
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].trail.top_path() == "a");
  CHECK(gaps[0].reason == GapReason::io_changed);
  CHECK(gaps[1].trail.top_path() == "b");
  CHECK(gaps[1].reason == GapReason::io_changed);
}

TEST_CASE("tree: a file that shrinks or grows while it is read leaves a legal tar and a gap") {
  for (const long now : {1L << 20, 5L << 20}) {
    CAPTURE(now);
    const test::TempDirectory directory;
    const std::string path = directory.write("big", std::string(3 << 20, 'x'));
    directory.write("later", "y");
    const auto acquired = take(directory.path());
    const auto source = acquired.opener->open(acquired.artifact.units[0]);
    REQUIRE(source.has_value());
    (*source)->peek(1000);  // the header is made
    REQUIRE(::truncate(path.c_str(), now) == 0);
    FilesSink found;
    unpack::recognise((*source)->peek(unpack::kHeadBytes))->walk(**source, Limits{}, found);
    CHECK(found.files.at("big").size() == 3 << 20);
    CHECK(found.files.at("later") == "y");
    const auto gaps = acquired.opener->late_gaps();
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].reason == GapReason::io_changed);
    CHECK(gaps[0].trail.top_path() == "big");
    CHECK(gaps[0].bytes == 2 << 20);
  }
}

TEST_CASE("tree: files whose stated size is not true are read to their end") {
  const auto acquired = take("/proc/self/net");
  FilesSink found;
  for (const Unit& unit : acquired.artifact.units) read_slice(acquired, unit, found);
  REQUIRE(found.files.count("unix") == 1);
  CHECK_FALSE(found.files.at("unix").empty());
}

TEST_CASE("tree: holes of a file are zeros, and what lies between them stays where it is") {
  const test::TempDirectory directory;
  const std::string path = directory.write("holes", "first");
  const std::map<off_t, std::string> planted = {
      {0, "first"}, {(3 << 20) + 123, "second"}, {(4 << 20) + 5, "third"}, {(9 << 20) + 7, "x"}};
  constexpr off_t kEnd = 13 << 20;
  {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    for (const auto& [at, text] : planted) {
      REQUIRE(::pwrite(file.get(), text.data(), text.size(), at) == std::ssize(text));
    }
    REQUIRE(::ftruncate(file.get(), kEnd) == 0);
    struct stat info {};
    REQUIRE(::fstat(file.get(), &info) == 0);
    // Else the file system keeps no holes, and nothing is tested.
    REQUIRE(info.st_blocks * 512 < kEnd / 2);
  }
  std::string expected(kEnd, '\0');
  for (const auto& [at, text] : planted)
    expected.replace(static_cast<std::size_t>(at), text.size(), text);
  CHECK(read_tree(take(directory.path())).files.at("holes") == expected);
  CHECK(stream(take(path), 0) == expected);
}

TEST_CASE("tree: a file larger than a unit may be is read so far, and the rest is a gap") {
  const test::TempDirectory directory;
  const std::string path = directory.write("huge", "start");
  constexpr std::uint64_t kSize = std::uint64_t{1} << 40;
  REQUIRE(::truncate(path.c_str(), kSize) == 0);
  const std::uint64_t most = Limits{}.unit_bytes;
  const auto acquired = take(directory.path());
  REQUIRE(acquired.artifact.units.size() == 1);
  CHECK(acquired.artifact.units[0].size == most + 3 * acquire::kTarBlock);
  const auto source = acquired.opener->open(acquired.artifact.units[0]);
  REQUIRE(source.has_value());
  CHECK(as_text((*source)->peek(600)).substr(512, 6) == std::string_view("start\0", 6));
  const auto gaps = acquired.opener->late_gaps();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].reason == GapReason::limit_bytes);
  CHECK(gaps[0].offset == most);
  CHECK(gaps[0].bytes == kSize - most);
  // By itself it is the unit, and nobody waits for its digest.
  const auto alone = take(path);
  CHECK(alone.artifact.digest.empty());
  CHECK(alone.artifact.units[0].digest.empty());
  CHECK(alone.artifact.units[0].size == kSize);
  REQUIRE(alone.opener->open(alone.artifact.units[0]).has_value());
}

TEST_CASE("tree: what cannot be read is a gap") {
  const test::TempDirectory directory;
  directory.write("open", "x");
  directory.write("closed/file", "y");
  const std::string secret = directory.write("secret", "z");
  REQUIRE(::chmod(secret.c_str(), 0) == 0);
  REQUIRE(::chmod(directory.path("closed").c_str(), 0) == 0);
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::seteuid(65534) == 0);
  const auto acquired = take(directory.path());
  const FilesSink found = read_tree(acquired);
  if (root) REQUIRE(::seteuid(0) == 0);
  REQUIRE(::chmod(directory.path("closed").c_str(), 0700) == 0);
  CHECK(found.files.size() == 1);
  REQUIRE(acquired.artifact.gaps.size() == 1);
  CHECK(acquired.artifact.gaps[0].reason == GapReason::io_unreadable);
  CHECK(acquired.artifact.gaps[0].trail.top_path() == "closed");
  const auto late = acquired.opener->late_gaps();
  REQUIRE(late.size() == 1);
  CHECK(late[0].reason == GapReason::io_unreadable);
  CHECK(late[0].trail.top_path() == "secret");
}

TEST_CASE("tree: a single file is scanned as it is") {
  const test::TempDirectory directory;
  const auto acquired = take(directory.write("script.sh", "echo"));
  CHECK(acquired.artifact.kind == Artifact::Kind::tree);
  REQUIRE(acquired.artifact.units.size() == 1);
  CHECK(acquired.artifact.units[0].kind == Unit::Kind::file);
  CHECK(stream(acquired, 0) == "echo");
}

TEST_CASE("tree: nothing to scan is an error, and so is nothing at all") {
  const test::TempDirectory directory;
  std::filesystem::create_directory(directory.path("empty"));
  const auto empty = acquire::tree(directory.path());
  REQUIRE_FALSE(empty.has_value());
  CHECK(empty.error().what.find("nothing to scan") != std::string::npos);
  const auto missing = acquire::tree(directory.path("missing"));
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == Code::not_found);
}

TEST_CASE("tar header: sizes above 8 GiB are base-256") {
  const std::string header = acquire::tar_file_header("huge", std::uint64_t{1} << 40);
  REQUIRE(header.size() == 512);
  CHECK(header.substr(124, 12) == std::string("\x80\0\0\0\0\0\1\0\0\0\0\0", 12));
}
