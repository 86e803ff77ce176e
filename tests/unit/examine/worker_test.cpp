// What is between a parent and its confined workers: the ring, the messages, the confinement.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "examine/collector.h"
#include "examine/examine.h"
#include "examine/worker/desk.h"
#include "support/archives.h"
#include "support/compressors.h"
#include "support/signatures.h"

using namespace minescan;
using namespace minescan::examine::worker;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 24);
  return bytes;
}

// Both sides of a ring in one process; a condition stands in for the channel.
struct Sides {
  RingWriter writer;
  std::unique_ptr<RingSource> reader;
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false, room = false, ended = false;

  Sides() : writer(*RingWriter::create()) {
    auto source = RingSource::map(writer.input(), writer.page(),
                                  {.wait =
                                       [this] {
                                         std::unique_lock lock(mutex);
                                         changed.wait(lock, [&] { return woken || ended; });
                                         woken = false;
                                         if (ended) reader->end(std::nullopt);
                                       },
                                   .room = [this] { tell(room); }});
    REQUIRE(source.has_value());
    reader = std::move(*source);
    reader->begin();
  }
  void tell(bool& flag) {
    const std::lock_guard lock(mutex);
    flag = true;
    changed.notify_all();
  }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto span = writer.room();
      REQUIRE(span.has_value());
      if (span->empty()) {
        writer.ask_for_room();
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::milliseconds(5), [&] { return room; });
        room = false;
        continue;
      }
      const std::size_t n = std::min({span->size(), bytes.size(), std::size_t{77'777}});
      std::copy_n(bytes.begin(), n, reinterpret_cast<char*>(span->data()));
      if (writer.publish(n)) tell(woken);
      bytes.remove_prefix(n);
    }
    tell(ended);
  }
};

std::string read_all(Source& source, const std::vector<std::size_t>& wants) {
  std::string got;
  for (std::size_t i = 0;; ++i) {
    const std::size_t want = wants[i % wants.size()];
    const ByteView view = source.peek(want);
    if (view.empty()) return got;
    const std::size_t n = std::min(view.size(), want - want / 3);
    got += as_text(view.first(n));
    source.skip(n);
  }
}

Unit unit() { return {.kind = Unit::Kind::file, .name = "unit", .size = 1}; }

Trail trail_of(const std::string& name) {
  return {{{Step::Kind::unit, "unit"}, {Step::Kind::member, name}}};
}

Record small_record() {
  Record record;
  record.evidence.push_back({.indicator = "marker", .trail = trail_of("a"), .excerpt = "x"});
  record.gaps.push_back({.trail = trail_of("b"), .reason = GapReason::decode_corrupt});
  record.unit_bytes = 7;
  return record;
}

std::shared_ptr<Nursery> nursery() {
  const auto matcher = match::Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  auto made = Nursery::start({.matcher = matcher->get(), .limits = {}, .told = {}});
  REQUIRE(made.has_value());
  return std::move(*made);
}

