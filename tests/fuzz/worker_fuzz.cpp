// What a worker sends: any bytes are taken apart within bounds, and only what is about its unit
// gets through.

#include <algorithm>

#include "examine/worker/messages.h"
#include "fuzz/expect.h"

namespace {

using namespace minescan;

class Watching final : public Observer {
 public:
  void on_node(const Trail& trail, std::string_view, ViewKind) override { check(trail); }
  void on_block(const Trail& trail, ByteView, std::uint64_t) override { check(trail); }
  void on_view(const Trail& trail, ViewKind, ByteView) override { check(trail); }
  void on_words(const Trail& trail, ViewKind, const std::string&, const std::string&) override {
    check(trail);
  }

 private:
  static void check(const Trail& trail) {
    fuzz::expect(!trail.steps.empty() && trail.steps.front().name == "u", "about another unit");
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace worker = examine::worker;
  const Unit unit{.name = "u"};
  Watching watching;
  worker::FrameReader reader;
  std::size_t at = 0;
  while (at < size && !reader.broken()) {
    const auto room = reader.room();
    const std::size_t n = std::min({room.size(), size - at, std::size_t{1} + data[at]});
    std::copy_n(reinterpret_cast<const std::byte*>(data) + at, n, room.begin());
    reader.added(n);
    at += n;
    while (const auto frame = reader.next()) {
      fuzz::expect(frame->body.size() <= worker::most_bytes(frame->kind), "a body over its bound");
      worker::pass_on(frame->kind, frame->body, unit, &watching);
      worker::inspection_from_bytes(frame->body);
      worker::trail_from_bytes(frame->body);
      const auto finished = worker::finished_from_bytes(frame->body, unit, 1000);
      if (finished) {
        fuzz::expect(as_text(frame->body) == worker::finished_bytes(*finished), "other bytes");
      }
    }
  }
  return 0;
}
