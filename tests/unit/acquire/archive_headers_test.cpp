#include "acquire/archive_headers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>

#include "acquire/archive_index.h"
#include "acquire/files.h"
#include "base/wire.h"
#include "support/archives.h"
#include "support/image_bytes.h"
#include "support/task_here.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::acquire;
using test::pax_header;
using test::pax_record;
using test::tar_entry;

namespace {

using Kind = StoredMember::Kind;

ArchiveHeaders answer_to(const ArchivePart& part) {
  const std::string bytes = archive_task(as_bytes(part_bytes(part)));
  auto headers = headers_from_bytes(as_bytes(bytes), part);
  REQUIRE(headers.has_value());
  CHECK(headers_bytes(*headers) == bytes);
  return std::move(*headers);
}

ArchivePart whole_of(const std::string& bytes) {
  return {.file_size = bytes.size(), .bytes = as_bytes(bytes), .state = {}};
}

// Read in parts of so many bytes, more only where that is wanted.
ArchiveHeaders in_parts(const std::string& bytes, std::size_t size) {
  ArchiveHeaders all;
  ArchivePart part{.file_size = bytes.size(), .state = {}};
  std::uint64_t least = 0;
  while (true) {
    const auto offset = static_cast<std::size_t>(part.offset);
    part.bytes = as_bytes(bytes).subspan(
        offset, std::min(bytes.size() - offset, std::max(size, static_cast<std::size_t>(least))));
    ArchiveHeaders some = answer_to(part);
    for (auto& one : some.members) all.members.push_back(std::move(one));
    for (auto& note : some.notes) {
      if (all.notes.size() < kMaxArchiveNotes) all.notes.push_back(std::move(note));
    }
    all.refused = std::move(some.refused);
    if (!some.next) return all;
    part.offset = some.next->offset;
    part.state = std::move(some.next->state);
    least = some.next->least;
  }
}

// All that a tar can be odd in; but for what is refused in archives of images.
std::string odd_tar() {
  const std::string long_name(300, 'n');
  return pax_header(pax_record("linkpath", "to"), 'g') +
         tar_entry(
             {.name = "././@LongLink", .body = long_name + std::string(1, '\0'), .type = 'L'}) +
         tar_entry({.name = "x", .body = std::string(700, 'a')}) +
         pax_header(pax_record("size", "3") + pax_record("path", "./p//q")) +
         tar_entry({.name = "x", .body = "abc", .size_field = "00000001000"}) +
         tar_entry({.name = "dir/", .type = 'D'}) + std::string(512, '\0') +
         tar_entry({.name = "l", .type = '2', .target = "../x"}) + std::string(1024, 'j') +
         pax_header("", 'g') + tar_entry({.name = "d/l", .type = '2', .target = "../p/./q"}) +
         tar_entry({.name = "h", .body = "body", .type = '1', .target = "p/q"}) +
         pax_header(pax_record("GNU.sparse.major", "1")) +
         tar_entry({.name = "s", .body = test::padded("1\n0\n3\n", 512) + "abc"}) +
         tar_entry({.name = "o", .body = "old", .type = 'S'}) +
         tar_entry({.name = "odd", .body = "?", .type = 'Q'}) + test::kTarEnd +
         tar_entry({.name = "behind", .body = std::string(2000, 'b')}) + test::kTarEnd +
         pax_header(pax_record("path", "of nothing")) + "tail";
}

}  // namespace

TEST_CASE("archive headers: members have clean names, kinds, targets and places") {
  const std::string bytes = odd_tar();
  const ArchiveHeaders headers = answer_to(whole_of(bytes));
  CHECK_FALSE(headers.refused.has_value());
  CHECK_FALSE(headers.next.has_value());
  CHECK(headers.notes.size() == kMaxArchiveNotes);
  const std::string first(300, 'n');
  std::string all;
  for (const auto& [name, member] : headers.members) {
    all += name + "=" + (member.kind == Kind::link ? ">" + member.target : "") +
           bytes.substr(static_cast<std::size_t>(member.offset),
                        static_cast<std::size_t>(std::min<std::uint64_t>(member.size, 4))) +
           (member.plain ? " " : "! ");
  }
  CHECK(all == first + "=aaaa p/q=abc l=>to d/l=>p/q h=>p/qbody s=abc! o=old! odd=? behind=bbbb ");
}

