#include "acquire/git/apart.h"

#include <doctest/doctest.h>
#include <git2.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "acquire/git/messages.h"
#include "acquire/git/places.h"
#include "acquire/git/work_tree.h"
#include "acquire/shared_library.h"
#include "base/handle.h"
#include "base/wire.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;
using Kind = TreeFile::Kind;
using Side = Comparison::Side;
namespace fs = std::filesystem;

namespace {

// What only the test calls of libgit2.
#define GIT(name) library.find<decltype(&(name))>(#name)

// A repository with one commit of what is in the folder.
void commit_all(const std::string& folder) {
  start_libgit2();
  const SharedLibrary library(MINESCAN_LIBGIT2);
  git_repository* repo = nullptr;
  git_index* index = nullptr;
  git_oid tree_id, commit_id;
  git_tree* tree = nullptr;
  git_signature* who = nullptr;
  REQUIRE(GIT(git_repository_init)(&repo, folder.c_str(), 0) == 0);
  REQUIRE(git_repository_index(&index, repo) == 0);
  REQUIRE(GIT(git_index_add_all)(index, nullptr, 0, nullptr, nullptr) == 0);
  REQUIRE(GIT(git_index_write)(index) == 0);
  REQUIRE(GIT(git_index_write_tree)(&tree_id, index) == 0);
  REQUIRE(git_tree_lookup(&tree, repo, &tree_id) == 0);
  REQUIRE(GIT(git_signature_new)(&who, "a", "a@a.example", 0, 0) == 0);
  REQUIRE(GIT(git_commit_create_v)(&commit_id, repo, "HEAD", who, who, nullptr, "a", tree, 0) == 0);
  GIT(git_signature_free)(who);
  git_tree_free(tree);
  git_index_free(index);
  git_repository_free(repo);
}

// A peer that is a thread of this process.
class Peered {
 public:
  explicit Peered(const std::function<void(int socket)>& serve,
                  std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> pair{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    mine_ = Fd(pair[0]);
    thread_ = std::thread([serve, socket = pair[1]] {
      const Fd its(socket);
      serve(socket);
    });
    peer_ = {.socket = mine_.get(), .patience = patience, .end = [this] {
               ++ended;
               return std::string("it crashed");
             }};
  }
  ~Peered() {
    mine_.reset();
    thread_.join();
  }
  Peered(const Peered&) = delete;
  Peered& operator=(const Peered&) = delete;

  [[nodiscard]] const Peer& peer() const { return peer_; }
  int ended = 0;

 private:
  Fd mine_;
  std::thread thread_;
  Peer peer_;
};

// As apart.cpp writes them.
enum : std::uint64_t { kRequest, kAnswer, kError, kBeat };
void say(int socket, std::uint64_t kind, const std::string& body,
         std::optional<std::uint64_t> size = std::nullopt) {
  WireWriter out;
  out.number(size.value_or(body.size()));
  out.number(kind);
  const std::string bytes = out.take() + body;
  static_cast<void>(::write(socket, bytes.data(), bytes.size()) < 0);
}

void drain(int socket) {
  std::array<char, 4096> bytes;
  while (::read(socket, bytes.data(), bytes.size()) > 0) {
  }
}

const Compared kNothing{.work_tree = "/", .base_name = "HEAD", .head_name = "index", .changes = {}};
const Question kQuestion{.path = "/repo", .base = "HEAD", .head = {Revision::Kind::index, ""}};

// Says a proper comparison, then `body` to the first request.
Result<std::string> blob_from(std::uint64_t kind, const std::string& body,
                              std::optional<std::uint64_t> size = std::nullopt) {
  Peered peered([&](int socket) {
    say(socket, kAnswer, compared_bytes(kNothing));
    std::array<char, 4096> request;
    static_cast<void>(::read(socket, request.data(), request.size()) < 0);
    say(socket, kind, body, size);
    drain(socket);
  });
  const auto reader = read_apart(kQuestion, peered.peer());
  REQUIRE(reader.has_value());
  auto blob = (*reader)->blob(std::string(40, 'a'), "a", 4);
  // What is an error of the file leaves all else as it is.
  const bool lost = !blob && blob.error().code == Code::worker_crash;
  CHECK((*reader)->alive().has_value() == !lost);
  CHECK(peered.ended == (lost ? 1 : 0));
  if (lost) {
    CHECK((*reader)->paths(Side::base).error().what == blob.error().what);
    CHECK(peered.ended == 1);
  }
  return blob;
}

}  // namespace

TEST_CASE("git apart: a peer gives what reading here gives") {
  const test::TempDir folder;
  folder.write("same", "same\n");
  folder.write("sub/changed", "before\n");
  folder.write("gone", "gone\n");
  folder.write("removed/again", "x\n");
  commit_all(folder.path());
  folder.write("sub/changed", "after\n");
  folder.write("new", "new\n", 0755);
  fs::remove(folder.path() + "/gone");
  fs::create_symlink("same", folder.path() + "/link");
  for (const auto kind : {Revision::Kind::working_tree, Revision::Kind::index}) {
    const Question question{.path = folder.path(), .base = "HEAD", .head = {kind, ""}};
    const auto here = compare_revisions(question);
    REQUIRE_MESSAGE(here.has_value(), here.error().what);
    Peered peered([&](int socket) {
      ComparisonServer server(question);
      server.open();
      server.serve(socket);
    });
    const auto there = compare_revisions(question, &peered.peer());
    REQUIRE_MESSAGE(there.has_value(), there.error().what);
    CHECK((*here)->base_name() == (*there)->base_name());
    REQUIRE((*here)->changes().size() == (*there)->changes().size());
    CHECK((*there)->changes().size() == (kind == Revision::Kind::index ? 0 : 4));
    for (std::size_t i = 0; i < (*here)->changes().size(); ++i) {
      const FileChange& a = (*here)->changes()[i];
      const FileChange& b = (*there)->changes()[i];
      CHECK(a.path == b.path);
      CHECK(a.before == b.before);
      CHECK(a.after == b.after);
    }
    for (const Side side : {Side::base, Side::head, Side::trusted}) {
      const bool same_paths = *(*here)->paths(side) == *(*there)->paths(side);
      CHECK(same_paths);
      for (const char* path : {"same", "sub/changed", "gone", "new", "link", "not/there", "sub"}) {
        CAPTURE(path);
        const auto a = (*here)->read(side, path, 100);
        const auto b = (*there)->read(side, path, 100);
        REQUIRE(a.has_value() == b.has_value());
        if (a) CHECK(*a == *b);
        if (!a) CHECK(a.error().what == b.error().what);
        CHECK((*here)->is_link(side, path) == (*there)->is_link(side, path));
      }
      CHECK((*there)->read(side, "same", 2).error().code == Code::limit_bytes);
    }
    CHECK((*there)->alive().has_value());
  }
}

TEST_CASE("git apart: what is wrong with a repository is the same sentence") {
  const test::TempDir folder;
  const Question question{.path = folder.path(), .base = "HEAD", .head = {}};
  Peered peered([&](int socket) {
    ComparisonServer server(question);
    server.open();
    server.serve(socket);
  });
  const auto there = compare_revisions(question, &peered.peer());
  REQUIRE_FALSE(there.has_value());
  CHECK(there.error().code == Code::usage);
  CHECK(there.error().what == compare_revisions(question).error().what);
  CHECK(peered.ended == 0);
}

TEST_CASE(
    "git apart: an answer is believed, and an error of one file costs no more than the file") {
  CHECK(*blob_from(kAnswer, "abcd") == "abcd");
  CHECK(blob_from(kError, error_bytes({Code::io, "it cannot be read"})).error().what ==
        "it cannot be read");
}

TEST_CASE("git apart: more bytes than were asked for are a lie") {
  CHECK(blob_from(kAnswer, "abcde").error().code == Code::worker_crash);
}

TEST_CASE("git apart: a frame of a size that cannot be takes no memory and is a lie") {
  CHECK(blob_from(kAnswer, "", std::uint64_t{1} << 62).error().code == Code::worker_crash);
}

TEST_CASE("git apart: an error beyond its limit is a lie") {
  CHECK(blob_from(kError, std::string(2 * kMostSentence, 'a')).error().code == Code::worker_crash);
}

TEST_CASE("git apart: an error that is none is a lie") {
  CHECK(blob_from(kError, "nonsense").error().code == Code::worker_crash);
}

TEST_CASE("git apart: a beat with something in it is a lie") {
  CHECK(blob_from(kBeat, "a").error().code == Code::worker_crash);
}

TEST_CASE("git apart: a request from the peer, and a kind of frame that there is not, are lies") {
  CHECK(blob_from(kRequest, "").error().code == Code::worker_crash);
  CHECK(blob_from(17, "").error().code == Code::worker_crash);
}

TEST_CASE("git apart: a comparison that is none is a lie, and the sentence says that it was lost") {
  Peered peered([](int socket) {
    say(socket, kBeat, "");
    say(socket, kAnswer, "nonsense");
    drain(socket);
  });
  const auto reader = read_apart(kQuestion, peered.peer());
  REQUIRE_FALSE(reader.has_value());
  CHECK(reader.error().what.find("'/repo' was lost: it gave an answer") != std::string::npos);
}

TEST_CASE("git apart: a peer that is gone is said with how it ended") {
  Peered peered([](int socket) { say(socket, kAnswer, "cut off", 100); });
  const auto reader = read_apart(kQuestion, peered.peer());
  REQUIRE_FALSE(reader.has_value());
  CHECK(reader.error().code == Code::worker_crash);
  CHECK(reader.error().what.find("it crashed") != std::string::npos);
}

TEST_CASE("git apart: a peer that says nothing is given up") {
  Peered peered([](int socket) { drain(socket); }, std::chrono::milliseconds(50));
  const auto reader = read_apart(kQuestion, peered.peer());
  REQUIRE_FALSE(reader.has_value());
  CHECK(reader.error().code == Code::worker_timeout);
  CHECK(peered.ended == 1);
}

TEST_CASE("git apart: a working tree that does not lie around the path is not opened") {
  const test::TempDir folder;
  const std::string inner = fs::path(folder.write("in/file", "")).parent_path();
  fs::create_directories(folder.path() + "/.git");
  fs::create_directories(folder.path() + "/beside/.git");
  const std::string root = fs::canonical(folder.path());
  CHECK(is_work_tree_of(root, inner));
  CHECK(is_work_tree_of(root, root));
  CHECK_FALSE(is_work_tree_of(root + "/beside", inner));
  CHECK_FALSE(is_work_tree_of(root + "/in", inner));  // has no .git
  CHECK_FALSE(is_work_tree_of("/", inner));
  CHECK_FALSE(is_work_tree_of("", inner));
  Compared elsewhere = kNothing;
  elsewhere.work_tree = root + "/beside";
  Peered peered([&](int socket) {
    say(socket, kAnswer, compared_bytes(elsewhere));
    drain(socket);
  });
  const Question question{.path = inner, .base = "HEAD", .head = {}};
  CHECK(compare_revisions(question, &peered.peer()).error().code == Code::unsupported);
}

TEST_CASE("git places: no configuration, and no link that leads to something of another name") {
  const test::TempDir folder;
  const test::TempDir other;
  folder.write("config", "password");
  folder.write("config.worktree", "password");
  folder.write("hooks/pre-commit", "");
  folder.write("HEAD", "ref: refs/heads/main\n");
  other.write("objects/pack/a", "");
  fs::create_symlink(other.path() + "/objects", folder.path() + "/objects");
  fs::create_symlink(other.path(), folder.path() + "/refs");
  std::vector<Readable> places;
  add_repository(folder.path(), places);
  std::vector<std::string> paths;
  for (const Readable& one : places) paths.push_back(one.path);
  std::sort(paths.begin() + 1, paths.end());
  std::vector<std::string> expected = {folder.path(), fs::canonical(folder.path()) / "HEAD",
                                       fs::canonical(other.path()) / "objects"};
  std::sort(expected.begin() + 1, expected.end());
  CHECK(paths == expected);
  CHECK(places.front().names_only);
}

TEST_CASE("git places: of what objects are borrowed from, only folders of that name") {
  const test::TempDir folder;
  const test::TempDir other;
  other.write("a/objects/info/alternates", other.path() + "/b/objects\n");
  other.write("b/objects/info/alternates", "../../a/objects\n");
  other.write("secrets/key", "");
  folder.write("objects/info/alternates",
               "# a comment\n" + other.path() + "/a/objects\n" + other.path() + "/secrets\n");
  const std::vector<std::string> found = object_directories(folder.path() + "/objects");
  const std::vector<std::string> expected = {fs::canonical(folder.path() + "/objects"),
                                             fs::canonical(other.path() + "/a/objects"),
                                             fs::canonical(other.path() + "/b/objects")};
  CHECK(found == expected);
}
