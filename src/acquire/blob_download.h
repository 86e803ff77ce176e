#pragma once
// A blob as a Source that downloads in a thread of its own, a few MiB ahead of its reader, and
// checks size and digest while the bytes pass.  A broken transfer goes on where it broke (Range);
// bytes are never spliced unseen, since the digest covers all of them.
//
// fault(): Code::integrity when size or digest is not what was promised, Code::limit_bytes when
// there is more than anyone wants, Code::unreachable (or what the fetch said) when the rest could
// not be had.  A reader must look at it at the end: the digest is only known there.  The destructor
// ends the transfer at once.  Tested by blob_download_test.cpp.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "acquire/http.h"
#include "acquire/image_source.h"
#include "base/digest.h"
#include "base/source.h"

namespace minescan::acquire {

// Requests the blob's bytes from `from` on (a Range when it is not 0) and feeds a 2xx answer to
// the sink.  An answer of another status than 2xx and 416 is an Error; Code::unreachable means that
// it is worth going on.  Called from the download's thread.
using BlobFetch =
    std::function<Result<Response>(std::uint64_t from, BodySink& sink, Cancel& cancel)>;
// Sleeps before try number `attempt` + 1; true when cancelled.
using BlobPause = std::function<bool(int attempt, Cancel& cancel)>;

// What is promised of a blob.
struct Promise {
  // In "algorithm:hex" spelling, all of one algorithm that digest_size() knows; any of them is
  // right.  Empty when nobody promises one: such a transfer does not go on after a break, because
  // nothing would tell whether the two parts belong together.
  std::vector<std::string> digests;
  std::optional<std::uint64_t> size;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  // of bytes
  std::string limit_option;  // that raises the limit, for messages
};

class BlobDownload final : public Source {
 public:
  // Returns when the first answer has come: its error if it is one (Code::not_found …).
  // `name` is for messages.
  static Result<std::unique_ptr<Source>> start(const Descriptor& descriptor, std::string name,
                                               BlobFetch fetch, BlobPause pause);
  static Result<std::unique_ptr<Source>> start(Promise promise, std::string name, BlobFetch fetch,
                                               BlobPause pause);
  ~BlobDownload() override;

  ByteView peek(std::size_t want) override;
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override;

 private:
  class Sink;
  BlobDownload(Promise promise, std::string name, BlobFetch fetch, BlobPause pause);

  // The download's thread.
  void run();
  std::optional<Error> transfer();
  std::optional<Error> verify();
  [[nodiscard]] bool is_complete(const Result<Response>& answer) const;
  [[nodiscard]] std::uint64_t most() const;
  [[nodiscard]] std::string of_size() const;
  bool push(ByteView bytes);
  void mark_started();
  [[nodiscard]] bool has_started() const;
  [[nodiscard]] Error wrong_size(const std::string& what) const;
  [[nodiscard]] Error too_large(const std::string& how) const;

  const Promise promise_;
  const std::string name_;
  const BlobFetch fetch_;
  const BlobPause pause_;
  Cancel cancel_;
  std::uint64_t received_ = 0;  // download's thread only
  Hasher hasher_;               // download's thread only

  mutable std::mutex mutex_;  // guards what follows, up to fault_
  std::condition_variable changed_;
  std::deque<std::vector<std::byte>> chunks_;
  std::size_t buffered_ = 0;
  bool started_ = false;
  bool finished_ = false;
  bool abandoned_ = false;
  std::optional<Error> fault_;

  // The reader's side.
  std::vector<std::byte> front_;
  std::size_t front_used_ = 0;
  std::uint64_t position_ = 0;
  std::thread thread_;
};

// The first, last and total of "bytes 10-19/20"; last is absent in "bytes */20", total in
// "bytes 10-19/*".  nullopt when it is nothing of the kind.
struct ContentRange {
  std::optional<std::uint64_t> first, last, total;
};
std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace minescan::acquire