TEST_CASE("archive headers: a member that others call otherwise, or take for a file, is refused") {
  const std::string file = tar_entry({.name = "x", .body = "abc"}) + test::kTarEnd;
  const auto long_name = [](const std::string& name) {
    return tar_entry({.name = "././@LongLink", .body = name + std::string(1, '\0'), .type = 'L'});
  };
  const auto refused = [](const std::string& bytes) {
    const auto headers = answer_to(whole_of(bytes));
    return headers.refused && headers.refused->code == Code::integrity;
  };
  CHECK_FALSE(refused(file));
  CHECK_FALSE(refused(long_name("long") + file));
  CHECK_FALSE(refused(pax_header(pax_record("path", "p")) + file));
  for (const std::string& bytes : {
           pax_header(pax_record("path", "p"), 'g') + file,
           pax_header(pax_record("path", "p"), 'X') + file,
           pax_header(pax_record("path", "p")) + pax_header(pax_record("mtime", "1")) + file,
           pax_header(pax_record("path", "")) + file,
           pax_header(pax_record("path", "p")) + long_name("long") + file,
           long_name("long") + pax_header(pax_record("path", "p")) + file,
           long_name("one") + long_name("two") + file,
           long_name("") + file,
           pax_header(pax_record("GNU.sparse.name", "p")) + file,
           tar_entry({.name = "x", .body = "abc", .magic = "ustar 00", .prefix = "in"}) +
               test::kTarEnd,
           tar_entry({.name = "x/", .body = "abc"}) + test::kTarEnd,
           tar_entry({.name = "x", .body = "abc", .type = 'D'}) + test::kTarEnd,
       }) {
    CHECK(refused(bytes));
  }
}

TEST_CASE("archive headers: what is listed is what the reader of tar sees") {
  const std::string bytes = odd_tar();
  for (std::size_t size = 1024; size <= bytes.size(); size += 212) {
    CAPTURE(size);
    const std::string cut = bytes.substr(0, size);
    MemorySource source(as_bytes(cut));
    const test::Seen seen = test::walk_once(*unpack::format_by_name("tar"), source, cut, {}, ~0ULL);
    const ArchiveHeaders headers = answer_to(whole_of(cut));
    std::size_t i = 0;
    for (const test::SeenEntry& entry : seen.entries) {
      if (entry.member.kind == unpack::Member::Kind::directory) continue;
      REQUIRE(i < headers.members.size());
      const StoredMember& member = headers.members[i++].member;
      CHECK(cut.substr(static_cast<std::size_t>(member.offset),
                       static_cast<std::size_t>(member.size)) == entry.text);
      CHECK(member.whole == !entry.fault.has_value());
    }
    CHECK(i == headers.members.size());
  }
}

TEST_CASE("archive headers: in small parts, and cut off anywhere, they are the same") {
  const std::string bytes = odd_tar();
  for (std::size_t size = 1024; size <= bytes.size(); size += 700) {
    CAPTURE(size);
    const std::string cut = bytes.substr(0, size);
    const std::string once = headers_bytes(answer_to(whole_of(cut)));
    for (const std::size_t part : std::initializer_list<std::size_t>{512, 4096}) {
      CHECK(headers_bytes(in_parts(cut, part)) == once);
    }
  }
}

TEST_CASE("archive headers: bodies are not asked for") {
  const std::string bytes = test::tar(
      {{.name = "large", .body = std::string((1 << 20) + 1, 'b')}, {.name = "small", .body = "s"}});
  ArchivePart part = whole_of(bytes);
  part.bytes = part.bytes.first(unpack::kHeadBytes);
  const ArchiveHeaders headers = answer_to(part);
  REQUIRE(headers.members.size() == 1);
  CHECK(headers.members[0].member.size == (1 << 20) + 1);
  REQUIRE(headers.next.has_value());
  CHECK(headers.next->offset == 512 + (1 << 20) + 512);
  CHECK(headers.next->least == 512);
}

