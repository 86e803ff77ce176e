#include "acquire/blob_download.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "base/digest.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

Descriptor descriptor(const std::string& bytes) {
  return {.digest = sha256(as_bytes(bytes)), .size = bytes.size()};
}

BlobPause no_pause() {
  return [](int, Cancel&) { return false; };
}

// One answer of a scripted server: a head, bytes, and how it ends.
struct Answer {
  int status = 200;
  std::string range;
  std::string bytes;
  std::optional<Error> error;
  std::string encoding;
};

// Plays the answers in order and keeps where each was asked to begin.
struct Script {
  std::vector<Answer> answers;
  std::vector<std::uint64_t> asked;  // download's thread only, until the source is gone

  BlobFetch fetch() {
    return [this](std::uint64_t from, BodySink& sink, Cancel&) -> Result<Response> {
      asked.push_back(from);
      if (asked.size() > answers.size()) return fail(Code::unreachable, "no more answers");
      const Answer& answer = answers[asked.size() - 1];
      Response head{.status = answer.status};
      if (!answer.range.empty()) head.headers["content-range"] = {answer.range};
      if (!answer.encoding.empty()) head.headers["content-encoding"] = {answer.encoding};
      if (answer.status >= 200 && answer.status < 300) {
        if (!sink.on_head(head)) return fail(Code::unreachable, "stopped by the sink");
        constexpr std::size_t kPiece = 1000;
        for (std::size_t at = 0; at < answer.bytes.size(); at += kPiece) {
          if (!sink.on_bytes(as_bytes(std::string_view(answer.bytes).substr(at, kPiece)))) {
            return fail(Code::unreachable, "stopped by the sink");
          }
        }
      }
      if (answer.error) return tl::unexpected<Error>(*answer.error);
      return head;
    };
  }
};

const Error kBroken{Code::unreachable, "connection reset"};

struct Read {
  std::string text;
  std::optional<Error> fault;
};

Read read_all(Source& source) {
  Read read;
  for (ByteView bytes = source.peek(1); !bytes.empty(); bytes = source.peek(1)) {
    read.text += as_text(bytes);
    source.skip(bytes.size());
  }
  read.fault = source.fault();
  CHECK(source.position() == read.text.size());
  return read;
}

Read run(Script& script, const Descriptor& what) {
  auto source = BlobDownload::start(what, "blob b", script.fetch(), no_pause());
  if (!source) return {.fault = source.error()};
  return read_all(**source);
}

bool is(const Read& read, Code code, const std::string& part) {
  const bool right =
      read.fault && read.fault->code == code && read.fault->what.find(part) != std::string::npos;
  if (!right) MESSAGE((read.fault ? read.fault->what : "no fault"));
  return right;
}

}  // namespace

TEST_CASE("blob: arrives whole, checked by either digest, and an empty one is no fault") {
  const std::string bytes = pattern(3'000'000);
  Script script{.answers = {{.bytes = bytes}}};
  const Read read = run(script, descriptor(bytes));
  CHECK(read.text == bytes);
  CHECK_FALSE(read.fault.has_value());

  Hasher hasher("sha512");
  hasher.update(as_bytes(bytes));
  Script again{.answers = {{.bytes = bytes}}};
  CHECK_FALSE(run(again, {.digest = hasher.finish(), .size = bytes.size()}).fault.has_value());

  Script empty{.answers = {{}}};
  const Read nothing = run(empty, descriptor(""));
  CHECK(nothing.text.empty());
  CHECK_FALSE(nothing.fault.has_value());
}

TEST_CASE("blob: goes on by range where it broke, and may break at every place") {
  const std::string bytes = pattern(5000);
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{999}, std::size_t{1000}, std::size_t{4999}}) {
    CAPTURE(cut);
    Script script{.answers = {{.bytes = bytes.substr(0, cut), .error = kBroken},
                              {.status = 206,
                               .range = "bytes " + std::to_string(cut) + "-4999/5000",
                               .bytes = bytes.substr(cut)}}};
    const Read read = run(script, descriptor(bytes));
    CHECK(read.text == bytes);
    CHECK_FALSE(read.fault.has_value());
    CHECK(script.asked == std::vector<std::uint64_t>{0, cut});
  }
}

