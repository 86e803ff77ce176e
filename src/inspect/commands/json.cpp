#include "inspect/commands/json.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "inspect/commands/text.h"

namespace minescan::inspect::commands {
namespace {

// Lists of data are of any length; a command's words fit in this.
constexpr std::size_t kLongestLine = std::size_t{8} << 10;

// The character that four hex digits at `at` name; false when they are none.
bool hex4(std::string_view text, std::size_t at, std::uint32_t& code) {
  if (at + 4 > text.size()) return false;
  code = 0;
  for (const char c : text.substr(at, 4)) {
    const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!letter && !is_digit(c)) return false;
    code = code * 16 + static_cast<std::uint32_t>(letter ? (c | 0x20) - 'a' + 10 : c - '0');
  }
  return true;
}

class Lines {
 public:
  Lines(std::string_view text, std::uint32_t number, bool notebook)
      : text_(text), number_(number), notebook_(notebook) {}

  std::vector<JsonLine> all() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        string();
        continue;
      }
      ++at_;
      if (c == '\n') ++number_;
      if (c == '\n' || is_blank(c)) continue;
      if (c == '/' && text_.substr(at_).starts_with("/")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '{' || c == '[') {
        open(c == '[');
      } else if (c == '}' || c == ']') {
        close(c == ']');
      } else if (c == ',') {
        if (!in_list() || line_.size() > kLongestLine) {
          flush();
        } else if (!line_.empty()) {
          append(", ");
        }
      } else {
        append(text_.substr(at_ - 1, 1));
      }
    }
    flush();
    return std::move(lines_);
  }

 private:
  void append(std::string_view part) {
    if (line_.empty()) begun_ = number_;
    line_ += part;
  }

  [[nodiscard]] bool in_list() const { return !open_.empty() && open_.back().list; }

  void open(bool list) {
    const bool told = notebook_ && list && key_ == "outputs";
    if (!list || told) flush();
    open_.push_back({.list = list, .told = told, .begin = lines_.size()});
    if (list) append("[");
    key_.clear();
  }

  void close(bool list) {
    if (list) append("]");
    const bool told = !open_.empty() && open_.back().told;
    if (!list || told || (open_.size() > 1 && open_[open_.size() - 2].list)) flush();
    if (told) lines_.resize(open_.back().begin);
    if (!open_.empty()) open_.pop_back();
  }

  void flush() {
    // The comma or bracket at its end would say that the line goes on.
    while (!line_.empty() && (is_blank(line_.back()) || line_.back() == ',' ||
                              line_.back() == '[' || line_.back() == '(' || line_.back() == '+')) {
      line_.pop_back();
    }
    if (!line_.empty()) lines_.push_back({std::move(line_), begun_});
    line_.clear();
  }

  // From the quote at at_ to behind the one that closes it; a line's end closes it too.
  void string() {
    std::string value;
    bool several = false;
    for (++at_; at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n'; ++at_) {
      if (text_[at_] != '\\' || at_ + 1 >= text_.size() || text_[at_ + 1] == '\n') {
        value += text_[at_];
        continue;
      }
      several = escaped(text_[++at_], value) || several;
    }
    if (at_ < text_.size() && text_[at_] == '"') ++at_;
    if (notebook_ && !in_list() && !open_.empty()) name(value);
    const bool command = in_list() && value.find(" -") != std::string::npos;
    if (several || command) {
      flush();
      std::string_view rest = value;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines_.push_back({std::string(rest.substr(0, end)), number_});
        rest.remove_prefix(std::min(rest.size(), end + 1));
      }
      return;
    }
    const std::string_view quote = value.find('"') == std::string::npos ? "\"" : "'";
    append(quote);
    line_ += value;
    line_ += quote;
  }

  // A member's name or value: what a notebook says and does not run.  Of several kinds the last
  // counts, as it does for whoever reads the notebook.
  void name(const std::string& value) {
    std::size_t next = at_;
    while (next < text_.size() && (is_blank(text_[next]) || text_[next] == '\n')) ++next;
    if (next < text_.size() && text_[next] == ':') {
      key_ = value;
    } else if (key_ == "cell_type") {
      open_.back().told = value == "markdown" || value == "raw";
    }
  }

  // Appends what the escape stands for; true when that is a line's end.
  bool escaped(char c, std::string& value) {
    std::uint32_t code = 0;
    if (c == 'u' && hex4(text_, at_ + 1, code)) {
      at_ += 4;
      if (code != 0) append_utf8(value, code);
      return code == '\n';
    }
    value += c == 'n' ? '\n' : c == 't' || c == 'r' || c == 'b' || c == 'f' ? ' ' : c;
    return c == 'n';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t number_;
  std::uint32_t begun_ = 0;  // line of line_'s first byte
  std::string line_;
  struct Open {
    bool list;
    bool told;          // what lies inside is no command
    std::size_t begin;  // of lines_
  };
  std::vector<Open> open_;  // the brackets that are open
  std::vector<JsonLine> lines_;
  bool notebook_;
  std::string key_;  // of a notebook, the last
};

}  // namespace

std::vector<JsonLine> json_lines(std::string_view text, std::uint32_t first_line, bool notebook) {
  return Lines(text, first_line, notebook).all();
}

}  // namespace minescan::inspect::commands