TEST_CASE("archive headers: what makes an archive none to go on with is said in clear words") {
  const auto refused = [](const std::string& bytes) {
    const ArchiveHeaders headers = in_parts(bytes, 4096);
    REQUIRE(headers.refused.has_value());
    return *headers.refused;
  };
  CHECK(refused("").code == Code::unsupported);
  CHECK(refused(std::string(5000, 'x')).code == Code::unsupported);
  const Error outside = refused(test::tar({{.name = "a", .body = "a"}, {.name = "../b\n"}}));
  CHECK(outside.code == Code::integrity);
  CHECK(outside.what == "has the member '../b\\x0a', whose name leaves the archive");
  const Error name =
      refused(pax_header(pax_record("path", std::string(4097, 'n'))) + test::tar({{.name = "a"}}));
  CHECK(name.code == Code::limit_bytes);
  CHECK(name.what == "has a member with a name of 4097 bytes");
}

TEST_CASE("archive headers: without end before one member they are a limit") {
  std::string bytes;
  const std::string header = pax_header(pax_record("comment", std::string((4 << 20) - 100, 'c')));
  for (int i = 0; i < 9; ++i) bytes += header;
  const Error error = in_parts(bytes + test::tar({{.name = "a"}}), kMaxPart).refused.value();
  CHECK(error.code == Code::limit_bytes);
  CHECK(error.what == "has more than 32 MiB of headers before one member");
}

