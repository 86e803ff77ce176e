#include "acquire/unpacked_archive.h"

#include <doctest/doctest.h>

#include "acquire/file_source.h"
#include "acquire/files.h"
#include "base/wire.h"
#include "support/compressors.h"
#include "support/image_bytes.h"
#include "support/reading.h"
#include "support/task_here.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 30;

std::shared_ptr<const Fd> opened(const std::string& path) {
  auto file = open_named_file(path);
  REQUIRE(file.has_value());
  return std::make_shared<const Fd>(std::move(*file));
}

std::string bytes_of(const std::shared_ptr<const Fd>& file) {
  FileSource source(file, "it");
  return test::read_all(source).bytes;
}

// A worker that makes and says whatever it likes, of what it reads.
class Lying final : public TaskRunner {
 public:
  Lying(std::vector<std::string> pieces, std::string answer, bool reads = true)
      : pieces_(std::move(pieces)), answer_(std::move(answer)), reads_(reads) {}
  Result<void> run_stream(Task /*task*/, TaskStream& stream) override {
    MINESCAN_TRY_ASSIGN(Source* const input, stream.begin());
    if (reads_) test::read_all(*input);
    for (const std::string& piece : pieces_) MINESCAN_TRY(stream.take(as_bytes(piece)));
    if (stream.end(as_bytes(answer_))) return {};
    return fail(Code::worker_crash, "it was not believed");
  }

 private:
  std::vector<std::string> pieces_;
  std::string answer_;
  bool reads_;
};

Result<std::shared_ptr<const Fd>> unpacked(const test::TempDirectory& directory,
                                           const std::string& bytes, TaskRunner* tasks = nullptr,
                                           std::uint64_t limit = kMost) {
  const std::string path = directory.write("a.tar.gz", bytes);
  return unpacked_archive(opened(path), path, limit, tasks);
}

Error error_of(const Result<std::shared_ptr<const Fd>>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

}  // namespace