TEST_CASE(
    "blob: a 200 in answer to a range begins anew, and what is there already is passed over") {
  const std::string bytes = pattern(5000);
  Script script{.answers = {{.bytes = bytes.substr(0, 2500), .error = kBroken}, {.bytes = bytes}}};
  const Read read = run(script, descriptor(bytes));
  CHECK(read.text == bytes);
  CHECK_FALSE(read.fault.has_value());
}

TEST_CASE("blob: a range that is not the one asked for is never spliced in") {
  const std::string bytes = pattern(5000);
  for (const char* range : {"bytes 0-4999/5000", "bytes 2501-4999/5000", "bytes 2500-4999/6000",
                            "bytes */5000", "2500-4999/5000", ""}) {
    CAPTURE(range);
    Script script{.answers = {{.bytes = bytes.substr(0, 2500), .error = kBroken},
                              {.status = 206, .range = range, .bytes = bytes.substr(2500)}}};
    const Read read = run(script, descriptor(bytes));
    CHECK(is(read, Code::integrity, "from byte 2500"));
    CHECK(read.text == bytes.substr(0, 2500));
  }
  Script unasked{.answers = {{.status = 206, .range = "bytes 0-4999/5000", .bytes = bytes}}};
  CHECK(is(run(unasked, descriptor(bytes)), Code::integrity, "from byte 0"));
}

TEST_CASE(
    "blob: other bytes of the right number are offered, and the fault says that they are others") {
  const std::string bytes = pattern(5000);
  std::string other = bytes;
  other[4999] = 'x';
  Script script{.answers = {{.bytes = other}}};
  const Read read = run(script, descriptor(bytes));
  CHECK(read.text == other);
  CHECK(is(read, Code::integrity, "not the promised sha256:"));
  Script coded{.answers = {{.bytes = other, .encoding = "gzip"}}};
  CHECK(is(run(coded, descriptor(bytes)), Code::integrity, "Content-Encoding 'gzip'"));
  // Spliced by a server that lies about where its range begins.
  Script spliced{
      .answers = {
          {.bytes = bytes.substr(0, 2500), .error = kBroken},
          {.status = 206, .range = "bytes 2500-4999/5000", .bytes = bytes.substr(0, 2500)}}};
  CHECK(is(run(spliced, descriptor(bytes)), Code::integrity, "not the promised"));
}

TEST_CASE("blob: more bytes than promised end it at once, though the first ones be right") {
  const std::string bytes = pattern(5000);
  Script script{.answers = {{.bytes = bytes + "x"}}};
  const Read read = run(script, descriptor(bytes));
  CHECK(read.text == bytes);
  CHECK(is(read, Code::integrity, "more bytes than the 5000"));
  Script unasked{.answers = {{.bytes = "x"}}};
  CHECK(is(run(unasked, descriptor("")), Code::integrity, "more bytes than the 0"));
}

TEST_CASE("blob: fewer bytes than promised are an integrity fault once the server insists") {
  const std::string bytes = pattern(5000);
  const std::string half = bytes.substr(0, 2500);
  for (const Answer& second :
       {Answer{.status = 416}, Answer{.bytes = half}, Answer{.status = 204}}) {
    CAPTURE(second.status);
    Script script{.answers = {{.bytes = half}, second}};
    const Read read = run(script, descriptor(bytes));
    CHECK(read.text == half);
    CHECK(is(read, Code::integrity, "2500 of 5000 bytes"));
  }
  Script nothing{.answers = {{}}};
  CHECK(is(run(nothing, descriptor(bytes)), Code::integrity, "0 of 5000 bytes"));
}