TEST_CASE("archive headers: of what comes from another process each lie is seen") {
  const std::string bytes = test::tar({{.name = "a", .body = std::string(600, 'a')},
                                       {.name = "l", .type = '2', .target = "a"},
                                       {.name = "b", .body = std::string(8192, 'b')},
                                       {.name = "c", .body = "c"}});
  ArchivePart part = whole_of(bytes);
  part.bytes = part.bytes.first(4096);
  const ArchiveHeaders honest = answer_to(part);
  REQUIRE(honest.members.size() == 3);
  REQUIRE(honest.next.has_value());
  const std::uint64_t at = honest.members[2].member.offset;  // of the last one
  REQUIRE(at == 2560);

  const auto believed = [&](const std::function<void(ArchiveHeaders&)>& lie) {
    ArchiveHeaders headers = honest;
    lie(headers);
    return headers_from_bytes(as_bytes(headers_bytes(headers)), part).has_value();
  };
  const auto of_member = [&](const std::function<void(StoredMember&)>& lie) {
    return believed([&](ArchiveHeaders& all) { lie(all.members[2].member); });
  };
  const auto of_next = [&](const std::function<void(ArchiveHeaders::Next&)>& lie) {
    return believed([&](ArchiveHeaders& all) { lie(*all.next); });
  };
  CHECK(believed([](ArchiveHeaders&) {}));

  SUBCASE("a name that leaves the archive, or is not clean, or too long") {
    for (const std::string& name : {std::string("../a"), std::string("/a"), std::string("a/./b"),
                                    std::string("a/"), std::string(4097, 'n')}) {
      CAPTURE(name);
      CHECK_FALSE(believed([&](ArchiveHeaders& all) { all.members[1].name = name; }));
      CHECK_FALSE(believed([&](ArchiveHeaders& all) { all.members[1].member.target = name; }));
    }
  }
  SUBCASE("a target of what is no link") {
    CHECK_FALSE(of_member([](StoredMember& member) { member.target = "a"; }));
  }
  SUBCASE("a body that ends behind the file") {
    CHECK_FALSE(of_member([&](StoredMember& member) { member.size = bytes.size() - at + 1; }));
    CHECK_FALSE(of_member([&](StoredMember& member) { member.size = ~std::uint64_t{0} - 512; }));
  }
  SUBCASE("a body that is cut off before the file ends") {
    CHECK_FALSE(of_member([](StoredMember& member) { member.whole = false; }));
  }
  SUBCASE("a body within the one before, or without room for its header") {
    CHECK_FALSE(of_member([&](StoredMember& member) { member.offset = at - 512; }));
    CHECK_FALSE(of_member([](StoredMember& member) { member.offset = 1024; }));
  }
  SUBCASE("a body that begins in no block, or behind the part") {
    const auto begins_at = [&](std::uint64_t offset) {
      return of_member([&](StoredMember& member) {
        member.offset = offset;
        member.size = 1;
      });
    };
    CHECK(begins_at(4096));
    CHECK_FALSE(begins_at(4097));
    CHECK_FALSE(begins_at(at + 1));
    CHECK_FALSE(begins_at(4096 + 512));
  }
  SUBCASE("a next part within what was read, or behind the file") {
    CHECK_FALSE(of_next([&](ArchiveHeaders::Next& next) {
      next.offset = at;
      next.least = 4096;
    }));
    CHECK_FALSE(of_next([&](ArchiveHeaders::Next& next) { next.offset = bytes.size() + 512; }));
    CHECK_FALSE(of_next([&](ArchiveHeaders::Next& next) { next.offset = bytes.size(); }));
    CHECK_FALSE(of_next([&](ArchiveHeaders::Next& next) { next.least = bytes.size(); }));
    CHECK_FALSE(of_next([](ArchiveHeaders::Next& next) { next.least = 0; }));
  }
  SUBCASE("a next part of which all was there") {
    ArchiveHeaders::Next again{.offset = 1024, .least = 3072, .state = "s"};
    const auto none_and = [&](ArchiveHeaders& all) {
      all.members.clear();
      all.next = again;
    };
    CHECK_FALSE(believed(none_and));
    ++again.least;
    CHECK(believed(none_and));
    part.bytes = as_bytes(bytes);
    CHECK_FALSE(believed(none_and));
  }
  SUBCASE("a part or a state that is too large") {
    ArchivePart huge{.file_size = std::uint64_t{1} << 40, .bytes = part.bytes, .state = {}};
    const auto taken = [&](std::uint64_t least, std::size_t state) {
      ArchiveHeaders headers;
      headers.next = {.offset = 4096, .least = least, .state = std::string(state, 's')};
      return headers_from_bytes(as_bytes(headers_bytes(headers)), huge).has_value();
    };
    CHECK(taken(kMaxPart, 100));
    CHECK_FALSE(taken(kMaxPart + 1, 100));
    CHECK_FALSE(taken(512, std::size_t{10} << 20));
  }
  SUBCASE("sentences that are not fit to be shown, or too many") {
    for (const std::string& text : {std::string(), std::string("a\nb"), std::string("\x1b[1m"),
                                    std::string("::error"), std::string(3000, 'x')}) {
      CAPTURE(text);
      CHECK_FALSE(believed([&](ArchiveHeaders& all) { all.notes = {text}; }));
      CHECK_FALSE(believed([&](ArchiveHeaders& all) {
        all.refused = Error{Code::integrity, text};
      }));
    }
    CHECK(believed([](ArchiveHeaders& all) { all.notes.assign(5, "odd"); }));
    CHECK_FALSE(believed([](ArchiveHeaders& all) { all.notes.assign(6, "odd"); }));
  }
  SUBCASE("an answer that is cut off, or goes on") {
    const std::string answer = headers_bytes(honest);
    for (std::size_t n = 0; n < answer.size(); ++n) {
      CHECK_FALSE(headers_from_bytes(as_bytes(answer.substr(0, n)), part).has_value());
    }
    CHECK_FALSE(headers_from_bytes(as_bytes(answer + "x"), part).has_value());
  }
}

namespace {

std::shared_ptr<const Fd> opened(const std::string& path) {
  auto file = open_named_file(path);
  REQUIRE(file.has_value());
  return std::make_shared<const Fd>(std::move(*file));
}

}  // namespace

