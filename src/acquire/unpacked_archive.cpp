#include "acquire/unpacked_archive.h"

#include <algorithm>
#include <array>
#include <utility>

#include "acquire/file_source.h"
#include "acquire/quoted.h"
#include "acquire/temp_file.h"
#include "base/printable.h"
#include "base/source.h"
#include "base/wire.h"
#include "unpack/format.h"

namespace minescan::acquire {
namespace {

// What decoders report.
constexpr std::array kFaults = {Code::corrupt,     Code::truncated,   Code::dictionary,
                                Code::unsupported, Code::limit_bytes, Code::limit_memory};
enum class End : std::uint8_t { whole, followed, fault };
constexpr std::uint64_t kEnds = static_cast<std::uint64_t>(End::fault) + 1;

bool only_zeros_left(Source& source) {
  while (true) {
    const ByteView bytes = source.peek(1);
    if (bytes.empty()) return true;
    if (std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b != std::byte{0}; })) {
      return false;
    }
    source.skip(bytes.size());
  }
}

Unpacked unpack_all(Source& input, const Give& give) {
  const unpack::Format* format = unpack::recognise(input.peek(unpack::kHeadBytes));
  if (format == nullptr || format->decode == nullptr) return {};
  Unpacked unpacked{.encoding = std::string(format->name), .fault = std::nullopt};
  const Limits limits;
  const auto decoded = format->decode(input, limits);
  for (ByteView made = decoded->peek(1); !made.empty(); made = decoded->peek(1)) {
    if (!give(made)) return unpacked;
    decoded->skip(made.size());
  }
  unpacked.fault = decoded->fault();
  unpacked.followed = !unpacked.fault && !only_zeros_left(input);
  return unpacked;
}

bool is_encoding(const std::string& name) {
  const unpack::Format* format = unpack::format_by_name(name);
  return format != nullptr && format->decode != nullptr;
}

class Unpacking final : public TaskStream {
 public:
  Unpacking(std::shared_ptr<const Fd> file, const std::string& path, std::uint64_t limit)
      : packed_(std::move(file)), path_(path), limit_(limit) {}

  Result<Source*> begin() override {
    file_.reset();
    size_ = 0;
    source_ = std::make_unique<FileSource>(packed_, path_);
    return source_.get();
  }

  Result<void> take(ByteView made) override {
    auto taken = put(made);
    if (!taken) stopped_ = true;
    return taken;
  }

  bool end(ByteView answer) override {
    // Whatever was made of what was not read to its end.
    if (source_->fault()) return true;
    auto unpacked = unpacked_from_bytes(answer);
    if (!unpacked || (unpacked->encoding.empty() && size_ != 0)) return false;
    // Of what is whole the end was seen.
    const bool whole = !unpacked->encoding.empty() && !unpacked->followed && !unpacked->fault;
    if (whole && !source_->peek(1).empty()) return false;
    unpacked_ = std::move(*unpacked);
    return true;
  }

  // Once all is done; `done` as the runner says.
  Result<std::shared_ptr<const Fd>> result(Result<void> done) {
    const std::string name = in_quotes(path_);
    if (!done) {
      if (stopped_) return tl::unexpected<Error>(std::move(done.error()));
      return fail(done.error().code, name + " is not unpacked: " + done.error().what);
    }
    const auto own = source_->fault();
    if (const auto& fault = own ? own : unpacked_.fault) {
      return fail(fault->code, name + ": " + fault->what);
    }
    if (unpacked_.encoding.empty()) return packed_;
    if (unpacked_.followed) {
      return fail(Code::corrupt, name + " has more bytes behind its " + unpacked_.encoding +
                                     " data, which would not be looked at; unpack it yourself and "
                                     "scan the result");
    }
    // Nothing is a file, too.
    if (!file_.valid()) {
      MINESCAN_TRY_ASSIGN(file_, temp_file());
    }
    return std::make_shared<const Fd>(std::move(file_));
  }

 private:
  Result<void> put(ByteView made) {
    if (made.size() > limit_ - size_) {
      return fail(Code::limit_bytes, in_quotes(path_) + " unpacks to more than " +
                                         std::to_string(limit_) +
                                         " bytes; unpack it yourself and scan the result");
    }
    if (!file_.valid()) {
      MINESCAN_TRY_ASSIGN(file_, temp_file());
    }
    size_ += made.size();
    return append(file_, made);
  }

  const std::shared_ptr<const Fd> packed_;
  const std::string& path_;
  const std::uint64_t limit_;
  std::unique_ptr<FileSource> source_;
  Fd file_;  // once there is something to put into it
  std::uint64_t size_ = 0;
  bool stopped_ = false;
  Unpacked unpacked_;
};

}  // namespace

std::string unpack_task(Source& input, const Give& give) {
  return unpacked_bytes(unpack_all(input, give));
}

std::string unpacked_bytes(const Unpacked& unpacked) {
  const auto& [encoding, followed, fault] = unpacked;
  const End end = fault ? End::fault : followed ? End::followed : End::whole;
  WireWriter out;
  out.text(encoding);
  out.number(static_cast<std::uint64_t>(end));
  if (fault) {
    const auto* const code = std::find(kFaults.begin(), kFaults.end(), fault->code);
    out.number(code == kFaults.end() ? 0 : static_cast<std::uint64_t>(code - kFaults.begin()));
    out.text(printable(fault->what, kLongestSentence / 2));
  }
  return out.take();
}

std::optional<Unpacked> unpacked_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  Unpacked unpacked{.encoding = in.text(), .fault = std::nullopt};
  const auto end = static_cast<End>(in.number_below(kEnds));
  unpacked.followed = end == End::followed;
  if (end == End::fault) {
    const auto code = static_cast<std::size_t>(in.number_below(kFaults.size()));
    unpacked.fault = Error{kFaults.at(code), in.text()};
    if (!is_sentence(unpacked.fault->what)) return std::nullopt;
  }
  const bool known = unpacked.encoding.empty() ? end == End::whole : is_encoding(unpacked.encoding);
  if (!in.at_end() || !known) return std::nullopt;
  return unpacked;
}

Result<std::shared_ptr<const Fd>> unpacked_archive(std::shared_ptr<const Fd> file,
                                                   const std::string& path, std::uint64_t limit,
                                                   TaskRunner* tasks) {
  Unpacking unpacking(std::move(file), path, limit);
  return unpacking.result(tasks != nullptr ? tasks->run_stream(Task::unpack, unpacking)
                                           : run_here(unpacking, unpack_task));
}

}  // namespace minescan::acquire