std::string sample() {
  return test::gzip(
      test::tar({{"a.txt", "one MINESCAN-TEST-MARKER two"}, {"b.bin", pattern(300'000)}}));
}

// Every event as a line.
class Lines final : public Observer {
 public:
  void on_node(const Trail& trail, std::string_view type, ViewKind /*view*/) override {
    text += "node " + trail.text() + " " + std::string(type) + "\n";
  }
  void on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) override {
    text += "block " + trail.text() + " " + std::to_string(offset) + " " +
            std::to_string(bytes.size()) + "\n";
  }
  void on_view(const Trail& trail, ViewKind /*kind*/, ByteView bytes) override {
    text += "view " + trail.text() + " " + std::string(as_text(bytes)) + "\n";
  }
  void on_words(const Trail& trail, ViewKind /*kind*/, const std::string& indicator,
                const std::string& words) override {
    text += "words " + trail.text() + " " + indicator + words + "\n";
  }
  std::string text;
};

}  // namespace

TEST_CASE("ring: what goes in comes out, however much is looked at, at once and again") {
  const std::string bytes = pattern(5 * kRing + 12'345);
  for (const auto& wants : {std::vector<std::size_t>{1}, std::vector<std::size_t>{100'000, 7},
                            std::vector<std::size_t>{kRing / 2, kRing / 2 + 1, 3 * kRing}}) {
    if (wants.size() == 1) continue;  // a byte at a time is the next case
    Sides sides;
    std::jthread writer([&] { sides.write(bytes); });
    CHECK(read_all(*sides.reader, wants) == bytes);
    CHECK(sides.reader->position() == bytes.size());
  }
  Sides sides;
  std::jthread writer([&] { sides.write(bytes.substr(0, 3000)); });
  CHECK(read_all(*sides.reader, {1}) == bytes.substr(0, 3000));
}

TEST_CASE("ring: a worker's position that cannot be is refused") {
  Sides sides;
  const auto span = sides.writer.room();
  REQUIRE(span.has_value());
  CHECK(span->size() == kRing);
  sides.writer.publish(1000);
  auto& taken = sides.writer.worker_page().taken;
  for (const std::uint64_t wrong :
       {std::uint64_t{1001}, kRing + std::uint64_t{1000}, ~std::uint64_t{0}}) {
    taken = wrong;
    CHECK_FALSE(sides.writer.room().has_value());
  }
  taken = 900;
  REQUIRE(sides.writer.room().has_value());
  CHECK(sides.writer.room()->size() == kRing - 100);
  taken = 899;  // backwards
  CHECK_FALSE(sides.writer.room().has_value());
}

TEST_CASE("ring: a trail is told, cut where it is too long, and refused where it is none") {
  Sides sides;
  CHECK_FALSE(sides.writer.trail().has_value());
  sides.reader->at(trail_of("a/b"));
  CHECK(sides.writer.trail() == trail_of("a/b"));
  sides.reader->at(trail_of(std::string(10'000, 'x')));
  const auto cut = sides.writer.trail();
  REQUIRE(cut.has_value());
  CHECK(cut->steps.size() == 2);
  CHECK(cut->steps[1].name.size() > 2000);
  sides.writer.worker_page().trail_size = 5;
  CHECK_FALSE(sides.writer.trail().has_value());
  sides.writer.worker_page().trail_size = 1'000'000;
  CHECK_FALSE(sides.writer.trail().has_value());
}

TEST_CASE("messages: a record is taken only whole, only of its unit, and only of all bytes") {
  const std::string bytes = finished_bytes({.read = 7, .record = small_record()});
  const auto good = finished_from_bytes(as_bytes(bytes), unit(), 7);
  REQUIRE(good.has_value());
  CHECK(good->record == small_record());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CHECK_FALSE(finished_from_bytes(as_bytes(bytes).first(n), unit(), 7).has_value());
  }
  CHECK_FALSE(finished_from_bytes(as_bytes(bytes + "x"), unit(), 7).has_value());
  Unit other = unit();
  other.name = "other";
  CHECK_FALSE(finished_from_bytes(as_bytes(bytes), other, 7).has_value());
  // More than was given, and less without a gap.
  CHECK_FALSE(finished_from_bytes(as_bytes(bytes), unit(), 6).has_value());
  CHECK(finished_from_bytes(as_bytes(bytes), unit(), 8).has_value());
  Record complete = small_record();
  complete.gaps.clear();
  const std::string less = finished_bytes({.read = 7, .record = complete});
  CHECK(finished_from_bytes(as_bytes(less), unit(), 7).has_value());
  CHECK_FALSE(finished_from_bytes(as_bytes(less), unit(), 8).has_value());
  Record nameless = small_record();
  nameless.evidence[0].trail.steps.clear();
  CHECK_FALSE(
      finished_from_bytes(as_bytes(finished_bytes({.read = 7, .record = nameless})), unit(), 7));
}

TEST_CASE("messages: of what is garbled or cut nothing is passed on that does not fit") {
  struct Case {
    Message kind;
    std::string body;
  };
  const std::array<Case, 3> cases = {
      {{Message::node, node_bytes(trail_of("a"), "ELF", ViewKind::executable)},
       {Message::view, view_bytes(trail_of("a"), ViewKind::kernels, as_bytes("k1\nk2"))},
       {Message::words, words_bytes(trail_of("a"), ViewKind::code, "id", "1 2 3")}}};
  for (const Case& one : cases) {
    Lines lines;
    CHECK(pass_on(one.kind, as_bytes(one.body), unit(), &lines));
    CHECK(lines.text.size() > 5);
    Lines none;
    for (std::size_t n = 0; n < one.body.size(); ++n) {
      CHECK_FALSE(pass_on(one.kind, as_bytes(one.body).first(n), unit(), &none));
      std::string garbled = one.body;
      garbled[n] = static_cast<char>(0xff);
      Lines any;
      pass_on(one.kind, as_bytes(garbled), unit(), &any);
      CHECK(any.text.find("unit") != 0);
    }
    CHECK(none.text.empty());
    Unit other = unit();
    other.name = "other";
    CHECK_FALSE(pass_on(one.kind, as_bytes(one.body), other, &none));
  }
}

TEST_CASE(
    "messages: a frame comes in any pieces, and one of a size or kind that cannot be breaks") {
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
  const Fd one(pair[0]), two(pair[1]);
  REQUIRE(send_frame(one.get(), Message::node, as_bytes("abc"), as_bytes("def"), false));
  REQUIRE(send_frame(one.get(), Message::room, {}, {}, true));
  std::string bytes(64, '\0');
  const ssize_t n = ::recv(two.get(), bytes.data(), bytes.size(), 0);
  REQUIRE(n == 8 + 6 + 8);
  bytes.resize(static_cast<std::size_t>(n));
  FrameReader reader;
  std::string seen;
  for (const char byte : bytes) {
    reader.room()[0] = static_cast<std::byte>(byte);
    reader.added(1);
    while (const auto frame = reader.next()) {
      seen += std::to_string(static_cast<int>(frame->kind)) + ":" +
              std::string(as_text(frame->body)) + " ";
    }
  }
  CHECK(seen == std::to_string(static_cast<int>(Message::node)) + ":abcdef " +
                    std::to_string(static_cast<int>(Message::room)) + ": ");
  CHECK_FALSE(reader.broken());
  for (const std::string& wrong :
       {std::string("\x01\0\0\0", 4) + std::string("\x05\0\0\0", 4),           // room with a body
        std::string("\0\0\0\0\xff\0\0\0", 8),                                  // no such kind
        std::string("\xff\xff\xff\xff", 4) + std::string("\x0b\0\0\0", 4)}) {  // 4 GiB of record
    FrameReader bad;
    std::copy(wrong.begin(), wrong.end(), reinterpret_cast<char*>(bad.room().data()));
    bad.added(wrong.size());
    CHECK_FALSE(bad.next().has_value());
    CHECK(bad.broken());
  }
}

TEST_CASE("worker: a record, its events and an inspection are what this process would make") {
  const std::string bytes = sample();
  Lines here;
  Inspection inspection;
  examine::Collector collector(inspection);
  const auto matcher = match::Matcher::create(test::small_signatures());
  MemorySource first(as_bytes(bytes)), second(as_bytes(bytes));
  const Record expected = examine::examine(unit(), first, **matcher, {}, &here);
  examine::examine(unit(), second, **matcher, {}, &collector);

  const auto process = nursery();
  Desk desk(*process, std::chrono::seconds(60));
  for (unsigned i = 0; i < kMostUnits + 2; ++i) {  // the last ones by a new worker
    Lines there;
    MemorySource source(as_bytes(bytes));
    const auto outcome =
        desk.examine({.unit = unit(), .observed = true, .inspected = true}, source, &there);
    REQUIRE(outcome.record.has_value());
    CHECK(*outcome.record == expected);
    CHECK(outcome.read_to_end);
    CHECK(there.text == here.text);
    REQUIRE(outcome.inspection.nodes.size() == inspection.nodes.size());
    for (std::size_t n = 0; n < inspection.nodes.size(); ++n) {
      CHECK(outcome.inspection.nodes[n].trail == inspection.nodes[n].trail);
      CHECK(outcome.inspection.nodes[n].facts == inspection.nodes[n].facts);
    }
  }
  // What was told before is not told again.
  Lines rest;
  MemorySource source(as_bytes(bytes));
  REQUIRE(desk.examine({.unit = unit(), .observed = true}, source, &rest, 2).record.has_value());
  const auto after_two = here.text.find('\n', here.text.find('\n') + 1) + 1;
  CHECK(rest.text == here.text.substr(after_two));
}

namespace {

// A task that does what its input says.
std::string obey(Task /*task*/, Source& input, const Give& /*give*/, match::Matcher& /*matcher*/) {
  const std::string all = read_all(input, {1});
  const std::string_view text = all;
  if (text == "crash") std::abort();
  if (text == "open") return ::open("/", O_RDONLY) >= 0 ? "opened" : "refused";
  if (text == "memory") throw std::bad_alloc();
  if (text == "fail") throw std::runtime_error("so");
  if (text == "stand still") std::this_thread::sleep_for(std::chrono::hours(1));
  return std::to_string(text.size()) + std::string(text.substr(0, 3));
}

class Collected final : public TaskStream {
 public:
  explicit Collected(std::string_view input) : source_(as_bytes(input)) {}
  Result<Source*> begin() override { return &source_; }
  Result<void> take(ByteView bytes) override {
    if (bytes.size() > most - made.size()) return fail(Code::limit_bytes, "enough");
    made += as_text(bytes);
    return {};
  }
  bool end(ByteView bytes) override {
    answer = as_text(bytes);
    return believes;
  }

  std::string made, answer;
  std::size_t most = std::size_t{64} << 20;
  bool believes = true;

 private:
  MemorySource source_;
};

Desk::Performed perform(Desk& at, std::string_view input, std::string& answer,
                        bool believes = true) {
  Collected asked(input);
  asked.believes = believes;
  auto performed = at.perform(Task::facts, asked);
  answer = asked.answer;
  return performed;
}

}  // namespace

TEST_CASE("worker: a task is answered, and whatever happens to its worker the next one is too") {
  const auto matcher = match::Matcher::create(test::small_signatures());
  const auto process =
      Nursery::start({.matcher = matcher->get(), .limits = {}, .perform = obey, .told = {}});
  REQUIRE(process.has_value());
  Desk desk(**process, std::chrono::seconds(60)), impatient(**process, std::chrono::seconds(1));
  std::string answer;
  const auto works = [&] {
    REQUIRE(perform(desk, "hello", answer).done.has_value());
    CHECK(answer == "5hel");
  };
  works();
  // More than the ring holds.
  const std::string large = pattern(3 * kRing + 17);
  REQUIRE(perform(desk, large, answer).done.has_value());
  CHECK(answer == std::to_string(large.size()) + large.substr(0, 3));
  REQUIRE(perform(desk, "", answer).done.has_value());
  CHECK(answer == "0");

  const auto crash = perform(desk, "crash", answer);
  CHECK(crash.lost);
  CHECK(crash.done.error().code == Code::worker_crash);
  works();
  const auto still = perform(impatient, "stand still", answer);
  CHECK(still.lost);
  CHECK(still.done.error().code == Code::worker_timeout);
  works();
  const auto lie = perform(desk, "hello", answer, false);
  CHECK(lie.lost);
  CHECK(lie.done.error().code == Code::worker_crash);
  works();
  if ((*process)->confinement()->seccomp) {
    const auto open = perform(desk, "open", answer);
    CHECK(open.lost);
    CHECK(open.done.error().what.find("signal 31") != std::string::npos);
  }
  const auto memory = perform(desk, "memory", answer);
  CHECK_FALSE(memory.lost);
  CHECK(memory.done.error().code == Code::limit_memory);
  const auto fault = perform(desk, "fail", answer);
  CHECK_FALSE(fault.lost);
  CHECK(fault.done.error().what == "minescan failed on it: so");
  works();
  // Units and tasks may come in turn, and no unit is told a task's answer.
  const std::string bytes = sample();
  MemorySource source(as_bytes(bytes));
  CHECK(desk.examine({.unit = unit()}, source, nullptr).record.has_value());
  works();
}

namespace {

// Past what a worker says when it is one: straight into its socket.
void say(Message kind, ByteView body) { static_cast<void>(send_frame(3, kind, body, {}, true)); }

// Makes everything twice, or what its input says.
std::string twice(Task /*task*/, Source& input, const Give& give, match::Matcher& /*matcher*/) {
  constexpr std::string_view kMore = "more";
  const std::string text(as_text(input.peek(20)));
  if (text == "empty") say(Message::piece, {});
  if (text == "long") say(Message::piece, as_bytes(std::string(kMostPieceBytes + 1, 'x')));
  if (text == "node") say(Message::node, as_bytes(node_bytes(trail_of("a"), "b", ViewKind::text)));
  if (text == "behind") {
    say(Message::answer, as_bytes("so"));
    say(Message::piece, as_bytes(kMore));
  }
  if (text == "for ever") {
    while (give(as_bytes(kMore))) {
    }
  }
  for (bool first = true; text == "room"; first = false) {
    if (!first) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    say(Message::room, {});
    say(Message::ready, {});
  }
  // The head of a piece of 64 KiB, and then a byte of it now and then.
  for (std::string bytes("\0\0\1\0", 4); text == "drip"; bytes = "x") {
    if (bytes.size() > 1) {
      bytes += static_cast<char>(Message::piece);
      bytes += std::string(3, '\0');
    }
    static_cast<void>(::write(3, bytes.data(), bytes.size()));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (ByteView bytes = input.peek(1); !bytes.empty(); bytes = input.peek(1)) {
    give(bytes);
    give(bytes);
    input.skip(bytes.size());
  }
  if (text == "crash") std::abort();
  if (text == "memory") throw std::bad_alloc();
  if (text == "stand still") std::this_thread::sleep_for(std::chrono::hours(1));
  return std::to_string(input.position());
}

}  // namespace

TEST_CASE("worker: what a task makes comes in order, and what no worker sends ends it") {
  const auto matcher = match::Matcher::create(test::small_signatures());
  const auto process =
      Nursery::start({.matcher = matcher->get(), .limits = {}, .perform = twice, .told = {}});
  REQUIRE(process.has_value());
  Desk desk(**process, std::chrono::seconds(60)), impatient(**process, std::chrono::seconds(1));
  const auto works = [&] {
    Collected hello("hello");
    REQUIRE(desk.perform(Task::unpack, hello).done.has_value());
    CHECK(hello.made == "hellohello");
    CHECK(hello.answer == "5");
  };
  works();
  // Many times what the ring and a socket hold, while more goes in.
  const std::string large = pattern(9 * kRing + 17);
  Collected all(large);
  REQUIRE(desk.perform(Task::unpack, all).done.has_value());
  CHECK(all.made.size() == 2 * large.size());
  CHECK(all.made.substr(0, 1000) == large.substr(0, 1000));
  CHECK(all.made.substr(all.made.size() - 17) == large.substr(large.size() - 17));
  CHECK(all.answer == std::to_string(large.size()));
  Collected nothing("");
  REQUIRE(desk.perform(Task::unpack, nothing).done.has_value());
  CHECK(nothing.made.empty());

  for (const char* bad : {"crash", "empty", "long", "node"}) {
    Collected one(bad);
    const auto performed = desk.perform(Task::unpack, one);
    INFO(bad);
    CHECK(performed.lost);
    CHECK(performed.done.error().code == Code::worker_crash);
    works();
  }
  for (const char* slow : {"stand still", "room", "drip"}) {
    Collected one(slow);
    const auto performed = impatient.perform(Task::unpack, one);
    INFO(slow);
    CHECK(performed.lost);
    CHECK(performed.done.error().code == Code::worker_timeout);
  }
  Collected memory("memory");
  const auto starved = desk.perform(Task::unpack, memory);
  CHECK_FALSE(starved.lost);
  CHECK(starved.done.error().code == Code::limit_memory);
  works();
  // More than is wanted is no fault of the worker, which is ended all the same.
  Collected endless("for ever");
  endless.most = 1'000'000;
  const auto enough = desk.perform(Task::unpack, endless);
  CHECK_FALSE(enough.lost);
  CHECK(enough.done.error().what == "enough");
  CHECK(endless.made.size() == 1'000'000);
  works();
  // What comes behind an answer is taken for no other one's.
  Collected behind("behind"), next("hello");
  REQUIRE(desk.perform(Task::unpack, behind).done.has_value());
  CHECK(behind.answer == "so");
  CHECK(desk.perform(Task::facts, next).lost);
  works();
  // Nor may a task that only answers make anything.
  Collected facts("hello");
  CHECK(desk.perform(Task::facts, facts).lost);
  CHECK(facts.made.empty());
}

TEST_CASE("worker: everything that no worker may do ends it") {
  const auto process = nursery();
  const auto confinement = process->confinement();
  REQUIRE(confinement.has_value());
  Desk desk(*process, std::chrono::seconds(60));
  for (std::size_t i = 0; i < attempts().size(); ++i) {
    const auto outcome = desk.attempt(i);
    REQUIRE(outcome.has_value());
    INFO(std::string(attempts()[i].name) << ": " << outcome->what);
    if (confinement->seccomp) {
      CHECK_FALSE(outcome->possible);
      CHECK(outcome->what.find("signal 31") != std::string::npos);
    }
  }
  // And the next one works.
  const std::string bytes = sample();
  MemorySource source(as_bytes(bytes));
  CHECK(desk.examine({.unit = unit()}, source, nullptr).record.has_value());
}

TEST_CASE("worker: how a process ended is told in words") {
  CHECK(ending(SIGSEGV) == "it crashed (signal 11)");
  CHECK(ending(SIGSYS).find("system call") != std::string::npos);
  CHECK(ending(SIGKILL).find("killed") != std::string::npos);
  CHECK(ending(3 << 8) == "it ended by itself with status 3");
}
