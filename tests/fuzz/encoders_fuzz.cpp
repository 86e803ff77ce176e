// Names made of any bytes in every field of a report, through every format: no crash, and what
// comes out keeps to the grammar that the sink of the format takes as harmless.  Texts are divided
// at newlines that follow a backslash, so that each may hold any byte.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/printable.h"
#include "fuzz/expect.h"
#include "report/encode.h"
#include "report/github_encode.h"
#include "report/html_encode.h"
#include "report/markdown_encode.h"
#include "report/report.h"

namespace {

using namespace minescan;
using fuzz::expect;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool runner_command(std::string_view text) {
  return holds(text, "##[") || holds(text, "##vso[") || holds(text, "##teamcity[");
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  for (std::size_t end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    lines.push_back(text.substr(at, end - at));
  }
  expect(at == text.size(), "a report ends with its last line");
  return lines;
}

// --- sinks

void check_shown(const std::string& text, std::string_view what) {
  expect(report::is_utf8(text), what);
  expect(!runner_command(text), what);
  for (const char c : text) {
    expect(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f), what);
  }
  for (const char* acts : {"\xc2\x80", "\xc2\x9b", "\xc2\x85", "\xe2\x80\x8b", "\xe2\x80\xae",
                           "\xe2\x80\xa8", "\xe2\x81\xa6", "\xef\xbb\xbf"}) {
    expect(!holds(text, acts), what);
  }
}

void check_text(const std::string& text) {
  check_shown(text, "text: nothing acts on a terminal");
  for (const std::string& line : lines_of(text)) {
    const std::size_t start = line.find_first_not_of(' ');
    expect(start == std::string::npos || !std::string_view(line).substr(start).starts_with("::"),
           "text: no line is a workflow command");
  }
}

void check_document(const std::string& text) {
  for (const char c : text) expect(c == '\n' || (c >= 0x20 && c < 0x7f), "documents are ASCII");
  expect(!runner_command(text), "documents hold no runner command");
  expect(Json::accept(text), "documents are JSON");
}

// Each line is "::kind name=value,…::text" with nothing in a value that ends it.
void check_github(const std::string& text) {
  check_shown(text, "github: nothing acts on a terminal");
  std::size_t errors = 0, warnings = 0, notices = 0;
  for (const std::string& line : lines_of(text)) {
    std::string_view rest = line;
    std::size_t* count = rest.starts_with("::error ")     ? &errors
                         : rest.starts_with("::warning ") ? &warnings
                         : rest.starts_with("::notice ")  ? &notices
                                                          : nullptr;
    expect(count != nullptr, "github: every line is a command");
    ++*count;
    rest.remove_prefix(rest.find(' ') + 1);
    rest = rest.substr(0, rest.find("::"));
    std::string names;
    while (!rest.empty()) {
      const std::string_view property = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), property.size() + 1));
      names.append(property.substr(0, property.find('='))).append(" ");
      expect(!holds(property, ":"), "github: no value ends the properties");
    }
    expect(names == "title " || names == "file line title ", "github: only our properties");
  }
  expect(errors <= 10 && warnings <= 10 && notices <= 10 && notices > 0, "github: ten of a kind");
}

// The line with every code span as a "$", which nothing of ours is; the same rule as CommonMark's.
std::string without_code(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    if (line[0] != '`') {
      out += line[0];
      line.remove_prefix(1);
      continue;
    }
    const std::size_t fence = std::min(line.find_first_not_of('`'), line.size());
    std::size_t end = fence;
    while (true) {
      end = line.find('`', end);
      expect(end != std::string_view::npos, "markdown: a code span ends in its line");
      const std::size_t after = std::min(line.find_first_not_of('`', end), line.size());
      if (after - end == fence) {
        out += '$';
        line.remove_prefix(after);
        break;
      }
      end = after;
    }
  }
  return out;
}

// Words that no renderer makes anything of.
void check_plain(std::string_view plain) {
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const bool harmless = is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
                          holds(" .,:;!?()'\"-$", std::string_view(&c, 1));
    expect(harmless, "markdown: no markup outside of code");
    if (c == '$') {
      const bool apart = i + 1 == plain.size() || holds(" .,:)", plain.substr(i + 1, 1));
      expect(apart && (i == 0 || holds(" (", plain.substr(i - 1, 1))),
             "markdown: code stands apart");
    }
  }
  expect(!holds(plain, "www.") && !holds(plain, "://"), "markdown: no link outside of code");
}

