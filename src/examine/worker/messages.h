#pragma once
// What parent and worker say to one another over a pair of stream sockets: frames of a size, a kind
// and a body.  The parent reads what a worker sends as hostile: sizes are bounded by kind, memory
// is taken as bytes come, and what is not exactly as it is written here ends the worker.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/artifact.h"
#include "model/inspection.h"
#include "model/observer.h"
#include "model/record.h"
#include "model/task.h"
#include "model/trail.h"

namespace minescan::examine::worker {

enum class Message : std::uint32_t {
  // From the parent.
  unit,     // examine this one: Order
  bytes,    // there are more bytes in the ring
  end,      // there will be no more: an Error, or nothing
  attempt,  // do what no worker may do: Attempt (minescan doctor)
  // From the worker.
  ready,  // it is confined and waits for units
  room,   // there is room in the ring again
  node,   // Observer::on_node …
  block,
  view,
  words,
  inspection,  // before the record, of a unit that is inspected
  record,      // the end of a unit: bytes read, and record_to_bytes()
  permitted,   // what was attempted did not end it: 1 when it even worked
  // Of a task (model/task.h), whose input goes through the ring like a unit.
  task,    // from the parent: which one
  answer,  // from the worker: whatever the task gives
  failed,  // or an Error
  piece,   // before that, of a stream: what is made of it, never empty
};
inline constexpr Message kLastMessage = Message::piece;

// The most bytes of a body (model/limits.h says why so many).
std::size_t most_bytes(Message kind);

struct Order {
  Unit unit;
  bool observed = false;   // what an Observer would see is sent
  bool inspected = false;  // an Inspection is sent
};

struct Finished {
  std::uint64_t read = 0;  // bytes of the unit
  Record record;
};

std::string order_bytes(const Order& order);
std::optional<Order> order_from_bytes(ByteView bytes);
std::string end_bytes(const std::optional<Error>& fault);
// The outer nullopt: not as end_bytes() writes it.
std::optional<std::optional<Error>> end_from_bytes(ByteView bytes);
std::string task_bytes(Task task);
std::optional<Task> task_from_bytes(ByteView bytes);
std::string inspection_bytes(const Inspection& inspection);
std::optional<Inspection> inspection_from_bytes(ByteView bytes);
// At most so many bytes: of a long trail the first steps, of a long name its begin.
std::string trail_bytes(const Trail& trail, std::size_t most);
std::optional<Trail> trail_from_bytes(ByteView bytes);
std::string finished_bytes(const Finished& finished);
// nullopt also when the record is about another unit than `unit`, or when it has read less than
// `given` bytes and no gap that says so.
std::optional<Finished> finished_from_bytes(ByteView bytes, const Unit& unit, std::uint64_t given);

// Bodies of what an Observer sees.  A block's bytes follow its body.
std::string node_bytes(const Trail& trail, std::string_view type, ViewKind view);
std::string block_bytes(const Trail& trail, std::uint64_t offset);
std::string view_bytes(const Trail& trail, ViewKind kind, ByteView bytes);
std::string words_bytes(const Trail& trail, ViewKind kind, const std::string& indicator,
                        const std::string& words);
// Passes one of them on.  False when it is not as it is written here; then nothing was passed on.
bool pass_on(Message kind, ByteView body, const Unit& unit, Observer* observer);

// One frame.
struct Frame {
  Message kind = Message::bytes;
  ByteView body;  // dies with the next call
};

// Takes frames apart as their bytes come.
class FrameReader {
 public:
  // Room for the next bytes that come; they are there after added(n).
  std::span<std::byte> room();
  void added(std::size_t n) { end_ += n; }
  // The next frame that is complete; nullopt when there is none yet.  broken() says whether there
  // can never be one.
  std::optional<Frame> next();
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool broken_ = false;
};

// Sends a frame, its body in two parts.  Errors: Code::io when nobody reads any more.  `patient`
// waits while the socket is full; the other way that is an error too.
Result<void> send_frame(int socket, Message kind, ByteView body, ByteView more, bool patient);

}  // namespace minescan::examine::worker
