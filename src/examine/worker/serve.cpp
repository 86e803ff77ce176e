#include "examine/worker/serve.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "base/wire.h"
#include "examine/aside.h"
#include "examine/collector.h"
#include "examine/examine.h"
#include "examine/lost.h"
#include "examine/worker/confine.h"
#include "examine/worker/messages.h"
#include "examine/worker/ring.h"

namespace minescan::examine::worker {
namespace {

constexpr int kSocket = 3;

void say(Message kind, ByteView body, ByteView more = {}) {
  // Nobody is there to be told.
  if (!send_frame(kSocket, kind, body, more, true)) ::_exit(0);
}
void say(Message kind, const std::string& body) { say(kind, as_bytes(body)); }

// In pieces, as much as is there.
bool give(ByteView made) {
  while (!made.empty()) {
    const ByteView piece = made.first(std::min(made.size(), kMostPieceBytes));
    say(Message::piece, piece);
    made = made.subspan(piece.size());
  }
  return true;
}

// Posts where the examination is, and tells the parent and the collector what they want to see.
class Relay final : public Observer {
 public:
  Relay(RingSource& source, bool observed, Observer* collector)
      : source_(source), observed_(observed), collector_(collector) {}

  void on_node(const Trail& trail, std::string_view type, ViewKind view) override {
    source_.at(trail);
    if (observed_) say(Message::node, node_bytes(trail, type, view));
    if (collector_ != nullptr) collector_->on_node(trail, type, view);
  }
  void on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) override {
    if (observed_) say(Message::block, as_bytes(block_bytes(trail, offset)), bytes);
    if (collector_ != nullptr) collector_->on_block(trail, bytes, offset);
  }
  void on_view(const Trail& trail, ViewKind kind, ByteView bytes) override {
    if (observed_) say(Message::view, view_bytes(trail, kind, bytes));
    if (collector_ != nullptr) collector_->on_view(trail, kind, bytes);
  }
  void on_words(const Trail& trail, ViewKind kind, const std::string& indicator,
                const std::string& words) override {
    if (observed_) say(Message::words, words_bytes(trail, kind, indicator, words));
    if (collector_ != nullptr) collector_->on_words(trail, kind, indicator, words);
  }

 private:
  RingSource& source_;
  const bool observed_;
  Observer* collector_;
};

class Worker {
 public:
  explicit Worker(const Service& service)
      : matcher_(service.matcher), limits_(service.limits), perform_(service.perform) {}

  bool map(int input, int page) {
    auto source = RingSource::map(
        input, page, {.wait = [this] { hear(); }, .room = [] { say(Message::room, ByteView()); }});
    if (!source) return false;
    source_ = std::move(*source);
    matcher_.set_pulse(&source_->pulse());
    aside_.emplace(
        matcher_.shared_signatures(), [this] { return source_->spare(); }, &source_->pulse());
    return true;
  }

  [[noreturn]] void work() {
    while (true) {
      const Frame frame = next();
      if (frame.kind == Message::unit) {
        const auto order = order_from_bytes(frame.body);
        if (!order) ::_exit(kNotSpokenTo);
        examine_unit(*order);
      } else if (frame.kind == Message::task) {
        const auto task = task_from_bytes(frame.body);
        if (!task || perform_ == nullptr) ::_exit(kNotSpokenTo);
        do_task(*task);
      } else if (frame.kind == Message::attempt) {
        attempt(frame.body);
      }
      // Else what was meant for a unit that needed no more bytes.
    }
  }

 private:
  Frame next() {
    while (true) {
      if (const auto frame = reader_.next()) return *frame;
      if (reader_.broken()) ::_exit(kNotSpokenTo);
      const auto room = reader_.room();
      const ssize_t n = ::read(kSocket, room.data(), room.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) ::_exit(0);
      reader_.added(static_cast<std::size_t>(n));
    }
  }

  // Waits for more bytes of a unit.
  void hear() {
    const Frame frame = next();
    if (frame.kind == Message::bytes) return;
    auto fault = frame.kind == Message::end ? end_from_bytes(frame.body) : std::nullopt;
    if (!fault) ::_exit(kNotSpokenTo);
    source_->end(std::move(*fault));
  }

  void examine_unit(const Order& order) {
    source_->begin();
    Inspection inspection;
    Collector collector(inspection);
    Relay relay(*source_, order.observed, order.inspected ? &collector : nullptr);
    Finished finished;
    try {
      finished.record = examine(order.unit, *source_, matcher_, limits_, &relay, &*aside_);
    } catch (const std::bad_alloc&) {
      finished.record = lost(order.unit, GapReason::limit_memory, "no memory to examine it");
    } catch (const std::exception& e) {
      finished.record = lost(order.unit, GapReason::internal_error,
                             std::string("minescan failed on it: ") + e.what());
    }
    if (aside_->spoiled()) ::_exit(kSpoiled);
    finished.read = source_->position();
    if (order.inspected) say(Message::inspection, inspection_bytes(inspection));
    std::string body = finished_bytes(finished);
    if (body.size() > most_bytes(Message::record)) {
      finished.record = lost(order.unit, GapReason::limit_memory,
                             "what was found takes more than " +
                                 std::to_string(most_bytes(Message::record)) + " bytes");
      body = finished_bytes(finished);
    }
    say(Message::record, body);
  }

  void do_task(Task task) {
    source_->begin();
    std::optional<Error> error;
    try {
      const std::string answer = perform_(task, *source_, give, matcher_);
      if (answer.size() <= most_bytes(Message::answer)) return say(Message::answer, answer);
      error = Error{Code::limit_memory, "what it says takes more than " +
                                            std::to_string(most_bytes(Message::answer)) + " bytes"};
    } catch (const std::bad_alloc&) {
      error = Error{Code::limit_memory, "no memory to read it"};
    } catch (const std::exception& e) {
      error = Error{Code::internal, std::string("minescan failed on it: ") + e.what()};
    }
    say(Message::failed, end_bytes(error));
  }

  static void attempt(ByteView body) {
    WireReader in(body);
    const Attempt& one = attempts()[in.number_below(attempts().size())];
    const bool worked = in.at_end() && one.act();
    WireWriter out;
    out.number(worked ? 1 : 0);
    say(Message::permitted, out.take());
  }

  match::Matcher& matcher_;
  const Limits& limits_;
  const Perform perform_;
  FrameReader reader_;
  std::unique_ptr<RingSource> source_;
  std::optional<Aside> aside_;
};

}  // namespace

void serve(const Service& service) {
  Worker worker(service);
  if (!worker.map(service.input, service.page)) ::_exit(kNotConfined);
  ::dup2(service.socket, kSocket);
  close_from(kSocket + 1);
  if (!close_in(service.filter)) ::_exit(kNotConfined);
  say(Message::ready, ByteView());
  worker.work();
}

}  // namespace minescan::examine::worker
