#include "examine/worker/messages.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/reader.h"
#include "base/wire.h"
#include "model/limits.h"
#include "model/record_bytes.h"

namespace minescan::examine::worker {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kRead = std::size_t{64} << 10;
constexpr std::uint64_t kStepKinds = static_cast<std::uint64_t>(Step::Kind::offset) + 1;
constexpr std::uint64_t kUnitKinds = static_cast<std::uint64_t>(Unit::Kind::tree_slice) + 1;
constexpr std::uint64_t kCodes = static_cast<std::uint64_t>(Code::internal) + 1;

void write(WireWriter& out, const Trail& trail) {
  out.list(trail.steps, [&](const Step& step) {
    out.number(static_cast<std::uint64_t>(step.kind));
    out.text(step.name);
  });
}

Trail read_trail(WireReader& in) {
  Trail trail;
  in.list([&] {
    const auto kind = static_cast<Step::Kind>(in.number_below(kStepKinds));
    trail.steps.push_back({kind, in.text()});
  });
  return trail;
}

ViewKind read_view(WireReader& in) { return static_cast<ViewKind>(in.number_below(kViewKinds)); }

// Everything that a worker says is about the unit that it was given.
bool begins_with(const Trail& trail, const Unit& unit) {
  return !trail.steps.empty() && trail.steps.front().kind == Step::Kind::unit &&
         trail.steps.front().name == unit.name;
}

template <class List>
bool all_begin_with(const List& list, const Unit& unit) {
  return std::all_of(list.begin(), list.end(),
                     [&](const auto& one) { return begins_with(one.trail, unit); });
}

}  // namespace

std::size_t most_bytes(Message kind) {
  switch (kind) {
    case Message::bytes:
    case Message::ready:
    case Message::room:
      return 0;
    case Message::attempt:
    case Message::permitted:
    case Message::task:
      return 8;
    case Message::unit:
    case Message::end:
    case Message::failed:
      return kMostOrderBytes;
    case Message::node:
    case Message::view:
    case Message::words:
    case Message::block:
      return kMostEventBytes;
    case Message::inspection:
    case Message::record:
      return kMostRecordBytes;
    case Message::answer:
      return kMostAnswerBytes;
    case Message::piece:
      return kMostPieceBytes;
  }
  return 0;
}

std::string order_bytes(const Order& order) {
  WireWriter out;
  out.number(static_cast<std::uint64_t>(order.unit.kind));
  out.text(order.unit.name);
  out.text(order.unit.digest);
  out.number(order.unit.size);
  out.text(order.unit.media_type);
  out.number(order.observed ? 1 : 0);
  out.number(order.inspected ? 1 : 0);
  return out.take();
}

std::optional<Order> order_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  Order order;
  order.unit.kind = static_cast<Unit::Kind>(in.number_below(kUnitKinds));
  order.unit.name = in.text();
  order.unit.digest = in.text();
  order.unit.size = in.number();
  order.unit.media_type = in.text();
  order.observed = in.number_below(2) == 1;
  order.inspected = in.number_below(2) == 1;
  if (!in.at_end()) return std::nullopt;
  return order;
}

std::string end_bytes(const std::optional<Error>& fault) {
  WireWriter out;
  out.number(fault ? 1 : 0);
  if (fault) {
    out.number(static_cast<std::uint64_t>(fault->code));
    out.text(fault->what);
  }
  return out.take();
}

std::optional<std::optional<Error>> end_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  std::optional<Error> fault;
  if (in.number_below(2) == 1) {
    const auto code = static_cast<Code>(in.number_below(kCodes));
    fault = Error{code, in.text()};
  }
  if (!in.at_end()) return std::nullopt;
  return fault;
}

std::string task_bytes(Task task) {
  WireWriter out;
  out.number(static_cast<std::uint64_t>(task));
  return out.take();
}

std::optional<Task> task_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  const auto task = static_cast<Task>(in.number_below(static_cast<std::uint64_t>(kLastTask) + 1));
  if (!in.at_end()) return std::nullopt;
  return task;
}

std::string inspection_bytes(const Inspection& inspection) {
  WireWriter out;
  out.list(inspection.nodes, [&](const InspectedNode& node) {
    write(out, node.trail);
    out.text(node.type);
    out.list(node.facts, [&](const auto& fact) {
      out.text(fact.first);
      out.list(fact.second, [&](const std::string& text) { out.text(text); });
    });
  });
  out.number(inspection.nodes_left_out);
  return out.take();
}

std::optional<Inspection> inspection_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  Inspection inspection;
  in.list([&] {
    InspectedNode& node = inspection.nodes.emplace_back();
    node.trail = read_trail(in);
    node.type = in.text();
    in.list([&] {
      auto& fact = node.facts.emplace_back();
      fact.first = in.text();
      in.list([&] { fact.second.push_back(in.text()); });
    });
  });
  inspection.nodes_left_out = in.number();
  if (!in.at_end()) return std::nullopt;
  return inspection;
}

std::string trail_bytes(const Trail& trail, std::size_t most) {
  const auto bytes_of = [](const Trail& one) {
    WireWriter out;
    write(out, one);
    return out.take();
  };
  std::string bytes = bytes_of(trail);
  if (bytes.size() <= most) return bytes;
  constexpr std::size_t kNumbers = 2 * sizeof(std::uint64_t);  // of a step
  Trail part;
  std::size_t used = sizeof(std::uint64_t);
  for (const Step& step : trail.steps) {
    if (used + kNumbers >= most) break;
    part.steps.push_back({step.kind, step.name.substr(0, most - used - kNumbers)});
    used += kNumbers + part.steps.back().name.size();
  }
  return bytes_of(part);
}