void take(std::string_view& line, std::string_view what) {
  if (line.starts_with(what)) line.remove_prefix(what.size());
}

void check_markdown(const std::string& text) {
  check_shown(text, "markdown: nothing acts on a terminal");
  expect(text.size() <= 65'536, "markdown: fits into a comment");
  bool first = true;
  for (const std::string& raw : lines_of(text)) {
    const std::string code_free = without_code(raw);
    std::string_view line = code_free;
    if (first) {
      constexpr std::string_view kMarker = " <!-- minescan -->";
      expect(line.starts_with("### minescan: "), "markdown: begins with the verdict");
      expect(line.ends_with(kMarker), "markdown: has its marker in the first line");
      line.remove_prefix(4);
      line.remove_suffix(kMarker.size());
      first = false;
    }
    std::string rest;
    if (line.starts_with("|")) {
      expect(std::count(line.begin(), line.end(), '|') == 5, "markdown: rows have four cells");
      rest = line;
      std::replace(rest.begin(), rest.end(), '|', ' ');
      line = rest;
    }
    take(line, "<details>");
    take(line, "<summary>");
    if (line.ends_with("</summary>")) line.remove_suffix(10);
    take(line, "</details>");
    if (line.starts_with("**")) {
      const std::size_t end = line.find("**", 2);
      expect(end != std::string_view::npos, "markdown: emphasis ends");
      check_plain(line.substr(2, end - 2));
      line.remove_prefix(end + 2);
    }
    check_plain(line);
  }
}

// Every "<" begins a tag of ours with attributes of ours, tags nest, and every "&" is a reference.
void check_html(std::string_view text) {
  static constexpr std::string_view kTags[] = {"html", "head", "title", "style",   "body", "h1",
                                               "h2",   "h3",   "p",     "ul",      "li",   "table",
                                               "tr",   "th",   "td",    "article", "code"};
  static constexpr std::string_view kClasses[] = {"verdict good", "verdict doubtful", "verdict bad",
                                                  "error",        "warning",          "note"};
  static constexpr std::string_view kReferences[] = {"amp;", "lt;", "gt;", "quot;", "#39;"};
  const auto is_one_of = [](const auto& list, std::string_view one) {
    return std::find(std::begin(list), std::end(list), one) != std::end(list);
  };
  std::vector<std::string_view> open;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '&') {
      expect(is_one_of(kReferences, text.substr(0, text.find(';') + 1)), "html: a reference");
    }
    if (c != '<') {
      expect(c != '>' || (!open.empty() && open.back() == "style"), "html: no bare >");
      continue;
    }
    const std::size_t end = text.find('>');
    expect(end != std::string_view::npos, "html: a tag ends");
    std::string_view tag = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (tag == "!DOCTYPE html" || tag.starts_with("meta ")) continue;
    if (tag.starts_with('/')) {
      expect(!open.empty() && open.back() == tag.substr(1), "html: tags nest");
      open.pop_back();
      continue;
    }
    const std::string_view name = tag.substr(0, tag.find(' '));
    tag.remove_prefix(std::min(name.size() + 1, tag.size()));
    open.push_back(name);
    if (name == "a") {
      expect(tag.starts_with("href=\"https://") &&
                 tag.ends_with("\" rel=\"noopener noreferrer\"") &&
                 std::count(tag.begin(), tag.end(), '"') == 4,
             "html: links lead to the web");
      continue;
    }
    expect(is_one_of(kTags, name), "html: only our tags");
    if (tag.empty() || (name == "html" && tag == "lang=\"en\"")) continue;
    expect(tag.starts_with("class=\"") && tag.ends_with('"') &&
               is_one_of(kClasses, tag.substr(7, tag.size() - 8)),
           "html: only our attributes");
  }
  expect(open.empty(), "html: every tag ends");
}

void check_encoders(const std::string& text) {
  const std::string line = printable(text, 100);
  for (const std::string& span :
       {report::markdown_code(text, 100), report::markdown_cell(text, 100)}) {
    expect(without_code(span) == "$", "markdown_code: one span and nothing else");
  }
  expect(holds(report::markdown_code(text, 100), line), "markdown_code: the text is in it");
  expect(!holds(report::markdown_cell(text, 100), "|"), "markdown_cell: no pipe");
  check_plain(without_code(report::markdown_prose(text, 100)));
  check_html(report::html_element("p", text));
  check_html(report::html_link(text));
  const std::string uri = report::uri_path(text);
  expect(!uri.starts_with('/') && !holds(uri, "//") && !holds(uri, ":") && !holds(uri, "\\"),
         "uri_path: relative, without scheme");
  report::WorkflowCommand command("error");
  command.property("title", text);
  const std::string written = command.text(text);
  expect(std::count(written.begin(), written.end(), '\n') == 1 && written.ends_with('\n'),
         "workflow commands are one line");
}

