#include "acquire/blob_download.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <system_error>

#include "base/check.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// How far the download may be ahead of its reader.
constexpr std::size_t kAhead = std::size_t{4} << 20;
// Small pieces from the network are joined up to this.
constexpr std::size_t kChunk = std::size_t{256} << 10;
// A break after so much progress starts the count of tries afresh.
constexpr std::uint64_t kProgress = std::uint64_t{1} << 20;
constexpr int kTries = 5;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view algorithm_of(const Promise& promise) {
  if (promise.digests.empty()) return "sha256";
  const std::string_view digest = promise.digests.front();
  return digest.substr(0, digest.find(':'));
}

// "sha256:12", or "any of sha512:12, sha512:34".
std::string listed(const std::vector<std::string>& digests) {
  if (digests.size() == 1) return digests.front();
  std::string text = "any of ";
  for (const std::string& digest : digests) text += (text.size() > 7 ? ", " : "") + digest;
  return text;
}

Error over_limit(const Promise& promise, const std::string& what) {
  std::string text = what + "; at most " + std::to_string(promise.limit) + " are read";
  if (!promise.limit_option.empty()) text += " (" + promise.limit_option + " allows more)";
  return {Code::limit_bytes, std::move(text)};
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const auto slash = text.find('/');
  if (!text.starts_with(kUnit) || slash == std::string_view::npos) return std::nullopt;
  const std::string_view span = text.substr(kUnit.size(), slash - kUnit.size());
  const std::string_view total = text.substr(slash + 1);
  ContentRange range;
  if (total != "*") {
    range.total = number(total);
    if (!range.total) return std::nullopt;
  }
  if (span == "*") return range.total ? std::optional(range) : std::nullopt;
  const auto dash = span.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  range.first = number(span.substr(0, dash));
  range.last = number(span.substr(dash + 1));
  if (!range.first || !range.last || *range.last < *range.first) return std::nullopt;
  if (range.total && *range.last >= *range.total) return std::nullopt;
  return range;
}

// Takes one answer.  What it refuses stands in `error`.
class BlobDownload::Sink final : public BodySink {
 public:
  explicit Sink(BlobDownload& download) : download_(download) {}

  bool on_head(const Response& head) override {
    encoding = head.header("content-encoding");
    const std::uint64_t from = download_.received_;
    const Promise& promise = download_.promise_;
    if (head.status == 206) {
      const auto range = parse_content_range(head.header("content-range"));
      const bool other_size =
          range && range->total && promise.size && *range->total != *promise.size;
      if (from == 0 || !range || range->first != from || other_size) {
        error = download_.wrong_size("was asked for from byte " + std::to_string(from) +
                                     " on and came as '" +
                                     printable(head.header("content-range"), 100) + "'");
        return false;
      }
    } else {
      repeated = from;  // the whole from the start: what we have already is passed over
      const auto length = number(head.header("content-length"));
      if (!promise.size && length && *length > promise.limit) {
        error = download_.too_large("has " + std::to_string(*length) + " bytes");
        return false;
      }
    }
    download_.mark_started();
    return true;
  }

  bool on_bytes(ByteView bytes) override {
    const auto again = static_cast<std::size_t>(std::min<std::uint64_t>(repeated, bytes.size()));
    repeated -= again;
    bytes = bytes.subspan(again);
    const std::uint64_t room = download_.most() - download_.received_;
    const bool too_long = bytes.size() > room;
    if (too_long) bytes = bytes.first(static_cast<std::size_t>(room));
    if (!download_.push(bytes)) return false;
    if (!too_long) return true;
    const auto& size = download_.promise_.size;
    error = size ? download_.wrong_size("has more bytes than the " + std::to_string(*size) +
                                        " that were promised")
                 : download_.too_large("goes on");
    return false;
  }

  std::optional<Error> error;
  std::string encoding;
  std::uint64_t repeated = 0;  // bytes that we have and that are still to come once more

 private:
  BlobDownload& download_;
};

BlobDownload::BlobDownload(Promise promise, std::string name, BlobFetch fetch, BlobPause pause)
    : promise_(std::move(promise)),
      name_(std::move(name)),
      fetch_(std::move(fetch)),
      pause_(std::move(pause)),
      hasher_(algorithm_of(promise_)) {}

Result<std::unique_ptr<Source>> BlobDownload::start(const Descriptor& descriptor, std::string name,
                                                    BlobFetch fetch, BlobPause pause) {
  if (!is_digest(descriptor.digest)) {
    return fail(Code::unsupported, name + " has a digest that is neither sha256 nor sha512");
  }
  return start(Promise{.digests = {descriptor.digest}, .size = descriptor.size}, std::move(name),
               std::move(fetch), std::move(pause));
}

Result<std::unique_ptr<Source>> BlobDownload::start(Promise promise, std::string name,
                                                    BlobFetch fetch, BlobPause pause) {
  if (promise.size && *promise.size > promise.limit) {
    return tl::unexpected<Error>(
        over_limit(promise, name + " has " + std::to_string(*promise.size) + " bytes"));
  }
  std::unique_ptr<BlobDownload> download(
      new BlobDownload(std::move(promise), std::move(name), std::move(fetch), std::move(pause)));
  try {
    download->thread_ = std::thread([raw = download.get()] { raw->run(); });
  } catch (const std::system_error&) {
    return fail(Code::limit_memory, "no thread can be started to download " + download->name_);
  }
  std::unique_lock lock(download->mutex_);
  download->changed_.wait(lock, [&] { return download->started_ || download->finished_; });
  if (!download->started_ && download->fault_) {
    return tl::unexpected<Error>(*download->fault_);
  }
  lock.unlock();
  return std::unique_ptr<Source>(std::move(download));
}

