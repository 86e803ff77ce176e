#include "inspect/commands/words.h"

#include <algorithm>

#include "inspect/commands/options.h"
#include "inspect/commands/text.h"

namespace minescan::inspect::commands {
namespace {

// Separates words and drops what belongs to the language around them.
class Words {
 public:
  explicit Words(const Variables& variables) : variables_(variables) {}

  // Words of several commands: each ends where a shell would end it.
  std::vector<std::vector<std::string>> of(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      rest_ = text.substr(i);
      if (c == '\\' && i + 1 < text.size()) {
        const char next = text[i + 1];
        if (next == 'n' || next == 'r' || next == 't' || next == '"' || next == '\'') {
          end_word();
          if (next == 'n') end_command();
          ++i;
          continue;
        }
        // Windows paths keep theirs; within an option it only hides the option.
        if (word_.starts_with("--")) continue;
      }
      if (c == '"' || c == '\'' || c == '`') {
        quote(c, i > 0 ? text[i - 1] : ' ');
      } else if (c == '&' && joins_texts(text, i)) {
        end_word();
        glue_ = !spaced_ && !words_.empty();
      } else if (is_blank(c) || c == '\n') {
        end_word();
        if (quote_ != 0) {
          spaced_ = true;
          glue_ = false;
        }
      } else if (std::string_view(",[](){}<>").find(c) != std::string_view::npos) {
        // "--par=144,5" is one word, a list's comma has a quote or blank beside it.
        const bool number = c == ',' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) &&
                            is_digit(text[i + 1]) &&
                            word_.find_first_not_of("0123456789") != std::string::npos;
        if (number) {
          word_ += c;
          continue;
        }
        end_word();
        if (c == ',') glue_ = false;
      } else if (c == ';' || c == '|' || c == '&') {
        // Several algorithms or pools are one argument: a;b.
        const bool inside = c == ';' && !word_.empty() && i + 1 < text.size() &&
                            (is_word(text[i + 1]) || text[i + 1] == '-');
        if (inside) {
          word_ += c;
        } else {
          end_command();
        }
      } else {
        word_ += c;
      }
    }
    rest_ = {};
    end_command();
    return std::move(commands_);
  }

 private:
  void quote(char c, char before) {
    const bool opens = quote_ == 0;
    const bool pending = !word_.empty();
    const std::size_t count = words_.size();
    end_word();
    if (opens) {
      // a"b" is one word to a shell, and so is "a""b".
      const bool added = pending && words_.size() > count;
      if ((added && is_word(before)) || is_quote(before)) glue_to_last();
      quote_ = c;
      spaced_ = false;
    } else if (quote_ == c) {
      quote_ = 0;
      const char next = rest_.size() > 1 ? rest_[1] : ' ';
      if (is_word(next) || next == '.' || next == '$') glue_to_last();
    }
  }

  void glue_to_last() {
    if (!words_.empty() && !is_option(words_.back())) glue_ = true;
  }

  static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

  // Visual Basic's "a" & b; a shell's & stands behind a command.
  static bool joins_texts(std::string_view text, std::size_t at) {
    const std::size_t left = text.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
    const std::size_t right = text.find_first_not_of(" \t", at + 1);
    if (left == std::string_view::npos || right == std::string_view::npos) return false;
    return text[right] != '&' && text[left] != '&' &&
           ((text[left] == '"' && (text[right] == '"' || is_word(text[right]))) ||
            (text[right] == '"' && is_word(text[left])));
  }

