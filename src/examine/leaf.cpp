#include "examine/leaf.h"

#include <algorithm>

#include "inspect/commands.h"

namespace minescan::examine {
namespace {

// At least this much is matched at a time.  Large enough that the bytes shown twice at seams (6
// KiB) do not count, small enough to stay in the second-level cache.
constexpr std::size_t kWindow = std::size_t{128} << 10;
// And at most this much, whatever the source has at hand.
constexpr std::size_t kWidestWindow = std::size_t{1} << 20;
static_assert(kWindow > 4 * (match::kBefore + match::kAfter));

constexpr std::size_t kExcerpt = 200;  // bytes
constexpr std::size_t kExcerptBefore = 40;

bool has_lines(ViewKind kind) {
  return kind != ViewKind::executable && kind != ViewKind::binary && kind != ViewKind::path &&
         !is_words(kind);
}

// Views that are short and say something to people as they are.
bool says_lines(ViewKind kind) {
  return kind == ViewKind::kernels || kind == ViewKind::packer || kind == ViewKind::command ||
         kind == ViewKind::argv;
}

// Where an excerpt of a line may begin that should begin at `begin`: behind a word that is cut off
// and behind what is assigned to it.  A secret without its name would not be masked.
std::size_t behind_cut_word(std::string_view text, std::size_t begin, std::size_t start) {
  const auto blank = [&](std::size_t at) { return text[at] == ' ' || text[at] == '\t'; };
  constexpr std::size_t kScheme = 6;  // "Bearer", "Basic"
  const auto assigns = [](char c) { return c == '=' || c == ':'; };
  const std::size_t wanted = begin;
  while (begin < start && blank(begin)) ++begin;
  if (begin == start) return wanted;
  std::size_t before = begin;
  while (before > 0 && blank(before - 1)) --before;
  const bool whole = begin == 0 || before < begin;
  std::size_t word_before = before;
  while (word_before > 0 && before - word_before <= kScheme && !blank(word_before - 1))
    --word_before;
  bool skip = before > 0 && (!whole || assigns(text[before - 1]) ||
                             before - word_before <= kScheme || assigns(text[begin]));
  std::size_t at = begin;
  while (skip && at < start) {
    const std::size_t word = at;
    while (at < start && !blank(at)) ++at;
    skip = at > word && (assigns(text[at - 1]) || at - word <= kScheme);
    while (at < start && blank(at)) ++at;
    skip = skip || (at < start && assigns(text[at]));
  }
  return at;
}

// The match with a little around it, within its line in texts.
std::string excerpt(std::string_view text, std::size_t start, std::size_t length, bool lines) {
  std::size_t begin = start > kExcerptBefore ? start - kExcerptBefore : 0;
  std::size_t end = std::min(text.size(), begin + kExcerpt);
  if (lines) {
    const std::size_t line_begin = text.rfind('\n', start == 0 ? 0 : start - 1);
    const std::size_t line_start =
        start > 0 && line_begin != std::string_view::npos ? line_begin + 1 : 0;
    begin = begin <= line_start ? line_start : behind_cut_word(text, begin, start);
    end = std::min(end, text.find('\n', std::min(text.size(), start + length)));
  } else {
    // Around a string of a binary only what belongs to the string says something.
    const std::size_t zero_before =
        start == 0 ? std::string_view::npos : text.rfind('\0', start - 1);
    if (zero_before != std::string_view::npos && zero_before >= begin) {
      begin = zero_before + 1;
    }
    end = std::min(end, text.find('\0', std::min(text.size(), start + length)));
  }
  end = std::min(std::max(end, std::min(text.size(), start + length)), begin + kExcerpt);
  return std::string(text.substr(begin, end - begin));
}

// How much texts of a kind can do; 0 for what is no text.
int rank(ViewKind kind) {
  switch (kind) {
    case ViewKind::script:
    case ViewKind::argv:
    case ViewKind::command:
      return 4;
    case ViewKind::config:
    case ViewKind::image_config:
      return 3;
    case ViewKind::text:
      return 2;
    case ViewKind::document:
      return 1;
    case ViewKind::executable:
    case ViewKind::binary:
    case ViewKind::path:
    case ViewKind::kernels:
    case ViewKind::packer:
    case ViewKind::code:
    case ViewKind::gpu_code:
    case ViewKind::change:
      break;
  }
  return 0;
}

bool is_program(std::optional<ViewKind> kind) {
  return kind == ViewKind::executable || kind == ViewKind::binary;
}

ViewKind stronger(ViewKind kind, std::optional<ViewKind> within) {
  // What a program hides it may run.
  if (is_program(within) && rank(kind) > 0) return ViewKind::script;
  return within && rank(kind) > 0 && rank(*within) >= rank(kind) ? *within : kind;
}

}  // namespace

void CommandViews::on_view(ViewKind kind, const Step& step, const inspect::Window& window,
                           std::uint64_t offset) {
  const Trail trail = trail_ / step;
  writer_.match(kind, trail, window, offset, window.line);
  if (kind == ViewKind::command) return;
  inspect::Decoders decoders(kind);
  std::vector<inspect::Decoded> found;
  decoders.window(window, true, found);
  if (!found.empty()) sink_.on_decoded(trail, kind, offset + window.to, found);
}

void MatchingViews::on_view(ViewKind kind, const Step& step, const inspect::Window& window,
                            std::uint64_t offset) {
  if (is_words(kind)) {
    // One code object's, all at once.
    std::optional<match::WordScan> words = writer_.words(kind);
    if (!words) return;
    match::Matcher::look_up_words(
        *words, window.bytes.subspan(window.from, window.to - window.from), offset);
    writer_.finish_words(*words, trail_ / step);
    return;
  }
  writer_.match(kind, trail_ / step, window, offset, window.line);
  // Put together from bytes that were looked at already, or names.
  if (kind == ViewKind::command || kind == ViewKind::kernels || kind == ViewKind::packer) return;
  if (!decoders_ || step != step_ || kind != kind_ || offset == 0) {
    finish();
    decoders_.emplace(kind);
    // An image's commands come with its environment put in already.
    commands_.emplace(inspect::FileType{.view = kind == ViewKind::argv ? ViewKind::binary : kind});
    kind_ = kind;
    step_ = step;
  }
  std::vector<inspect::Decoded> found;
  const Trail trail = trail_ / step_;
  CommandViews commands(writer_, sink_, trail);
  commands_->window(window, commands);
  decoders_->window(window, false, found);
  seen_ = offset + window.to - window.from;
  if (!found.empty()) sink_.on_decoded(trail, kind_, seen_, found);
}

void MatchingViews::finish() {
  if (!decoders_) return;
  const Trail trail = trail_ / step_;
  std::vector<inspect::Decoded> found;
  decoders_->window({}, true, found);
  if (!found.empty()) sink_.on_decoded(trail, kind_, seen_, found);
  CommandViews commands(writer_, sink_, trail);
  commands_->finish(commands);
  decoders_.reset();
}

void EvidenceWriter::match(ViewKind kind, const Trail& trail, const inspect::Window& window,
                           std::uint64_t offset, std::uint32_t line, match::WordScan* words) {
  matches_.clear();
  Observer* const observer = recorder_.observer();
  if (observer != nullptr && says_lines(kind)) {
    observer->on_view(trail, kind, window.bytes.subspan(window.from, window.to - window.from));
  }
  const auto done =
      matcher_.scan(window.bytes, kind, window.from, window.to, matches_, words, offset);
  // Matches come in order, so that lines are counted once.
  std::size_t counted = 0;
  for (const match::Match& match : matches_) {
    if (line != 0) line += newlines(window.bytes.subspan(counted, match.start - counted));
    counted = match.start;
    record(match, kind, trail, window, offset, line);
  }
  if (!done) {
    recorder_.gap({.trail = trail,
                   .reason = GapReason::matcher_error,
                   .detail = done.error().what,
                   .offset = offset,
                   .bytes = window.to - window.from});
  }
}

void EvidenceWriter::finish_words(match::WordScan& words, const Trail& trail) {
  const auto& indicators = matcher_.signatures().indicators();
  for (const match::WordMatch& match : words.finish(indicators)) {
    const match::Indicator& indicator = indicators[match.indicator];
    if (Observer* const observer = recorder_.observer()) {
      observer->on_words(trail, words.kind(), indicator.id, match::words_text(indicator, match));
    }
    recorder_.evidence({.indicator = indicator.id,
                        .trail = trail,
                        .view = words.kind(),
                        .offset = match.offset,
                        .length = indicator.words[match.words.front()].wide ? 8u : 4u,
                        .excerpt = match::words_text(indicator, match)});
  }
}

void EvidenceWriter::limit(const Trail& trail, const std::string& what) {
  recorder_.gap({.trail = trail, .reason = GapReason::limit_hits, .detail = what});
}

void EvidenceWriter::record(const match::Match& match, ViewKind kind, const Trail& trail,
                            const inspect::Window& window, std::uint64_t offset,
                            std::uint32_t line) {
  Kept& kept = kept_[match.indicator];
  if (++kept.count > limits_.hits_kept) {
    recorder_.evidence_at(kept.last).count = kept.count - limits_.hits_kept + 1;
    return;
  }
  const std::string_view text = as_text(window.bytes);
  Evidence evidence{.indicator = matcher_.signatures().indicators()[match.indicator].id,
                    .trail = trail,
                    .view = kind,
                    .offset = offset + match.start - window.from,
                    .length = match.length};
  evidence.captures = match.captures;
  evidence.excerpt = excerpt(text, match.start, match.length, has_lines(kind));
  if (line != 0) {
    evidence.line = line;
    const std::size_t line_begin =
        match.start == 0 ? std::string_view::npos : text.rfind('\n', match.start - 1);
    evidence.column = static_cast<std::uint32_t>(
        match.start - (line_begin == std::string_view::npos ? 0 : line_begin + 1) + 1);
    // A command was put together from its file's words: only its line is the file's.
    if (kind == ViewKind::command) evidence.column = 1;
  }
  if (recorder_.evidence(std::move(evidence))) {
    kept.last = recorder_.evidence_count() - 1;
  } else {
    // Nothing was kept for this hit; a later one must not change evidence that is not its own.
    kept.count = 0;
  }
}

inspect::FileType leaf_type(Source& source, const Leaf& leaf) {
  if (leaf.as) return {.view = *leaf.as, .name = "strings"};
  inspect::FileType type = inspect::file_type(source.peek(kWindow), leaf.name);
  type.view = stronger(type.view, leaf.within);
  // Assembly text of a GPU hides nothing in encodings, and nobody runs it as a script.
  if (leaf.part_of_program && type.view != ViewKind::executable) {
    type = {.view = ViewKind::executable, .name = rank(type.view) > 0 ? "assembly text" : "code"};
  }
  return type;
}

Scanned scan_leaf(Source& source, const Leaf& leaf, EvidenceWriter& writer, DecodedSink& sink,
                  const Limits& limits) {
  const inspect::FileType type = leaf.type ? *leaf.type : leaf_type(source, leaf);
  ByteView shown = source.peek(kWindow);
  const bool plain = type.encoding == inspect::Encoding::bytes;
  inspect::Views views(type);
  inspect::Commands commands(type);
  MatchingViews further(writer, sink, leaf.trail);
  CommandViews command_views(writer, sink, leaf.trail);
  inspect::Decoders decoders(type.view);
  std::vector<inspect::Decoded> found;
  const std::uint32_t first_line = has_lines(type.view) && plain ? leaf.line : 0;
  std::uint32_t line = first_line;
  std::optional<match::WordScan> words = writer.words(type.view);
  std::uint64_t done = 0;    // bytes matched
  std::size_t repeated = 0;  // bytes at the front of `shown` that were matched already
  while (shown.size() > repeated && done < limits.leaf_bytes) {
    const bool last = shown.size() < kWindow;
    if (shown.size() > kWidestWindow) shown = shown.first(kWidestWindow);
    // Multiples of 4 keep wide characters whole.
    std::size_t to = last ? shown.size() : (shown.size() - match::kAfter) & ~std::size_t{3};
    const std::uint64_t allowed = limits.leaf_bytes - done;
    if (to - repeated > allowed) to = repeated + static_cast<std::size_t>(allowed);
    bool stopped = false;
    if (leaf.stop != nullptr) {
      // The first byte is what the caller took for the leaf's.
      const std::size_t from = done == 0 ? repeated + 1 : repeated;
      const auto at = leaf.stop(shown, from);
      stopped = at && *at <= to;
      if (stopped) {
        to = static_cast<std::size_t>(*at);
        shown = shown.first(to);
      }
    }
    const inspect::Window window{.bytes = shown, .from = repeated, .to = to};
    const std::uint64_t offset = leaf.offset + done;
    writer.match(type.view, leaf.trail, window, offset, line, words ? &*words : nullptr);
    // Or it prints or compares it: then it is one of its strings.
    if (is_program(leaf.within) && type.view == ViewKind::script) {
      writer.match(ViewKind::executable, leaf.trail, window, offset, line);
    }
    views.window(window, further);
    done += to - repeated;
    const bool finished = stopped || (last && to == shown.size()) || done >= limits.leaf_bytes;
    commands.window(window, command_views, finished);
    if (plain) {
      decoders.window(window, finished, found);
      if (!found.empty()) sink.on_decoded(leaf.trail, type.view, done, found);
      found.clear();
    }
    const std::size_t used = finished ? to : to - std::min(to, match::kBefore);
    if (line != 0) line += newlines(shown.first(used));
    repeated = to - used;
    source.skip(used);
    if (finished) break;
    shown = source.peek(kWindow);
  }
  commands.finish(command_views);
  further.finish();
  if (words) writer.finish_words(*words, leaf.trail);
  return {.bytes = done, .lines = line - first_line};
}

}  // namespace minescan::examine