BlobDownload::~BlobDownload() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }
  cancel_.cancel();
  if (thread_.joinable()) thread_.join();
}

void BlobDownload::run() {
  std::optional<Error> error;
  try {
    error = transfer();
  } catch (const std::exception&) {
    error = Error{Code::limit_memory, name_ + " could not be downloaded: out of memory"};
  }
  const std::lock_guard lock(mutex_);
  fault_ = std::move(error);
  finished_ = true;
  changed_.notify_all();
}

std::optional<Error> BlobDownload::transfer() {
  int barren = 0;  // tries since the last real progress
  while (true) {
    const std::uint64_t before = received_;
    Sink sink(*this);
    const Result<Response> answer = fetch_(received_, sink, cancel_);
    if (cancel_.cancelled()) return Error{Code::unreachable, name_ + ": the transfer was stopped"};
    if (sink.error) return sink.error;
    if (promise_.size ? received_ == *promise_.size && (answer || received_ > 0)
                      : is_complete(answer) && sink.repeated == 0) {
      auto wrong = verify();
      if (wrong && !sink.encoding.empty() && sink.encoding != "identity") {
        wrong->what += " (the server applied Content-Encoding '" + printable(sink.encoding, 40) +
                       "', which nobody asked for)";
      }
      return wrong;
    }
    if (!answer && (answer.error().code != Code::unreachable || !has_started())) {
      return answer.error();
    }
    if (promise_.digests.empty()) {
      return Error{Code::unreachable, name_ + " broke off after " + std::to_string(received_) +
                                          " bytes" +
                                          (answer ? std::string() : ": " + answer.error().what)};
    }
    barren = received_ - before >= kProgress ? 0 : barren + 1;
    // A server that says it is done, and has sent nothing more, has no more.
    if (answer && (received_ == before || barren >= kTries)) {
      return wrong_size("ends after " + std::to_string(received_) + of_size());
    }
    if (barren >= kTries) {
      return Error{Code::unreachable, answer.error().what + " (" + name_ + " broke off after " +
                                          std::to_string(received_) + of_size() + ")"};
    }
    if (pause_(std::max(barren, 1), cancel_)) {
      return Error{Code::unreachable, name_ + ": the transfer was stopped"};
    }
  }
}

std::optional<Error> BlobDownload::verify() {
  if (promise_.digests.empty()) return std::nullopt;
  const std::string found = hasher_.finish();
  for (const std::string& digest : promise_.digests) {
    if (found == digest) return std::nullopt;
  }
  return Error{Code::integrity, name_ + " has the digest " + found + ", not the promised " +
                                    listed(promise_.digests) +
                                    "; what was sent is not what was asked for"};
}

// Of a blob whose size nobody promises: the answer is whole, or there was nothing left to send.
bool BlobDownload::is_complete(const Result<Response>& answer) const {
  if (!answer) return false;
  if (answer->status != 416) return true;
  const auto range = parse_content_range(answer->header("content-range"));
  return range && range->total == received_;
}

// How many bytes are taken.
std::uint64_t BlobDownload::most() const { return promise_.size.value_or(promise_.limit); }

std::string BlobDownload::of_size() const {
  return promise_.size ? " of " + std::to_string(*promise_.size) + " bytes" : " bytes";
}

Error BlobDownload::too_large(const std::string& how) const {
  return over_limit(promise_, name_ + " " + how);
}

Error BlobDownload::wrong_size(const std::string& what) const {
  return {Code::integrity, name_ + " " + what};
}

void BlobDownload::mark_started() {
  const std::lock_guard lock(mutex_);
  if (started_) return;
  started_ = true;
  changed_.notify_all();
}

bool BlobDownload::has_started() const {
  const std::lock_guard lock(mutex_);
  return started_;
}

// False when the reader has gone.
bool BlobDownload::push(ByteView bytes) {
  if (bytes.empty()) return true;
  hasher_.update(bytes);
  received_ += bytes.size();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return buffered_ < kAhead || abandoned_; });
  if (abandoned_) return false;
  if (chunks_.empty() || chunks_.back().size() + bytes.size() > kChunk) {
    chunks_.emplace_back().reserve(std::max(bytes.size(), std::min(kChunk, kAhead - buffered_)));
  }
  chunks_.back().insert(chunks_.back().end(), bytes.begin(), bytes.end());
  buffered_ += bytes.size();
  changed_.notify_all();
  return true;
}

ByteView BlobDownload::peek(std::size_t want) {
  MINESCAN_CHECK(want >= 1 && want <= kMaxPeek);
  while (front_.size() - front_used_ < want) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !chunks_.empty() || finished_; });
    if (chunks_.empty()) break;
    std::vector<std::byte> chunk = std::move(chunks_.front());
    chunks_.pop_front();
    buffered_ -= chunk.size();
    changed_.notify_all();
    lock.unlock();
    if (front_used_ == front_.size()) {
      front_ = std::move(chunk);
    } else {
      front_.erase(front_.begin(), front_.begin() + static_cast<std::ptrdiff_t>(front_used_));
      front_.insert(front_.end(), chunk.begin(), chunk.end());
    }
    front_used_ = 0;
  }
  return ByteView(front_).subspan(front_used_);
}

void BlobDownload::skip(std::size_t n) {
  MINESCAN_CHECK(n <= front_.size() - front_used_);
  front_used_ += n;
  position_ += n;
}

std::optional<Error> BlobDownload::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

}  // namespace minescan::acquire
