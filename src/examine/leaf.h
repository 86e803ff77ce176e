#pragma once
// Matches the bytes of a leaf: a stream that is no container, or a container's own bytes.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/source.h"
#include "examine/recorder.h"
#include "inspect/commands.h"
#include "inspect/decoders.h"
#include "inspect/file_type.h"
#include "inspect/views.h"
#include "match/matcher.h"
#include "model/limits.h"
#include "model/trail.h"

namespace minescan::examine {

// Turns matches into evidence and keeps floods within bounds.  One per file, so that the bound is
// per file.
class EvidenceWriter {
 public:
  EvidenceWriter(match::Matcher& matcher, Recorder& recorder, const Limits& limits)
      : matcher_(matcher), recorder_(recorder), limits_(limits) {}

  // Matches window.bytes and records what starts in [from, to).  `offset` is where window.from lies
  // in the bytes that the trail names; `line` the 1-based line of window.bytes[0], 0 where lines
  // mean nothing.  `words`, where given, is told the constants of code in it.
  void match(ViewKind kind, const Trail& trail, const inspect::Window& window, std::uint64_t offset,
             std::uint32_t line, match::WordScan* words = nullptr);
  // Records the constants of a view, at its end.
  void finish_words(match::WordScan& words, const Trail& trail);
  [[nodiscard]] std::optional<match::WordScan> words(ViewKind kind) const {
    return matcher_.words(kind);
  }
  // Something of a file was not shown to the matcher though its bytes were.
  void limit(const Trail& trail, const std::string& what);

 private:
  struct Kept {
    std::uint64_t count = 0;
    std::size_t last = 0;  // index of the last evidence kept
  };
  // `line` is the match's.
  void record(const match::Match& match, ViewKind kind, const Trail& trail,
              const inspect::Window& window, std::uint64_t offset, std::uint32_t line);

  match::Matcher& matcher_;
  Recorder& recorder_;
  const Limits& limits_;
  std::map<std::size_t, Kept> kept_;  // by indicator
  std::vector<match::Match> matches_;
};

// Takes what decoders found in a view.
class DecodedSink {
 public:
  virtual ~DecodedSink() = default;
  // `trail` and `kind` are the view's; `seen` is how many bytes of it were read until now.  The
  // sink may move from `found`.
  virtual void on_decoded(const Trail& trail, ViewKind kind, std::uint64_t seen,
                          std::vector<inspect::Decoded>& found) = 0;
};

// Takes the commands of a text, and its lines with their variables put in, which may hide
// something. Keeps nothing between them: what they come from may be at work on a view itself.
class CommandViews final : public inspect::ViewSink {
 public:
  CommandViews(EvidenceWriter& writer, DecodedSink& sink, const Trail& trail)
      : writer_(writer), sink_(sink), trail_(trail) {}
  void on_view(ViewKind kind, const Step& step, const inspect::Window& window,
               std::uint64_t offset) override;
  void on_limit(const std::string& what) override { writer_.limit(trail_, what); }

 private:
  EvidenceWriter& writer_;
  DecodedSink& sink_;
  const Trail& trail_;
};

// Hands every further view of a file to its writer, and what is hidden in it to `sink`.  All must
// outlive it.
class MatchingViews final : public inspect::ViewSink {
 public:
  MatchingViews(EvidenceWriter& writer, DecodedSink& sink, const Trail& trail)
      : writer_(writer), sink_(sink), trail_(trail) {}
  void on_view(ViewKind kind, const Step& step, const inspect::Window& window,
               std::uint64_t offset) override;
  void on_limit(const std::string& what) override { writer_.limit(trail_, what); }
  // The last view that was begun ends here.
  void finish();

 private:
  EvidenceWriter& writer_;
  DecodedSink& sink_;
  const Trail& trail_;
  std::optional<inspect::Commands> commands_;
  std::optional<inspect::Decoders> decoders_;  // of the view at hand
  ViewKind kind_ = ViewKind::text;
  Step step_;
  std::uint64_t seen_ = 0;
};

struct Leaf {
  const Trail& trail;
  std::string_view name;
  // The kind of the text that these bytes were decoded from: as text they are no less than that.
  std::optional<ViewKind> within = std::nullopt;
  // What these bytes are taken for, whatever they look like.
  std::optional<ViewKind> as = std::nullopt;
  // Part of a program: its code, whatever it looks like.
  bool part_of_program = false;
  // A file may be read in pieces, with what is embedded in it between them: the type of the whole,
  // once it is known, and where this piece begins.
  std::optional<inspect::FileType> type = std::nullopt;
  std::uint64_t offset = 0;
  std::uint32_t line = 1;  // of the file, on which this piece begins
  // Where the next thing that is no part of the leaf begins in a window, `from` or later: the piece
  // ends there.  nullptr = nowhere.
  std::optional<std::uint64_t> (*stop)(ByteView window, std::size_t from) = nullptr;
};

// What the bytes of a leaf are, from the first that its source shows.
inspect::FileType leaf_type(Source& source, const Leaf& leaf);

// How many bytes of a leaf were matched, and how many line ends lie in them, where lines mean
// anything.
struct Scanned {
  std::uint64_t bytes = 0;
  std::uint32_t lines = 0;
};

// Reads `source` to its end, or to where the piece ends, and matches all of it, with the further
// views that its type has. Without leaf.stop, less bytes than there are were matched only when
// limits.leaf_bytes was reached (the caller then asks the source for more).
Scanned scan_leaf(Source& source, const Leaf& leaf, EvidenceWriter& writer, DecodedSink& sink,
                  const Limits& limits);

}  // namespace minescan::examine
