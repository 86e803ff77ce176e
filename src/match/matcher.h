#pragma once
// Finds indicators in bytes.  One per thread: it owns its scratch.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature_set.h"
#include "match/validators.h"
#include "match/words.h"
#include "model/view.h"

namespace minescan::match {

struct Match {
  std::size_t indicator = 0;  // index into SignatureSet::indicators()
  std::size_t start = 0;      // in the bytes given
  std::size_t length = 0;
  Captures captures;
};

// A stream is matched in windows.  A window is responsible for the matches that start in
// [from, to); to find exactly those it must show kReach bytes before `from` and 2 × kReach bytes
// after `to`, unless the stream begins or ends there.
inline constexpr std::size_t kBefore = kReach;
inline constexpr std::size_t kAfter = std::size_t{2} * kReach;

class Matcher {
 public:
  static Result<std::unique_ptr<Matcher>> create(std::shared_ptr<const SignatureSet> signatures);
  ~Matcher();

  // Appends the confirmed matches that start in bytes[from, to), sorted by start, then indicator;
  // of several ends of one start the longest.  bytes has at most 4 GiB - 1.  On an Error the
  // matches are not complete.  `words`, a scan of this view that is no view of words, is told the
  // words that end in bytes(from, to]; `offset` is where bytes[from] lies in the view.  Windows
  // come in order.
  Result<void> scan(ByteView bytes, ViewKind kind, std::size_t from, std::size_t to,
                    std::vector<Match>& matches, WordScan* words = nullptr,
                    std::uint64_t offset = 0);
  Result<void> scan(ByteView bytes, ViewKind kind, std::vector<Match>& matches) {
    return scan(bytes, kind, 0, bytes.size(), matches);
  }

  // A view whose words are to be looked for; nothing where no indicator with words looks into its
  // kind.
  [[nodiscard]] std::optional<WordScan> words(ViewKind kind) const;
  // Looks through a view of words: each lies at a multiple of 4, the first at `offset` of the view.
  static void look_up_words(WordScan& view, ByteView bytes, std::uint64_t offset);

  [[nodiscard]] const SignatureSet& signatures() const;
  [[nodiscard]] std::shared_ptr<const SignatureSet> shared_signatures() const;

  // Unpacks all databases now, where else each is when it is first needed.  What fails will fail
  // again, and be told, then.
  void prepare();

  // Counts up with every window that is scanned, for someone who waits for it; must outlive this.
  void set_pulse(std::atomic<std::uint64_t>* pulse);

 private:
  Matcher();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace minescan::match