TEST_CASE("unpacked archive: what every encoding decodes to, zeros behind it or none") {
  const test::TempDirectory directory;
  const std::string tar = test::tar_bytes({{"a", test::numbers(3'000'000)}});
  for (const std::string& packed :
       {test::gzip(tar), test::zstd(tar), test::xz(tar), test::bzip2(tar), test::lz4(tar)}) {
    for (const std::string& bytes : {packed, packed + std::string(100'000, '\0')}) {
      const auto file = unpacked(directory, bytes);
      REQUIRE(file.has_value());
      CHECK(bytes_of(*file) == tar);
    }
  }
  const auto nothing = unpacked(directory, test::gzip(""));
  REQUIRE(nothing.has_value());
  CHECK(bytes_of(*nothing).empty());
}

TEST_CASE("unpacked archive: what is not compressed is the file itself") {
  const test::TempDirectory directory;
  for (const std::string& bytes :
       {test::tar_bytes({{"a", "b"}}), std::string("no tar"), std::string()}) {
    const auto file = opened(directory.write("a.tar", bytes));
    const auto same = unpacked_archive(file, "a.tar", kMost, nullptr);
    REQUIRE(same.has_value());
    CHECK(*same == file);
  }
}

TEST_CASE("unpacked archive: cut off, broken, followed or above the limit it is an error") {
  const test::TempDirectory directory;
  const std::string tar = test::tar_bytes({{"a", test::numbers(300'000)}});
  const std::string packed = test::gzip(tar);
  const Error cut = error_of(unpacked(directory, packed.substr(0, packed.size() / 2)));
  CHECK(cut.code == Code::truncated);
  CHECK(cut.what.find("a.tar.gz': gzip data ends before its format says so") != std::string::npos);
  std::string broken = packed;
  broken.replace(packed.size() / 2, 100, 100, '\xff');
  CHECK(error_of(unpacked(directory, broken)).code == Code::corrupt);
  const Error followed = error_of(unpacked(directory, packed + std::string(9, '\0') + "x"));
  CHECK(followed.code == Code::corrupt);
  CHECK(followed.what.find("more bytes behind its gzip data") != std::string::npos);
  const Error large = error_of(unpacked(directory, packed, nullptr, tar.size() - 1));
  CHECK(large.code == Code::limit_bytes);
  CHECK(large.what.find("unpacks to more than " + std::to_string(tar.size() - 1) + " bytes") !=
        std::string::npos);
  CHECK(unpacked(directory, packed, nullptr, tar.size()).has_value());
}

TEST_CASE("unpacked archive: a worker that makes more than the limit is not believed to the end") {
  const test::TempDirectory directory;
  const std::string whole = unpacked_bytes({.encoding = "gzip", .fault = std::nullopt});
  const std::string packed = test::gzip("x");
  Lying within({"12345", "67890"}, whole), above({"12345", "678901"}, whole);
  const auto file = unpacked(directory, packed, &within, 10);
  REQUIRE(file.has_value());
  CHECK(bytes_of(*file) == "1234567890");
  CHECK(error_of(unpacked(directory, packed, &above, 10)).code == Code::limit_bytes);
}

TEST_CASE("unpacked archive: without a worker that can be believed it is an error with the name") {
  const test::TempDirectory directory;
  const std::string whole = unpacked_bytes({.encoding = "gzip", .fault = std::nullopt});
  test::TaskLost lost;
  Lying nonsense({"a"}, "nothing that is an answer"), silent({}, "");
  // It is no encoding, but something was made of it.
  Lying plain({"a"}, unpacked_bytes({}));
  // Whole, and its end was not read.
  Lying early({"a"}, whole, false);
  for (TaskRunner* runner :
       std::initializer_list<TaskRunner*>{&lost, &nonsense, &silent, &plain, &early}) {
    const Error error = error_of(unpacked(directory, test::gzip("x"), runner));
    CHECK(error.code == Code::worker_crash);
    CHECK(error.what.find("a.tar.gz' is not unpacked: it was") != std::string::npos);
  }
}

TEST_CASE("unpacked archive: an answer is taken only whole, of encodings, and fit to be shown") {
  const Unpacked fault{.encoding = "zstd", .fault = Error{Code::dictionary, "a sentence"}};
  for (const Unpacked& one :
       {Unpacked{.encoding = {}, .fault = std::nullopt},
        Unpacked{.encoding = "xz", .fault = std::nullopt},
        Unpacked{.encoding = "lz4", .followed = true, .fault = std::nullopt}, fault}) {
    const std::string bytes = unpacked_bytes(one);
    const auto read = unpacked_from_bytes(as_bytes(bytes));
    REQUIRE(read.has_value());
    CHECK(unpacked_bytes(*read) == bytes);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      CHECK_FALSE(unpacked_from_bytes(as_bytes(bytes).first(n)).has_value());
    }
    CHECK_FALSE(unpacked_from_bytes(as_bytes(bytes + "x")).has_value());
  }
  const auto read = unpacked_from_bytes(as_bytes(unpacked_bytes(fault)));
  CHECK(read->fault->code == Code::dictionary);
  CHECK(read->fault->what == "a sentence");
  const auto says = [](const std::string& encoding, std::uint64_t end, std::uint64_t code,
                       const std::string& what) {
    WireWriter out;
    out.text(encoding);
    out.number(end);
    if (end == 2) {
      out.number(code);
      out.text(what);
    }
    return unpacked_from_bytes(as_bytes(out.take())).has_value();
  };
  CHECK(says("gzip", 2, 0, "so"));
  CHECK_FALSE(says("gzip", 3, 0, "so"));
  CHECK_FALSE(says("gzip", 2, 99, "so"));
  CHECK_FALSE(says("gzip", 2, 0, ""));
  CHECK_FALSE(says("gzip", 2, 0, "two\nlines"));
  CHECK_FALSE(says("gzip", 2, 0, "\x1b[2J"));
  CHECK_FALSE(says("gzip", 2, 0, std::string(5000, 'x')));
  CHECK_FALSE(says("", 1, 0, ""));
  CHECK_FALSE(says("tar", 0, 0, ""));  // an archive
  CHECK_FALSE(says("7z", 0, 0, ""));   // only recognised
  CHECK_FALSE(says("no such", 0, 0, ""));
}

TEST_CASE("unpacked archive: a sentence of a decoder can always be shown") {
  for (const std::string& what : {std::string("\x1b[2J\n"), std::string(9000, '\x01')}) {
    const Unpacked odd{.encoding = "gzip", .fault = Error{Code::io, what}};
    const auto read = unpacked_from_bytes(as_bytes(unpacked_bytes(odd)));
    REQUIRE(read.has_value());
    CHECK(read->fault->code == Code::corrupt);
  }
}
