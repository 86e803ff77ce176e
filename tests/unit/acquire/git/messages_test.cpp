#include "acquire/git/messages.h"

#include <doctest/doctest.h>

#include "base/wire.h"

using namespace minescan;
using namespace minescan::acquire;
using Kind = TreeFile::Kind;

namespace {

const std::string kId(40, 'a');

Compared sample() {
  return {.work_tree = "/tree",
          .base_name = "HEAD (commit aaaaaaaaaaaa)",
          .head_name = "index",
          .changes = {{"a/b", {}, {Kind::file, kId}},
                      {"link", {Kind::file, kId}, {Kind::link, std::string(40, 'b')}},
                      {"old", {Kind::executable, kId}, {}}}};
}

std::optional<Compared> read(const Compared& compared,
                             Revision::Kind head = Revision::Kind::index) {
  return compared_from_bytes(as_bytes(compared_bytes(compared)), head);
}

// What the first change is made into.
std::optional<Compared> read_with(const FileChange& first,
                                  Revision::Kind head = Revision::Kind::index) {
  Compared compared = sample();
  compared.changes.front() = first;
  return read(compared, head);
}

}  // namespace

TEST_CASE("git messages: what a comparison came to is read as it was written") {
  const auto back = read(sample());
  REQUIRE(back.has_value());
  CHECK(compared_bytes(*back) == compared_bytes(sample()));
  CHECK(back->changes[1].after.kind == Kind::link);
}

TEST_CASE("git messages: a path that leaves the tree is a lie") {
  for (const char* path :
       {"../a", "a/../../b", "..", "a/..", ".", "a/./b", "/a", "a//b", "a/", ""}) {
    CAPTURE(path);
    CHECK_FALSE(read_with({path, {}, {Kind::file, kId}}).has_value());
  }
  CHECK_FALSE(read_with({std::string("a\0b", 3), {}, {Kind::file, kId}}).has_value());
  CHECK(read_with({"a/..b/...", {}, {Kind::file, kId}}).has_value());
}

TEST_CASE("git messages: a path beyond the limit is a lie") {
  CHECK(read_with({std::string(kMostPathBytes, 'a'), {}, {Kind::file, kId}}).has_value());
  CHECK_FALSE(read_with({std::string(kMostPathBytes + 1, 'a'), {}, {Kind::file, kId}}).has_value());
}

TEST_CASE("git messages: changes out of order are a lie") {
  CHECK_FALSE(read_with({"z", {}, {Kind::file, kId}}).has_value());
}

TEST_CASE("git messages: an id that is no SHA-1 is a lie") {
  for (const std::string& id : {std::string(39, 'a'), std::string(41, 'a'), std::string(40, 'A'),
                                std::string(39, 'a') + "g"}) {
    CAPTURE(id);
    CHECK_FALSE(read_with({"a", {}, {Kind::file, id}}).has_value());
  }
}

TEST_CASE("git messages: a file of git's without an id, or an id of nothing, is a lie") {
  CHECK_FALSE(read_with({"a", {}, {Kind::file, ""}}).has_value());
  CHECK_FALSE(read_with({"a", {Kind::none, kId}, {Kind::file, kId}}).has_value());
}

TEST_CASE("git messages: an id of a file of the working tree is a lie, its bytes are on the disk") {
  const auto tree = Revision::Kind::working_tree;
  Compared compared = sample();
  for (FileChange& change : compared.changes) change.after.id.clear();
  CHECK(read(compared, tree).has_value());
  CHECK_FALSE(read(sample(), tree).has_value());
  compared.changes.front().after = {Kind::submodule, kId};
  CHECK(read(compared, tree).has_value());
}

TEST_CASE("git messages: a kind that there is not is a lie") {
  std::string bytes = compared_bytes(sample());
  // The first change's path ends where its earlier kind begins.
  const auto at = bytes.find("a/b") + 3;
  CHECK(bytes[at] == 0);
  bytes[at] = 5;
  CHECK_FALSE(compared_from_bytes(as_bytes(bytes), Revision::Kind::index).has_value());
}