TEST_CASE("blob: a connection that breaks again and again is given up, progress buys more tries") {
  const std::string bytes = pattern(12 << 20);
  Script stuck{.answers = {{.bytes = bytes.substr(0, 100), .error = kBroken}}};
  for (int i = 0; i < 20; ++i) stuck.answers.push_back({.status = 503, .error = kBroken});
  const Read read = run(stuck, descriptor(bytes));
  CHECK(is(read, Code::unreachable, "connection reset (blob b broke off after 100 of"));
  CHECK(stuck.asked.size() == 5);

  Script slow;
  constexpr std::size_t kStep = 1 << 20;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    slow.answers.push_back(
        {.status = at == 0 ? 200 : 206,
         .range = "bytes " + std::to_string(at) + "-" + std::to_string(bytes.size() - 1) + "/*",
         .bytes = bytes.substr(at, kStep),
         .error = kBroken});
  }
  CHECK_FALSE(run(slow, descriptor(bytes)).fault.has_value());
  CHECK(slow.asked.size() == 12);
}

TEST_CASE("blob: an error before the first byte is the answer of start, and not tried again") {
  for (const Code code : {Code::not_found, Code::refused, Code::unreachable}) {
    Script script{.answers = {{.status = 404, .error = Error{code, "the reason"}}}};
    auto source = BlobDownload::start(descriptor("abc"), "blob b", script.fetch(), no_pause());
    REQUIRE_FALSE(source.has_value());
    CHECK(source.error().code == code);
    CHECK(source.error().what == "the reason");
    CHECK(script.asked.size() == 1);
  }
  Script never;
  CHECK_FALSE(
      BlobDownload::start({.digest = "md5:00"}, "b", never.fetch(), no_pause()).has_value());
  CHECK(never.asked.empty());
}

TEST_CASE("blob: an error that no further try can mend ends it with what was read before") {
  const std::string bytes = pattern(5000);
  Script script{.answers = {{.bytes = bytes.substr(0, 10), .error = kBroken},
                            {.status = 403, .error = Error{Code::refused, "expired"}}}};
  const Read read = run(script, descriptor(bytes));
  CHECK(read.text == bytes.substr(0, 10));
  CHECK(is(read, Code::refused, "expired"));
}