  void end_word() {
    if (word_.empty()) return;
    std::string word;
    word.swap(word_);
    if (word == "+" || word == ".." || word == ".") {
      // "a:" + PORT is one word, "-o " + POOL are two.
      glue_ = !spaced_ && !words_.empty();
      return;
    }
    // "$host":'3333', where a key of JSON has no number behind it.
    if (word == ":" && rest_.size() > 1 && is_quote(rest_[0]) && is_digit(rest_[1]) &&
        !words_.empty()) {
      words_.back() += ':';
      glue_ = true;
      return;
    }
    if (word == ".arg" || word == ".args" || word == "arg" || word == "-" || word == "\\" ||
        word == "=") {
      return;
    }
    // Python's f"", r"", b"".
    if (quote_ == 0 && word.size() == 1 && (rest_.starts_with('"') || rest_.starts_with('\'')))
      return;
    if (quote_ == 0 && word.find('+') != std::string::npos && add_sum(word)) return;
    // C['pool'] and environ["POOL"]: the name in the brackets counts.
    if (quote_ == 0 && rest_.size() > 1 && rest_[0] == '[' && is_quote(rest_[1]) &&
        names_variable(rest_.substr(2))) {
      return;
    }
    if (const std::string* value = is_key() ? nullptr : value_of(word)) {
      // A value may be several words.
      const std::string expanded = variables_.expand(*value);
      std::string_view rest = expanded;
      while (!(rest = trimmed(rest)).empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        add(std::string(rest.substr(0, end)));
        rest.remove_prefix(end);
      }
      return;
    }
    add(std::move(word));
  }

  // host+":3333", "-o "+host, a+b: names that are known, with pluses around.
  bool add_sum(std::string_view word) {
    std::string sum;
    for (std::string_view rest = word; !rest.empty();) {
      const std::size_t end = std::min(rest.find('+'), rest.size());
      const std::string_view name = rest.substr(0, end);
      const std::string* value = name.empty() ? nullptr : variables_.member(name);
      if (value == nullptr && !name.empty()) return false;
      if (value != nullptr) sum += *value;
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
    if (sum.empty()) return false;
    if (word.front() == '+') glue_ = !spaced_ && !words_.empty();
    add(std::move(sum));
    glue_ = word.back() == '+';
    return true;
  }

  // In a program's code the last of several names counts, settings.pool; in texts a full stop is
  // part of a host.
  [[nodiscard]] const std::string* value_of(std::string_view word) const {
    const std::string* value = variables_.value(word);
    if (value != nullptr || quote_ != 0) return value;
    const std::size_t dot = word.find('.');
    const bool code = dot != std::string_view::npos && dot > 0 && rest_.size() > 0 &&
                      std::string_view(",)]}").find(rest_[0]) != std::string_view::npos;
    return code ? variables_.member(word) : nullptr;
  }

  [[nodiscard]] bool names_variable(std::string_view quoted) const {
    const std::size_t end = quoted.substr(0, 64).find_first_of("\"'");
    return end != std::string_view::npos && variables_.value(quoted.substr(0, end)) != nullptr;
  }

  // Whether what ends here is being set, not used.
  [[nodiscard]] bool is_key() const {
    const std::size_t next = rest_.find_first_not_of(" \t\"'");
    if (next == std::string_view::npos) return false;
    const std::string_view mark = rest_.substr(next, 2);
    return mark[0] == ':' || mark[0] == '=' || mark == "+=" || mark == "?=";
  }

  void add(std::string word) {
    if (glue_) {
      words_.back() += word;
      glue_ = false;
    } else {
      words_.push_back(std::move(word));
    }
    spaced_ = false;
  }

  void end_command() {
    end_word();
    glue_ = false;
    if (!words_.empty()) commands_.push_back(std::move(words_));
    words_.clear();
  }

  const Variables& variables_;
  std::string_view rest_;  // of the text, from where a word may end
  std::string word_;
  std::vector<std::string> words_;
  std::vector<std::vector<std::string>> commands_;
  char quote_ = 0;
  bool spaced_ = false;  // a blank stood in the quotes after the last word
  bool glue_ = false;    // the next word belongs to the last
};

}  // namespace

std::vector<std::vector<std::string>> words_of(std::string_view text, const Variables& variables) {
  return Words(variables).of(text);
}

}  // namespace minescan::inspect::commands
