#include "examine/worker/desk.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/wire.h"
#include "examine/worker/serve.h"

namespace minescan::examine::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

// Pieces that are copied at once; smaller ones only at the end of a unit.
constexpr std::size_t kPiece = std::size_t{64} << 10;
// A worker hears of a unit when so much of it is there, or all: to wake it for a small package
// three times costs more than to examine it.
constexpr std::uint64_t kFirst = 4 * kPiece;
// Time is counted in slices, so that a process that was itself stopped, with all others of its
// terminal, does not take that for a worker's silence.
constexpr milliseconds kSlice{500};

}  // namespace

std::string ending(int status) {
  if (WIFEXITED(status)) {
    if (WEXITSTATUS(status) == kNotConfined) return "it could not be confined";
    return "it ended by itself with status " + std::to_string(WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  const std::string number = " (signal " + std::to_string(signal) + ")";
  switch (signal) {
    case SIGKILL:
      return "it was killed" + number + ", for example because the system had no memory left";
    case SIGSYS:
      return "it tried a system call that no worker may use" + number;
    case SIGXCPU:
      return "it used " + std::to_string(kMostSeconds) + " seconds of processor time" + number;
    default:
      return "it crashed" + number;
  }
}

// Its worker hears that nobody speaks to it any more, and the nursery buries it with all others.
Desk::~Desk() = default;

void Desk::replace() {
  if (worker_ != 0) how_it_ended();
}

Desk::Loss Desk::how_it_ended() {
  const pid_t worker = std::exchange(worker_, 0);
  socket_.reset();
  reader_ = {};
  busy_ = false;
  units_ = 0;
  bytes_ = 0;
  const auto status = nursery_.end(worker);
  if (!status) return {GapReason::worker_crash, status.error().what};
  const bool slow = WIFSIGNALED(*status) && WTERMSIG(*status) == SIGXCPU;
  return {slow ? GapReason::worker_timeout : GapReason::worker_crash, ending(*status)};
}

Desk::Heard Desk::listen(milliseconds wait) {
  pollfd one{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  const int there = ::poll(&one, 1, static_cast<int>(wait.count()));
  if (there == 0 || (there < 0 && errno == EINTR)) return Heard::nothing;
  const auto room = reader_.room();
  const ssize_t n = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Heard::nothing;
  if (n <= 0) return Heard::closed;
  reader_.added(static_cast<std::size_t>(n));
  return Heard::bytes;
}

Result<void> Desk::ready() {
  if (busy_ || units_ >= kMostUnits || bytes_ >= kMostBytes) replace();
  if (worker_ != 0) return {};
  if (!ring_) {
    MINESCAN_TRY_ASSIGN(ring_, RingWriter::create());
  }
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return fail(Code::io, std::string("no socket for a worker process: ") + std::strerror(errno));
  }
  Fd mine(pair[0]), its(pair[1]);
  ring_->begin();
  MINESCAN_TRY_ASSIGN(worker_, nursery_.make(its.get(), ring_->input(), ring_->page(), examines_));
  socket_ = std::move(mine);
  return {};
}

namespace {

// A task in the place of a unit.
struct Errand {
  Task task;
  TaskStream& stream;
  std::optional<Error> error;  // when that is what comes of it
};

}  // namespace

// One unit, or the input of a task, on its way through a worker.
class Desk::Unit {
 public:
  Unit(Desk& desk, const Order& order, Source& source, Observer* observer, std::uint64_t told,
       const std::atomic<unsigned>* spare)
      : desk_(desk),
        ring_(*desk.ring_),
        order_(order),
        source_(source),
        observer_(observer),
        told_(told),
        spare_(order.observed || order.inspected ? nullptr : spare) {}
  Unit(Desk& desk, Errand& errand, Source& source)
      : Unit(desk, kNoOrder, source, nullptr, 0, nullptr) {
    errand_ = &errand;
  }

  // Until there is a record or an answer, or a loss.
  std::optional<Loss> run();
  Finished& finished() { return *finished_; }
  Inspection& inspection() { return inspection_; }
  [[nodiscard]] std::uint64_t events() const { return std::max(events_, told_); }

 private:
  static Loss foreign() {
    return {GapReason::worker_crash, "it sent what no worker sends, so it was ended"};
  }
  // Tells the worker of the unit, unless it was told; false when it is lost.
  bool begin();
  // Puts bytes into the ring; false when there is no room for a piece.
  bool feed();
  // Takes what was said.
  void read();
  void take(const Frame& frame);
  void take_answer(const Frame& frame);
  // Of a task; false when it is not to be believed.
  bool take_piece(ByteView piece);
  void wait();

  static inline const Order kNoOrder = {};

  Desk& desk_;
  RingWriter& ring_;
  const Order& order_;
  Source& source_;
  Observer* observer_;
  Errand* errand_ = nullptr;
  const std::uint64_t told_;
  const std::atomic<unsigned>* spare_;
  std::uint64_t events_ = 0;
  bool begun_ = false;  // the worker
  bool ended_ = false;  // the source
  bool done_ = false;
  std::optional<Finished> finished_;
  Inspection inspection_;
  std::optional<Loss> loss_;
  std::uint64_t progress_ = 0;
  bool news_ = false;   // something was said since the last look
  bool ready_ = false;  // that it is was said
  nanoseconds idle_{0};
  nanoseconds waited_{0};
};

bool Desk::Unit::begin() {
  if (begun_) return true;
  begun_ = true;
  const Message kind = errand_ == nullptr ? Message::unit : Message::task;
  const std::string order = errand_ == nullptr ? order_bytes(order_) : task_bytes(errand_->task);
  if (order.size() > most_bytes(kind)) {
    loss_ = Loss{GapReason::internal_error, "its name is too long"};
  } else if (!send_frame(desk_.socket_.get(), kind, as_bytes(order), {}, false)) {
    loss_ = desk_.how_it_ended();
  }
  return !loss_;
}

bool Desk::Unit::feed() {
  const auto room = ring_.room();
  if (!room) {
    loss_ = foreign();
    return true;
  }
  if (room->size() < kPiece) return false;
  if (spare_ != nullptr) ring_.set_spare(spare_->load());
  const ByteView bytes = source_.peek(1);
  if (bytes.empty()) {
    ended_ = true;
    if (!begin()) return true;
    if (!send_frame(desk_.socket_.get(), Message::end, as_bytes(end_bytes(source_.fault())), {},
                    false)) {
      loss_ = desk_.how_it_ended();
    }
    return true;
  }
  const std::size_t n = std::min(bytes.size(), room->size());
  std::memcpy(room->data(), bytes.data(), n);
  source_.skip(n);
  const bool hungry = ring_.publish(n);
  if (!begun_) {
    if (ring_.filled() >= kFirst) static_cast<void>(begin());
  } else if (hungry) {
    // When the socket is full the worker has enough to wake up for.
    static_cast<void>(send_frame(desk_.socket_.get(), Message::bytes, {}, {}, false));
  }
  return true;
}

void Desk::Unit::take(const Frame& frame) {
  switch (frame.kind) {
    case Message::node:
    case Message::block:
    case Message::view:
    case Message::words: {
      const bool news = ++events_ > told_;
      if (!order_.observed ||
          !pass_on(frame.kind, frame.body, order_.unit, news ? observer_ : nullptr)) {
        loss_ = foreign();
      }
      return;
    }
    case Message::inspection: {
      auto inspection = inspection_from_bytes(frame.body);
      if (!order_.inspected || !inspection) {
        loss_ = foreign();
      } else {
        inspection_ = std::move(*inspection);
      }
      return;
    }
    case Message::record:
      finished_ = finished_from_bytes(frame.body, order_.unit, ring_.filled());
      done_ = finished_.has_value();
      if (!done_) loss_ = foreign();
      return;
    default:
      loss_ = foreign();
  }
}

bool Desk::Unit::take_piece(ByteView piece) {
  if (!makes_something(errand_->task) || piece.empty()) return false;
  if (auto taken = errand_->stream.take(piece); !taken) {
    errand_->error = std::move(taken.error());
    done_ = true;
  }
  return true;
}

void Desk::Unit::take_answer(const Frame& frame) {
  switch (frame.kind) {
    case Message::piece:
      if (take_piece(frame.body)) return;
      break;
    case Message::answer:
      done_ = errand_->stream.end(frame.body);
      break;
    case Message::failed:
      if (auto error = end_from_bytes(frame.body)) errand_->error = std::move(*error);
      done_ = errand_->error.has_value();
      break;
    default:
      break;
  }
  if (!done_) loss_ = foreign();
}

void Desk::Unit::read() {
  while (!loss_ && !done_) {
    const auto frame = desk_.reader_.next();
    if (!frame) break;
    // That there is room shows in the ring.
    if (frame->kind == Message::room) continue;
    if (frame->kind == Message::ready) {
      if (!std::exchange(ready_, true)) news_ = true;
      continue;
    }
    news_ = true;
    if (errand_ != nullptr) {
      take_answer(*frame);
    } else {
      take(*frame);
    }
  }
  if (desk_.reader_.broken()) loss_ = foreign();
}

void Desk::Unit::wait() {
  const milliseconds slice = std::min(kSlice, std::max(milliseconds{1}, desk_.patience_));
  const auto since = [](Clock::time_point then) {
    return std::min<nanoseconds>(kSlice, Clock::now() - then);
  };
  const Clock::time_point begin = Clock::now();
  const Heard heard = desk_.listen(slice);
  if (heard == Heard::closed) {
    loss_ = desk_.how_it_ended();
    return;
  }
  waited_ += since(begin);
  read();
  if (loss_ || done_) return;
  const std::uint64_t progress = ring_.progress();
  // A part of what it says is none: a worker that was taken over could send it byte by byte.
  if (std::exchange(progress_, progress) != progress || std::exchange(news_, false)) {
    idle_ = nanoseconds{0};
  } else {
    idle_ += since(begin);
  }
  const auto seconds = [](auto time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
  };
  if (idle_ >= desk_.patience_) {
    loss_ = Loss{GapReason::worker_timeout,
                 "it made no progress for " + seconds(desk_.patience_) + " seconds"};
  } else if (waited_ >= std::chrono::seconds(kMostSeconds)) {
    loss_ =
        Loss{GapReason::worker_timeout,
             "it was not done after " + seconds(std::chrono::seconds(kMostSeconds)) + " seconds"};
  }
}

std::optional<Desk::Loss> Desk::Unit::run() {
  while (!loss_ && !done_) {
    if (!ended_ && feed()) {
      // What it has said so far, without waiting.
      if (!loss_ && begun_ && !ended_ && desk_.listen(milliseconds{0}) == Heard::closed) {
        loss_ = desk_.how_it_ended();
      }
      read();
      continue;
    }
    if (!ended_) {
      ring_.ask_for_room();
      const auto room = ring_.room();
      if (!room || room->size() >= kRing / 2) {
        if (!room) loss_ = foreign();
        continue;
      }
    }
    wait();
  }
  return loss_;
}

Desk::Outcome Desk::examine(const Order& order, Source& source, Observer* observer,
                            std::uint64_t told, const std::atomic<unsigned>* spare) {
  Outcome outcome;
  outcome.events = told;
  outcome.lost = {.trail = {{Step{Step::Kind::unit, order.unit.name}}},
                  .reason = GapReason::worker_crash,
                  .bytes = order.unit.size};
  if (const auto done = ready(); !done) {
    outcome.lost.detail = done.error().what;
    return outcome;
  }
  busy_ = true;
  ring_->begin();
  Unit unit(*this, order, source, observer, told, spare);
  const auto loss = unit.run();
  outcome.events = unit.events();
  if (loss) {
    replace();
    outcome.lost.reason = loss->reason;
    outcome.lost.detail = loss->what;
    if (auto trail = ring_->trail(); trail && !trail->steps.empty() &&
                                     trail->steps.front() == outcome.lost.trail.steps.front()) {
      outcome.lost.trail = std::move(*trail);
    }
    return outcome;
  }
  busy_ = false;
  ++units_;
  bytes_ += ring_->filled();
  outcome.read_to_end = unit.finished().read == ring_->filled();
  outcome.record = std::move(unit.finished().record);
  outcome.inspection = std::move(unit.inspection());
  const auto& gaps = outcome.record->gaps;
  const auto starved = [](const Gap& gap) { return gap.reason == GapReason::limit_memory; };
  // What it holds is in pieces; the next unit is not to suffer from that.
  if (std::any_of(gaps.begin(), gaps.end(), starved)) replace();
  return outcome;
}

Desk::Performed Desk::perform(Task task, TaskStream& stream) {
  if (const auto done = ready(); !done) {
    return {.done = fail(Code::worker_crash, done.error().what), .lost = true};
  }
  const auto source = stream.begin();
  if (!source) return {.done = tl::unexpected<Error>(source.error())};
  busy_ = true;
  ring_->begin();
  Errand errand{.task = task, .stream = stream, .error = std::nullopt};
  Unit unit(*this, errand, **source);
  if (const auto loss = unit.run()) {
    replace();
    const Code code =
        loss->reason == GapReason::worker_timeout ? Code::worker_timeout : Code::worker_crash;
    return {.done = fail(code, loss->what), .lost = true};
  }
  busy_ = false;
  ++units_;
  bytes_ += ring_->filled();
  if (!errand.error) return {};
  // Of its memory what it holds may be in pieces, or it makes what nobody takes any more.
  replace();
  return {.done = tl::unexpected<Error>(std::move(*errand.error))};
}

Result<Desk::Attempted> Desk::attempt(std::size_t number) {
  replace();
  MINESCAN_TRY(ready());
  WireWriter out;
  out.number(number);
  MINESCAN_TRY(send_frame(socket_.get(), Message::attempt, as_bytes(out.take()), {}, false));
  for (milliseconds waited{0}; waited < patience_; waited += kSlice) {
    const Heard heard = listen(kSlice);
    if (heard == Heard::closed) return Attempted{.what = how_it_ended().what};
    while (const auto frame = reader_.next()) {
      if (frame->kind == Message::ready) continue;
      WireReader in(frame->body);
      const bool possible = in.number() == 1;
      replace();
      return Attempted{.possible = possible,
                       .what = possible ? "it is possible" : "it was refused"};
    }
  }
  replace();
  return fail(Code::internal, "a worker neither did it nor was stopped");
}

}  // namespace minescan::examine::worker
