#include "review/apart.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/wire.h"
#include "review/facts.h"

namespace minescan::review {
namespace {

// Key and value of a fact are cut after 400 bytes each; a line may have an earlier value too.
constexpr std::size_t kLongestLine = 4096;
// A captured text is at most as wide as a match, and may be said in other words.
constexpr std::size_t kLongestCapture = std::size_t{2} * match::kReach;
// In the texts of one task; honest ones have about one each.
constexpr std::size_t kMostMatches = 1'000'000;
constexpr std::uint64_t kCodes = static_cast<std::uint64_t>(Code::internal) + 1;

using Values = std::multimap<std::string, const Fact*>;

Values by_key(const std::vector<Fact>& facts) {
  Values values;
  for (const Fact& fact : facts) values.emplace(fact.key, &fact);
  return values;
}

std::vector<Line> new_facts(const std::string& path, const std::vector<Fact>& before,
                            const std::vector<Fact>& after) {
  std::vector<Line> lines;
  const Values old_values = by_key(before);
  const Values new_values = by_key(after);
  std::set<std::pair<std::string, std::string>> known;
  for (const Fact& fact : before) known.emplace(fact.key, fact.value);
  for (const Fact& fact : after) {
    // A value that stands twice is said once.
    if (!known.emplace(fact.key, fact.value).second) continue;
    const bool replaced = old_values.count(fact.key) == 1 && new_values.count(fact.key) == 1;
    std::string text = fact.key + (replaced ? " changed: " : " added: ") + fact.value;
    if (replaced) text += " (was: " + old_values.find(fact.key)->second->value + ")";
    lines.push_back({path, fact.line, std::move(text)});
  }
  return lines;
}

bool is_line(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         text.find_first_of("\r\n") == std::string_view::npos;
}

void write(WireWriter& out, const match::Match& match) {
  const auto& [indicator, start, length, captures] = match;
  out.number(indicator);
  out.number(start);
  out.number(length);
  out.number(captures.size());
  for (const auto& capture : captures) {
    out.text(capture.first);
    out.text(capture.second);
  }
}

match::Match read_match(WireReader& in, std::string_view text,
                        const match::SignatureSet& signatures) {
  const auto& indicators = signatures.indicators();
  match::Match match;
  match.indicator = static_cast<std::size_t>(in.number_below(indicators.size()));
  match.start = static_cast<std::size_t>(in.number_below(text.size() + 1));
  match.length = static_cast<std::size_t>(in.number_below(text.size() - match.start + 1));
  if (!in.good() || (indicators[match.indicator].views & view_bit(ViewKind::change)) == 0) {
    in.fail();
    return match;
  }
  for (std::uint64_t left = in.number(); in.good() && left > 0; --left) {
    std::string key = in.text();
    std::string value = in.text();
    // As a map is written: sorted, and no key twice.
    const bool next = match.captures.empty() || key > match.captures.rbegin()->first;
    if (!next || key.size() > kLongestCapture || value.size() > kLongestCapture) in.fail();
    match.captures.emplace_hint(match.captures.end(), std::move(key), std::move(value));
  }
  return match;
}

}  // namespace

std::string facts_task(ByteView input) {
  WireReader in(input);
  const std::string path = in.text();
  const std::string before = in.text();
  const std::string after = in.text();
  WireWriter out;
  out.list(new_facts(path, facts_of(path, before), facts_of(path, after)), [&](const Line& line) {
    out.number(line.line);
    out.text(line.text);
  });
  return out.take();
}

std::optional<std::vector<Line>> fact_lines_from_bytes(ByteView bytes, const std::string& path,
                                                       const std::string& after) {
  // Some readers end lines at a carriage return alone.
  const std::size_t last =
      1 + static_cast<std::size_t>(std::count_if(after.begin(), after.end(),
                                                 [](char c) { return c == '\n' || c == '\r'; }));
  WireReader in(bytes);
  std::vector<Line> lines;
  in.list([&] {
    const auto number = static_cast<std::uint32_t>(in.number_below(last + 1));
    lines.push_back({path, number, in.text()});
    const bool sound = number != 0 && is_line(lines.back().text, kLongestLine);
    if (!sound || lines.size() > kMostFacts) in.fail();
  });
  if (!in.at_end()) return std::nullopt;
  return lines;
}

Result<std::vector<Line>> compare_facts(TaskRunner& runner, const std::string& path,
                                        const std::string* before, const std::string& after) {
  if (before != nullptr && *before == after) return std::vector<Line>();
  WireWriter out;
  out.text(path);
  out.text(before == nullptr ? std::string_view() : std::string_view(*before));
  out.text(after);
  const std::string input = out.take();
  std::optional<std::vector<Line>> lines;
  const auto done = runner.run(Task::facts, as_bytes(input), [&](ByteView answer) {
    lines = fact_lines_from_bytes(answer, path, after);
    return lines.has_value();
  });
  if (!done) {
    return fail(done.error().code,
                "what it says about what will run is not known: " + done.error().what);
  }
  return std::move(*lines);
}

std::string matches_bytes(const Result<Matches>& matches) {
  WireWriter out;
  out.number(matches ? 1 : 0);
  if (!matches) {
    out.number(static_cast<std::uint64_t>(matches.error().code));
    out.text(matches.error().what);
  } else {
    out.list(*matches, [&](const std::vector<match::Match>& of_text) {
      out.list(of_text, [&](const match::Match& match) { write(out, match); });
    });
  }
  return out.take();
}

std::optional<Result<Matches>> matches_from_bytes(ByteView bytes,
                                                  const std::vector<std::string>& texts,
                                                  const match::SignatureSet& signatures) {
  WireReader in(bytes);
  if (in.number_below(2) == 0) {
    const auto code = static_cast<Code>(in.number_below(kCodes));
    Error error{code, in.text()};
    if (!in.at_end() || !is_line(error.what, kLongestLine)) return std::nullopt;
    return Result<Matches>(tl::unexpected<Error>(std::move(error)));
  }
  Matches matches;
  std::size_t count = 0;
  in.list([&] {
    if (matches.size() == texts.size()) return in.fail();
    const std::string& text = texts[matches.size()];
    auto& of_text = matches.emplace_back();
    in.list([&] {
      of_text.push_back(read_match(in, text, signatures));
      if (++count > kMostMatches) in.fail();
    });
  });
  if (!in.at_end() || matches.size() != texts.size()) return std::nullopt;
  return Result<Matches>(std::move(matches));
}

std::string changes_task(ByteView input, match::Matcher& matcher) {
  WireReader in(input);
  Result<Matches> matches;
  in.list([&] {
    const std::string text = in.text();
    std::vector<match::Match> of_text;
    if (!matches) return;
    if (auto done = matcher.scan(as_bytes(text), ViewKind::change, of_text); !done) {
      matches = tl::unexpected<Error>(std::move(done.error()));
    } else {
      matches->push_back(std::move(of_text));
    }
  });
  return matches_bytes(matches);
}

Result<void> match_lines(std::span<const Line> lines, const Trail& file,
                         const match::SignatureSet& signatures, TaskRunner& runner,
                         std::vector<Evidence>& evidence) {
  constexpr std::size_t kAtOnce = 4096;  // what is lost with a worker
  constexpr std::size_t kExcerpt = 200;  // one evidence for one match; the line is the excerpt
  while (!lines.empty()) {
    const auto some = lines.first(std::min(lines.size(), kAtOnce));
    lines = lines.subspan(some.size());
    std::vector<std::string> texts;
    for (const Line& line : some) texts.push_back(line.text);
    WireWriter out;
    out.list(texts, [&](const std::string& text) { out.text(text); });
    const std::string input = out.take();
    std::optional<Result<Matches>> matches;
    auto done = runner.run(Task::changes, as_bytes(input), [&](ByteView answer) {
      matches = matches_from_bytes(answer, texts, signatures);
      return matches.has_value();
    });
    if (done && !*matches) done = tl::unexpected<Error>(std::move(matches->error()));
    if (!done) {
      return fail(done.error().code,
                  "signatures were not looked for in what changed of it: " + done.error().what);
    }
    for (std::size_t i = 0; i < some.size(); ++i) {
      const Line& line = some[i];
      // A view for each line, so that a rule holds for each line by itself.
      const Trail trail =
          file /
          Step{Step::Kind::view, line.line == 0 ? "change" : "line " + std::to_string(line.line)};
      for (match::Match& match : (**matches)[i]) {
        evidence.push_back({.indicator = signatures.indicators()[match.indicator].id,
                            .trail = trail,
                            .view = ViewKind::change,
                            .offset = match.start,
                            .length = match.length,
                            .line = line.line,
                            .column = line.line == 0 ? 0u : 1u,
                            .captures = std::move(match.captures),
                            .excerpt = line.text.substr(0, kExcerpt)});
      }
    }
  }
  return {};
}

}  // namespace minescan::review