TEST_CASE("archive index: read by a runner or here it is the same") {
  const test::TempDirectory directory;
  for (const std::string& bytes :
       {odd_tar(), odd_tar().substr(0, 5000), test::tar({{.name = "../a"}}), std::string("no tar"),
        test::tar(
            {{.name = "a", .body = std::string(300'000, 'a')}, {.name = "b", .body = "b"}})}) {
    const std::string path = directory.write("a.tar", bytes);
    test::TaskHere runner(archive_task);
    const auto apart = ArchiveIndex::build(opened(path), path, &runner);
    const auto here = ArchiveIndex::build(opened(path), path, nullptr);
    CHECK(runner.runs > 0);
    REQUIRE(apart.has_value() == here.has_value());
    if (!here) {
      CHECK(apart.error().code == here.error().code);
      CHECK(apart.error().what == here.error().what);
      continue;
    }
    CHECK(apart->notes() == here->notes());
    REQUIRE(apart->members().size() == here->members().size());
    for (const auto& [name, member] : here->members()) {
      REQUIRE(apart->members().count(name) == 1);
      CHECK(apart->members().at(name).offset == member.offset);
      CHECK(apart->members().at(name).size == member.size);
    }
  }
}

TEST_CASE("archive index: it takes as many members as it says, and no more") {
  const test::TempDirectory directory;
  const std::string path = directory.write("a.tar", "");
  const auto code = [&](std::size_t members) {
    std::filesystem::resize_file(path, 512 * members);
    test::TaskHere every_block([](ByteView input) {
      WireReader in(input);
      const std::uint64_t file_size = in.number();
      std::uint64_t offset = in.number();
      const std::uint64_t end = offset + (in.text(), in.rest().size());
      ArchiveHeaders headers;
      for (offset += 512; offset <= end; offset += 512) {
        headers.members.push_back({"", {.offset = offset}});
      }
      if (end < file_size) headers.next = {.offset = end, .least = 1, .state = {}};
      return headers_bytes(headers);
    });
    const auto index = ArchiveIndex::build(opened(path), path, &every_block);
    return index ? std::nullopt : std::make_optional(index.error().code);
  };
  CHECK_FALSE(code(kMaxMembers).has_value());
  CHECK(code(kMaxMembers + 1) == Code::limit_entries);
}

TEST_CASE("archive index: without a worker that can be believed it is an error with the name") {
  const test::TempDirectory directory;
  const std::string path = directory.write("a.tar", test::tar({{.name = "a", .body = "a"}}));
  test::TaskLost lost;
  test::TaskHere lies([](ByteView) { return std::string("nothing that is an answer"); });
  for (TaskRunner* runner : std::initializer_list<TaskRunner*>{&lost, &lies}) {
    const auto index = ArchiveIndex::build(opened(path), path, runner);
    REQUIRE_FALSE(index.has_value());
    CHECK(index.error().code == Code::worker_crash);
    CHECK(
        index.error().what.starts_with("the headers of the archive '" + path + "' are not known"));
  }
}

TEST_CASE("archive index: a worker that asks for ever more is not asked for ever") {
  const test::TempDirectory directory;
  const std::string path = directory.write("a.tar", std::string(std::size_t{4} << 20, 'x'));
  test::TaskHere greedy([](ByteView input) {
    WireReader in(input);
    const std::uint64_t file_size = in.number(), offset = in.number();
    const std::size_t state = in.text().size();
    const std::uint64_t behind = offset + in.rest().size() + 512;
    ArchiveHeaders headers;
    if (behind < file_size) {
      headers.next = {.offset = behind,
                      .least = 1,
                      .state = std::string(std::max(state, std::size_t{9} << 20), 's')};
    }
    return headers_bytes(headers);
  });
  const auto index = ArchiveIndex::build(opened(path), path, &greedy);
  REQUIRE_FALSE(index.has_value());
  CHECK(index.error().code == Code::limit_bytes);
  CHECK(greedy.runs < 12);
}
