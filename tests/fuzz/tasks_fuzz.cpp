// What a worker answers to tasks, and what the process says that reads git's files: any bytes are
// taken apart within bounds, and what is believed is written as the same bytes.  The first letter
// says whose answer it is: l(ockfile), f(acts), m(atches), s(imple page), n(pmrc), g (Cargo's
// configuration), a(rchive), u(npacked); of git c(ompared), o(bjects found), p(aths), e(rror).  A
// t(ar) is read in parts, which is the same as at once; what is z(ipped) is unpacked.

#include <algorithm>

#include "acquire/archive_headers.h"
#include "acquire/git/messages.h"
#include "acquire/packages/project_config.h"
#include "acquire/packages/simple_page.h"
#include "acquire/unpacked_archive.h"
#include "fuzz/expect.h"
#include "lockfiles/apart.h"
#include "lockfiles/names.h"
#include "review/apart.h"

namespace {

using namespace minescan;
using fuzz::expect;

void lockfile(ByteView bytes) {
  static const std::string kText = "a==1\nb==2\n-r c.txt\n";
  static const lockfiles::Asked kAsked = {.path = "requirements.txt",
                                          .files = {{"c.txt", std::string("c==3\n")}}};
  const auto answer = lockfiles::answer_from_bytes(bytes, kAsked, as_bytes(kText));
  if (!answer) return;
  expect(as_text(bytes) == lockfiles::answer_bytes(*answer), "other bytes than were read");
  if (!answer->wanted.empty() || !answer->outcome) return;
  for (const Dependency& entry : answer->outcome->dependencies) {
    expect(lockfiles::is_package_name(entry.ecosystem, entry.name), "a name is one");
    expect(entry.line >= 1 && entry.line <= 4, "an entry lies in its file");
  }
}

void facts(ByteView bytes) {
  const auto lines = review::fact_lines_from_bytes(bytes, "Dockerfile", "FROM a\nFROM b\n");
  if (!lines) return;
  for (const review::Line& line : *lines) {
    expect(line.line >= 1 && line.line <= 3, "a line lies in its text");
    expect(line.text.find_first_of("\r\n") == std::string::npos, "a line is one");
  }
}

const match::SignatureSet& signatures() {
  static const auto kSet = match::SignatureSet::compile({{"s.yaml", R"(
- indicator: a
  literal: abcd
  in: [change]
  hits: [abcd]
  misses: [dcba]
- rule: MSN1001
  name: A
  title: A.
  description: A.
  class: miner
  family: test
  level: error
  confidence: high
  when: a
  help: Remove it.
  references: ['https://minescan.example/a']
  attack: T1496.001
  in: [change]
  hits: [abcd]
  misses: [dcba]
)"}});
  expect(kSet.has_value(), "the signatures are right");
  return **kSet;
}

void matches(ByteView bytes) {
  const std::vector<std::string> texts = {"abcdabc", "", "a"};
  const auto answer = review::matches_from_bytes(bytes, texts, signatures());
  if (!answer) return;
  expect(as_text(bytes) == review::matches_bytes(*answer), "other bytes than were read");
  if (!*answer) return;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const match::Match& match : (**answer)[i]) {
      expect(match.start + match.length <= texts[i].size(), "a match lies in its text");
    }
  }
}

void page(ByteView bytes) {
  const auto answer = acquire::simple_page_from_bytes(bytes, 1000);
  if (!answer) return;
  expect(as_text(bytes) == acquire::simple_page_bytes(*answer), "other bytes than were read");
}

void npmrc(ByteView bytes) {
  const auto answer = acquire::npmrc_from_bytes(bytes, 100);
  if (answer) expect(as_text(bytes) == acquire::npmrc_bytes(*answer), "other bytes than were read");
}

void cargo_file(ByteView bytes) {
  const auto answer = acquire::cargo_file_from_bytes(bytes, 1000);
  if (!answer) return;
  expect(as_text(bytes) == acquire::cargo_file_bytes(*answer), "other bytes than were read");
}

acquire::ArchiveHeaders believed(const std::string& answer, const acquire::ArchivePart& part) {
  auto headers = acquire::headers_from_bytes(as_bytes(answer), part);
  expect(headers.has_value(), "what a worker says of an archive is believed");
  return std::move(*headers);
}

void archive(ByteView bytes) {
  static const std::string kPart(2048, 'x');
  const acquire::ArchivePart part{
      .file_size = 8192, .offset = 1024, .bytes = as_bytes(kPart), .state = "s"};
  const auto headers = acquire::headers_from_bytes(bytes, part);
  if (!headers) return;
  expect(as_text(bytes) == acquire::headers_bytes(*headers), "other bytes than were read");
  std::uint64_t behind = part.offset;
  for (const auto& [name, member] : headers->members) {
    expect(acquire::clean_name(name) == name, "a name is clean");
    expect(member.offset >= behind + 512 && member.offset <= part.offset + kPart.size(),
           "a member lies behind the one before");
    behind = member.offset + member.size;
    expect(behind >= member.offset && behind <= part.file_size, "a body lies in the file");
  }
  if (headers->next) expect(headers->next->offset >= behind, "it is gone on behind all bodies");
}

void tar(ByteView bytes) {
  acquire::ArchivePart part{.file_size = bytes.size(), .bytes = bytes, .state = {}};
  const std::string once = acquire::archive_task(as_bytes(acquire::part_bytes(part)));
  static_cast<void>(believed(once, part));
  acquire::ArchiveHeaders all;
  std::uint64_t least = 0;
  while (true) {
    const auto offset = static_cast<std::size_t>(part.offset);
    const std::size_t size = std::max(std::size_t{512}, static_cast<std::size_t>(least));
    part.bytes = bytes.subspan(offset, std::min(bytes.size() - offset, size));
    auto some = believed(acquire::archive_task(as_bytes(acquire::part_bytes(part))), part);
    all.members.insert(all.members.end(), some.members.begin(), some.members.end());
    all.notes.insert(all.notes.end(), some.notes.begin(), some.notes.end());
    all.refused = std::move(some.refused);
    if (!some.next) break;
    part.offset = some.next->offset;
    part.state = std::move(some.next->state);
    least = some.next->least;
  }
  all.notes.resize(std::min(all.notes.size(), acquire::kMaxArchiveNotes));
  expect(acquire::headers_bytes(all) == once, "in parts the headers are the same");
}

void unpacked(ByteView bytes) {
  const auto answer = acquire::unpacked_from_bytes(bytes);
  if (!answer) return;
  expect(as_text(bytes) == acquire::unpacked_bytes(*answer), "other bytes than were read");
}

void zipped(ByteView bytes) {
  constexpr std::size_t kMost = std::size_t{4} << 20;
  MemorySource source(bytes);
  std::size_t made = 0;
  const std::string answer = acquire::unpack_task(source, [&](ByteView some) {
    expect(!some.empty(), "what is given is something");
    made += some.size();
    return made < kMost;
  });
  const auto believed = acquire::unpacked_from_bytes(as_bytes(answer));
  expect(believed.has_value(), "what a worker says of an archive is believed");
  expect(made == 0 || !believed->encoding.empty(), "what is no encoding makes nothing");
}

void compared(ByteView bytes) {
  for (const auto head : {acquire::Revision::Kind::commit, acquire::Revision::Kind::working_tree}) {
    const auto answer = acquire::compared_from_bytes(bytes, head);
    if (!answer) continue;
    expect(as_text(bytes) == acquire::compared_bytes(*answer), "other bytes than were read");
    for (const acquire::FileChange& change : answer->changes) {
      expect(("/" + change.path + "/").find("/../") == std::string::npos, "a path is in the tree");
    }
  }
}

void objects(ByteView bytes) {
  const auto answer = acquire::found_from_bytes(bytes, 2);
  if (!answer) return;
  expect(answer->size() == 2, "as many as were asked for");
  expect(as_text(bytes) == acquire::found_bytes(*answer), "other bytes than were read");
}

void paths(ByteView bytes) {
  const auto answer = acquire::paths_from_bytes(bytes);
  if (!answer) return;
  expect(as_text(bytes) == acquire::paths_bytes(*answer), "other bytes than were read");
  for (std::size_t i = 1; i < answer->size(); ++i) {
    expect((*answer)[i - 1] < (*answer)[i], "paths are in order");
  }
}

void error(ByteView bytes) {
  const auto answer = acquire::error_from_bytes(bytes);
  if (answer) expect(as_text(bytes) == acquire::error_bytes(*answer), "other bytes than were read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'l':
      lockfile(bytes);
      break;
    case 'f':
      facts(bytes);
      break;
    case 'm':
      matches(bytes);
      break;
    case 's':
      page(bytes);
      break;
    case 'n':
      npmrc(bytes);
      break;
    case 'g':
      cargo_file(bytes);
      break;
    case 'a':
      archive(bytes);
      break;
    case 't':
      tar(bytes);
      break;
    case 'u':
      unpacked(bytes);
      break;
    case 'z':
      zipped(bytes);
      break;
    case 'c':
      compared(bytes);
      break;
    case 'o':
      objects(bytes);
      break;
    case 'p':
      paths(bytes);
      break;
    case 'e':
      error(bytes);
      break;
    default:
      break;
  }
  return 0;
}