std::optional<Trail> trail_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  Trail trail = read_trail(in);
  if (!in.at_end()) return std::nullopt;
  return trail;
}

std::string finished_bytes(const Finished& finished) {
  WireWriter out;
  out.number(finished.read);
  return out.take() + record_to_bytes(finished.record);
}

std::optional<Finished> finished_from_bytes(ByteView bytes, const Unit& unit, std::uint64_t given) {
  const auto read = Reader(bytes).little<std::uint64_t>();
  if (!read || *read > given) return std::nullopt;
  auto record = record_from_bytes(bytes.subspan(sizeof *read));
  if (!record || (*read < given && record->gaps.empty())) return std::nullopt;
  const bool mine = all_begin_with(record->evidence, unit) && all_begin_with(record->gaps, unit) &&
                    all_begin_with(record->contents, unit) &&
                    all_begin_with(record->anomalies, unit) &&
                    all_begin_with(record->packages, unit);
  if (!mine) return std::nullopt;
  return Finished{*read, std::move(*record)};
}

std::string node_bytes(const Trail& trail, std::string_view type, ViewKind view) {
  WireWriter out;
  write(out, trail);
  out.text(type);
  out.number(static_cast<std::uint64_t>(view));
  return out.take();
}

std::string block_bytes(const Trail& trail, std::uint64_t offset) {
  WireWriter out;
  write(out, trail);
  out.number(offset);
  // As much as a text's length takes, so that the bytes are one text.
  return out.take();
}

std::string view_bytes(const Trail& trail, ViewKind kind, ByteView bytes) {
  WireWriter out;
  write(out, trail);
  out.number(static_cast<std::uint64_t>(kind));
  out.text(as_text(bytes));
  return out.take();
}

std::string words_bytes(const Trail& trail, ViewKind kind, const std::string& indicator,
                        const std::string& words) {
  WireWriter out;
  write(out, trail);
  out.number(static_cast<std::uint64_t>(kind));
  out.text(indicator);
  out.text(words);
  return out.take();
}

bool pass_on(Message kind, ByteView body, const Unit& unit, Observer* observer) {
  WireReader in(body);
  const Trail trail = read_trail(in);
  if (!in.good() || !begins_with(trail, unit)) return false;
  switch (kind) {
    case Message::node: {
      const std::string type = in.text();
      const ViewKind view = read_view(in);
      if (!in.at_end()) return false;
      if (observer != nullptr) observer->on_node(trail, type, view);
      return true;
    }
    case Message::block: {
      const std::uint64_t offset = in.number();
      if (!in.good()) return false;
      if (observer != nullptr) observer->on_block(trail, in.rest(), offset);
      return true;
    }
    case Message::view: {
      const ViewKind view = read_view(in);
      const std::string text = in.text();
      if (!in.at_end()) return false;
      if (observer != nullptr) observer->on_view(trail, view, as_bytes(text));
      return true;
    }
    case Message::words: {
      const ViewKind view = read_view(in);
      const std::string indicator = in.text();
      const std::string words = in.text();
      if (!in.at_end()) return false;
      if (observer != nullptr) observer->on_words(trail, view, indicator, words);
      return true;
    }
    default:
      return false;
  }
}

std::span<std::byte> FrameReader::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() - end_ < kRead) {
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    // Twice what is there: in proportion to what came, whatever sizes are stated.
    if (buffer_.size() - end_ < kRead) buffer_.resize(std::max(2 * end_, end_ + kRead));
  }
  return std::span(buffer_).subspan(end_);
}

std::optional<Frame> FrameReader::next() {
  Reader reader(ByteView(buffer_).subspan(begin_, end_ - begin_));
  const auto size = reader.little<std::uint32_t>();
  const auto kind = reader.little<std::uint32_t>();
  if (broken_ || !size || !kind) return std::nullopt;
  if (*kind > static_cast<std::uint32_t>(kLastMessage) ||
      *size > most_bytes(static_cast<Message>(*kind))) {
    broken_ = true;
    return std::nullopt;
  }
  const auto body = reader.take(*size);
  if (!body) return std::nullopt;
  begin_ += kHeader + *size;
  return Frame{static_cast<Message>(*kind), *body};
}

Result<void> send_frame(int socket, Message kind, ByteView body, ByteView more, bool patient) {
  std::array<std::byte, kHeader> header{};
  const std::uint64_t numbers =
      (body.size() + more.size()) | (static_cast<std::uint64_t>(kind) << 32);
  for (std::size_t i = 0; i < header.size(); ++i) {
    header[i] = static_cast<std::byte>((numbers >> (8 * i)) & 0xff);
  }
  std::array<ByteView, 3> parts = {ByteView(header), body, more};
  // All at once, so that whoever reads wakes up once.
  for (std::size_t first = 0; first < parts.size();) {
    std::array<iovec, parts.size()> left{};
    for (std::size_t i = first; i < parts.size(); ++i) {
      left[i - first] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
    }
    msghdr message{};
    message.msg_iov = left.data();
    message.msg_iovlen = parts.size() - first;
    // writev() and not sendmsg(): a confined worker may do no more than that.
    const ssize_t sent =
        patient ? ::writev(socket, message.msg_iov, static_cast<int>(message.msg_iovlen))
                : ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return fail(Code::io, "a worker does not listen any more");
    for (auto n = static_cast<std::size_t>(sent); first < parts.size(); ++first) {
      const std::size_t taken = std::min(n, parts[first].size());
      parts[first] = parts[first].subspan(taken);
      n -= taken;
      if (!parts[first].empty()) break;
    }
  }
  return {};
}

}  // namespace minescan::examine::worker