TEST_CASE("git messages: a name or a working tree beyond the limit is a lie") {
  Compared compared = sample();
  compared.head_name.assign(kMostSentence + 1, 'a');
  CHECK_FALSE(read(compared).has_value());
  compared = sample();
  compared.work_tree.assign(kMostSentence + 1, '/');
  CHECK_FALSE(read(compared).has_value());
}

TEST_CASE("git messages: bytes behind the end, and bytes that are missing, are a lie") {
  const std::string bytes = compared_bytes(sample());
  CHECK_FALSE(compared_from_bytes(as_bytes(bytes + "x"), Revision::Kind::index).has_value());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(
        compared_from_bytes(as_bytes(bytes.substr(0, size)), Revision::Kind::index).has_value());
  }
}

TEST_CASE("git messages: a list that says to have more items than bytes takes no memory") {
  WireWriter out;
  for (int i = 0; i < 3; ++i) out.text("");
  out.number(std::uint64_t{1} << 60);
  CHECK_FALSE(compared_from_bytes(as_bytes(out.take()), Revision::Kind::index).has_value());
}

TEST_CASE("git messages: other files than were asked for are a lie") {
  const std::vector<TreeFile> files = {{Kind::file, kId}, {}};
  const std::string bytes = found_bytes(files);
  CHECK(found_from_bytes(as_bytes(bytes), 2) == files);
  CHECK_FALSE(found_from_bytes(as_bytes(bytes), 1).has_value());
  CHECK_FALSE(found_from_bytes(as_bytes(bytes), 3).has_value());
  CHECK_FALSE(found_from_bytes(as_bytes(found_bytes({{Kind::link, ""}})), 1).has_value());
}

TEST_CASE("git messages: a list of paths that is not in order, or has one twice, is a lie") {
  const auto read_paths = [](const std::vector<std::string>& paths) {
    return paths_from_bytes(as_bytes(paths_bytes(paths)));
  };
  CHECK(read_paths({"a", "a/b", "b"}).has_value());
  CHECK_FALSE(read_paths({"b", "a"}).has_value());
  CHECK_FALSE(read_paths({"a", "a"}).has_value());
  CHECK_FALSE(read_paths({"a", "b/../../c"}).has_value());
}

TEST_CASE(
    "git messages: an error has a sentence of some length, and no code that is the parent's") {
  const auto read_error = [](const Error& error) {
    return error_from_bytes(as_bytes(error_bytes(error)));
  };
  REQUIRE(read_error({Code::not_found, "no"}).has_value());
  CHECK(read_error({Code::not_found, "no"})->code == Code::not_found);
  CHECK_FALSE(read_error({Code::not_found, ""}).has_value());
  CHECK_FALSE(read_error({Code::worker_crash, "no"}).has_value());
  CHECK_FALSE(read_error({Code::worker_timeout, "no"}).has_value());
  // Cut where it is written.
  CHECK(read_error({Code::io, std::string(2 * kMostSentence, 'a')})->what.size() == kMostSentence);
  WireWriter out;
  out.number(static_cast<std::uint64_t>(Code::internal) + 1);
  out.text("no");
  CHECK_FALSE(error_from_bytes(as_bytes(out.take())).has_value());
}

TEST_CASE("git messages: a request is read as it was written, and nothing else is one") {
  const GitRequest request{.kind = GitRequest::Kind::blob,
                           .side = Comparison::Side::head,
                           .paths = {"a"},
                           .id = kId,
                           .limit = 7};
  const std::string bytes = request_bytes(request);
  const auto back = request_from_bytes(as_bytes(bytes));
  REQUIRE(back.has_value());
  CHECK(request_bytes(*back) == bytes);
  CHECK_FALSE(request_from_bytes(as_bytes(bytes + "x")).has_value());
  CHECK_FALSE(
      request_from_bytes(as_bytes(request_bytes({.kind = GitRequest::Kind::blob}))).has_value());
}