TEST_CASE("blob: the download stays a few MiB ahead and no more, and a large look is one piece") {
  const std::string bytes = pattern(24 << 20);
  std::atomic<std::size_t> sent = 0;
  BlobFetch fetch = [&](std::uint64_t, BodySink& sink, Cancel&) -> Result<Response> {
    Response head{.status = 200};
    if (!sink.on_head(head)) return fail(Code::unreachable, "stopped");
    constexpr std::size_t kPiece = 16384;
    for (; sent < bytes.size(); sent += kPiece) {
      if (!sink.on_bytes(as_bytes(std::string_view(bytes).substr(sent, kPiece)))) {
        return fail(Code::unreachable, "stopped");
      }
    }
    return head;
  };
  auto source = *BlobDownload::start(descriptor(bytes), "b", fetch, no_pause());
  std::size_t before = ~std::size_t{0};
  while (before != sent) {
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(sent >= 4 << 20);
  CHECK(sent <= (4 << 20) + (1 << 19));
  source->skip(0);
  CHECK(source->peek(kMaxPeek).size() >= kMaxPeek);
  CHECK(as_text(source->peek(kMaxPeek).first(kMaxPeek)) ==
        std::string_view(bytes).substr(0, kMaxPeek));
  source->skip(kMaxPeek - 7);
  CHECK(as_text(source->peek(100).first(100)) == std::string_view(bytes).substr(kMaxPeek - 7, 100));
  const Read rest = [&] {
    Read read;
    for (ByteView view = source->peek(1); !view.empty(); view = source->peek(1)) {
      read.text += as_text(view);
      source->skip(view.size());
    }
    read.fault = source->fault();
    return read;
  }();
  CHECK(rest.text == bytes.substr(kMaxPeek - 7));
  CHECK_FALSE(rest.fault.has_value());
}

TEST_CASE("blob: leaving early ends the download, wherever it waits") {
  const std::string bytes = pattern(24 << 20);
  const auto begin = std::chrono::steady_clock::now();
  {  // in a full buffer
    Script script{.answers = {{.bytes = bytes}}};
    auto source = *BlobDownload::start(descriptor(bytes), "b", script.fetch(), no_pause());
    CHECK_FALSE(source->peek(1).empty());
  }
  {  // between two tries
    Script script{.answers = {{.bytes = bytes.substr(0, 100), .error = kBroken}}};
    BlobPause pause = [](int, Cancel& cancel) { return cancel.wait(std::chrono::seconds(60)); };
    auto source = *BlobDownload::start(descriptor(bytes), "b", script.fetch(), pause);
    CHECK(source->peek(1).size() == 100);
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST_CASE("content range: only what RFC 9110 writes is one") {
  const auto range = parse_content_range("bytes 10-19/20");
  REQUIRE(range.has_value());
  CHECK(range->first == 10u);
  CHECK(range->last == 19u);
  CHECK(range->total == 20u);
  CHECK_FALSE(parse_content_range("bytes 10-19/*")->total.has_value());
  CHECK_FALSE(parse_content_range("bytes */20")->first.has_value());
  for (const char* text :
       {"", "bytes", "bytes 10-19", "bytes */*", "bytes 19-10/20", "bytes 10-20/20", "bytes -5/20",
        "bytes 10-/20", "bytes a-b/c", "bytes 10-19/20x", "bytes 10-99999999999999999999/*",
        "items 10-19/20", "bytes=10-19/20", "bytes  10-19/20"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_content_range(text).has_value());
  }
}

TEST_CASE("blob: without a promised size the end of the answer is the end, and the digest judges") {
  const std::string bytes = pattern(5000);
  const std::string right = sha256(as_bytes(bytes));
  const std::string wrong = sha256(as_bytes("other"));
  const auto read = [&](Script& script, std::vector<std::string> digests, std::uint64_t limit) {
    auto source = BlobDownload::start(
        Promise{.digests = std::move(digests), .limit = limit, .limit_option = "--more"}, "blob b",
        script.fetch(), no_pause());
    return source ? read_all(**source) : Read{.fault = source.error()};
  };
  Script whole{.answers = {{.bytes = bytes}}};
  CHECK_FALSE(read(whole, {right}, 5000).fault.has_value());
  Script either{.answers = {{.bytes = bytes}}};
  CHECK_FALSE(read(either, {wrong, right}, 5000).fault.has_value());
  Script other{.answers = {{.bytes = bytes}}};
  CHECK(is(read(other, {wrong}, 5000), Code::integrity, right + ", not the promised " + wrong));
  Script nobody{.answers = {{.bytes = bytes}}};
  CHECK_FALSE(read(nobody, {}, 5000).fault.has_value());

  Script resumed{
      .answers = {{.bytes = bytes.substr(0, 1500), .error = kBroken},
                  {.status = 206, .range = "bytes 1500-4999/5000", .bytes = bytes.substr(1500)}}};
  CHECK(read(resumed, {right}, 5000).text == bytes);
  Script at_the_end{
      .answers = {{.bytes = bytes, .error = kBroken}, {.status = 416, .range = "bytes */5000"}}};
  CHECK_FALSE(read(at_the_end, {right}, 5000).fault.has_value());
  Script shorter{.answers = {{.bytes = bytes, .error = kBroken}, {.bytes = bytes.substr(0, 100)}}};
  CHECK(read(shorter, {right}, 5000).fault.has_value());

  Script long_one{.answers = {{.bytes = bytes}}};
  const Read cut = read(long_one, {right}, 4999);
  CHECK(is(cut, Code::limit_bytes, "--more"));
  CHECK(cut.text == bytes.substr(0, 4999));
}

TEST_CASE("blob: without a digest nothing is put together out of two answers") {
  Script script{.answers = {{.bytes = pattern(1500), .error = kBroken}, {.bytes = pattern(5000)}}};
  auto source = BlobDownload::start(Promise{}, "blob b", script.fetch(), no_pause());
  REQUIRE(source.has_value());
  const Read read = read_all(**source);
  CHECK(is(read, Code::unreachable, "broke off after 1500 bytes"));
  CHECK(script.asked.size() == 1);
}