// --- reports

class Names {
 public:
  Names(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (names_.size() < 32) {
      const std::size_t end = rest.find("\\\n");
      names_.emplace_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 2);
    }
  }
  const std::string& next() { return names_[at_++ % names_.size()]; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::size_t at_ = 0;
};

Trail trail_of(Names& names) {
  return {{{Step::Kind::unit, names.next()},
           {Step::Kind::decoder, "gzip"},
           {Step::Kind::member, names.next()}}};
}

Finding finding_of(Names& names, const Rule& rule, std::size_t number) {
  Finding made;
  made.id = names.next();
  made.rule = &rule;
  made.level = static_cast<Level>(number % 3);
  made.trail = trail_of(names);
  made.path = names.next();
  made.message = names.next();
  Evidence evidence;
  evidence.trail = made.trail;
  evidence.indicator = names.next();
  evidence.excerpt = names.next();
  evidence.captures = {{names.next(), names.next()}};
  evidence.line = static_cast<std::uint32_t>(number);
  made.evidence = {evidence};
  if (number % 2 == 0)
    made.places = {{names.next(), 0, 1, names.next(), names.next(), State::deleted, names.next()}};
  if (number % 3 != 0) made.package = names.next();
  if (number % 3 == 1) made.lockfile = names.next();
  made.lockfile_line = static_cast<std::uint32_t>(number);
  if (number % 5 == 4) made.suppressed = Suppression{names.next(), names.next()};
  return made;
}

Report report_of(Names& names, const Rule& rule, std::uint8_t shape) {
  Report report;
  report.artifact.kind = static_cast<Artifact::Kind>(shape % 3);
  report.artifact.name = names.next();
  report.artifact.digest = names.next();
  report.artifact.notes = {names.next()};
  Unit unit;
  unit.name = names.next();
  report.artifact.units = {unit};
  if (shape % 3 == 0) {
    Image image;
    image.platform = {names.next(), names.next(), names.next()};
    image.layers = {{0, names.next(), names.next(), names.next()}};
    report.artifact.images = {image};
  }
  const std::size_t count = (shape & 4) != 0 ? 40 : names.size();
  for (std::size_t i = 0; i < count; ++i) {
    report.findings.push_back(finding_of(names, rule, i));
    report.coverage.gaps.push_back(
        {trail_of(names), GapReason::decode_corrupt, names.next(), 0, i});
    report.anomalies.push_back({trail_of(names), names.next()});
  }
  if ((shape & 8) != 0) report.failures = {{Code::integrity, names.next()}};
  if ((shape & 16) != 0) {
    report.review = Review{.base = names.next(), .head = names.next(), .files_changed = count};
    for (std::size_t i = 0; i < count; ++i) {
      report.review->packages.push_back(
          {names.next(), names.next(), names.next(), names.next(), 1, names.next()});
    }
  }
  report.clusters = {{names.next(), names.next(), names.next(), {trail_of(names)}, {}}};
  report.policy_notes = {names.next()};
  report.coverage.complete = false;
  report.exit_code = shape >> 6;
  report.tool_version = names.next();
  report.signatures_digest = names.next();
  report.rules = {&rule};
  return report;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Names names(data + 2, size - 2);
  for (std::size_t i = 0; i < names.size(); ++i) check_encoders(names.next());
  Rule rule;
  rule.id = names.next();
  rule.name = names.next();
  rule.title = names.next();
  rule.description = names.next();
  rule.help = names.next();
  rule.references = {names.next()};
  const Report report = report_of(names, rule, data[0]);
  report::Style style;
  style.sarif_location = names.next();
  // One format for each input: an input that is rich in one is as good as one that is in all.
  const auto formats = report::format_names();
  const std::string_view format = formats[data[1] % formats.size()];
  const std::string text = report::format_by_name(format)->write(report, style);
  if (format == "text") {
    check_text(text);
  } else if (format == "markdown") {
    check_markdown(text);
  } else if (format == "html") {
    check_shown(text, "html: nothing acts on a terminal");
    check_html(text);
  } else if (format == "github") {
    check_github(text);
  } else {
    check_document(text);
  }
  return 0;
}
