#include "acquire/packages/pep440.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "acquire/packages/semver.h"

#include "base/ascii.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kLongest = 256;

// A part that may be absent.  What its absence means differs: before or after all that are there.
struct Part {
  int rank = 0;  // of absence, or of the letter
  std::string number;
};

struct Version {
  std::string epoch;
  std::vector<std::string> release;  // without the zeros at its end
  Part pre, post, dev;
  bool has_pre = false, has_dev = false;
  std::vector<std::string> local;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }

// Reads a version from its start on.
class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  std::string digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // A word of the list, with at most one separator before and, when a number follows, behind it.
  // Its index in the list; the number may be left out and is 0 then.
  template <std::size_t N>
  std::optional<std::pair<std::size_t, std::string>> word(
      const std::array<std::string_view, N>& words) {
    const std::size_t start = at_;
    if (at_ < text_.size() && is_separator(text_[at_])) ++at_;
    for (std::size_t i = 0; i < N; ++i) {
      if (!std::string_view(text_).substr(at_).starts_with(words[i])) continue;
      at_ += words[i].size();
      const std::size_t behind = at_;
      if (at_ < text_.size() && is_separator(text_[at_])) ++at_;
      std::string number = digits();
      if (number.empty()) {
        at_ = behind;
        number = "0";
      }
      return std::pair(i, std::move(number));
    }
    at_ = start;
    return std::nullopt;
  }
  // "-1": a post release without its word.
  std::optional<std::string> bare_post() {
    if (at_ + 1 >= text_.size() || text_[at_] != '-' || !is_digit(text_[at_ + 1])) {
      return std::nullopt;
    }
    ++at_;
    return digits();
  }
  std::string rest() { return text_.substr(std::exchange(at_, text_.size())); }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

bool read_local(std::string_view text, std::vector<std::string>& local) {
  local.emplace_back();
  for (const char c : text) {
    if (is_separator(c)) {
      local.emplace_back();
    } else if (is_digit(c) || (c >= 'a' && c <= 'z')) {
      local.back() += c;
    } else {
      return false;
    }
  }
  return std::none_of(local.begin(), local.end(),
                      [](const std::string& part) { return part.empty(); });
}

bool read_release(Reader& reader, Version& version) {
  std::string number = reader.digits();
  if (!number.empty() && reader.take('!')) {
    version.epoch = std::move(number);
    number = reader.digits();
  }
  if (number.empty()) return false;
  version.release.push_back(std::move(number));
  return true;
}

std::optional<Version> parse(std::string_view given) {
  // Longest words first: "alpha" begins with "a".
  static constexpr std::array<std::string_view, 8> kPre = {"alpha", "beta", "preview", "pre",
                                                           "a",     "b",    "rc",      "c"};
  static constexpr std::array<int, 8> kRank = {1, 2, 3, 3, 1, 2, 3, 3};
  static constexpr std::array<std::string_view, 3> kPost = {"post", "rev", "r"};
  static constexpr std::array<std::string_view, 1> kDev = {"dev"};
  if (given.size() > kLongest) return std::nullopt;
  std::string text = lower(given);
  if (text.starts_with('v')) text.erase(0, 1);
  Version version;
  if (const auto plus = text.find('+'); plus != std::string::npos) {
    if (!read_local(std::string_view(text).substr(plus + 1), version.local)) return std::nullopt;
    text.erase(plus);
  }
  // ".2" of "1.2" must not be taken for a separator before a word, so numbers come first.
  std::size_t numbers = 0;
  while (numbers < text.size() &&
         (is_digit(text[numbers]) || text[numbers] == '!' ||
          (text[numbers] == '.' && numbers + 1 < text.size() && is_digit(text[numbers + 1])))) {
    ++numbers;
  }
  Reader release(text.substr(0, numbers));
  if (!read_release(release, version)) return std::nullopt;
  while (release.take('.')) version.release.push_back(release.digits());
  if (!release.at_end()) return std::nullopt;
  while (version.release.size() > 1 &&
         version.release.back().find_first_not_of('0') == std::string::npos) {
    version.release.pop_back();
  }
  Reader reader(text.substr(numbers));
  if (auto pre = reader.word(kPre)) {
    version.has_pre = true;
    version.pre = {kRank[pre->first], std::move(pre->second)};
  }
  bool has_post = false;
  if (auto post = reader.word(kPost)) {
    has_post = true;
    version.post = {1, std::move(post->second)};
  } else if (auto bare = reader.bare_post()) {
    has_post = true;
    version.post = {1, std::move(*bare)};
  }
  if (auto dev = reader.word(kDev)) {
    version.has_dev = true;
    version.dev = {0, std::move(dev->second)};
  }
  if (!reader.at_end()) return std::nullopt;
  // Development releases come before pre-releases, these before the release, that before its post
  // releases.
  if (!version.has_pre) version.pre.rank = version.has_dev && !has_post ? 0 : 4;
  if (!version.has_dev) version.dev.rank = 1;
  return version;
}

int compare(const Part& a, const Part& b) {
  if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
  return compare_digits(a.number, b.number);
}

bool all_digits(const std::string& text) { return std::all_of(text.begin(), text.end(), is_digit); }

int compare_locals(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool numeric = all_digits(a[i]);
    if (numeric != all_digits(b[i])) return numeric ? 1 : -1;
    const int order = numeric ? compare_digits(a[i], b[i]) : a[i].compare(b[i]);
    if (order != 0) return order;
  }
  return static_cast<int>(a.size() > b.size()) - static_cast<int>(a.size() < b.size());
}

int compare(const Version& a, const Version& b) {
  if (const int order = compare_digits(a.epoch, b.epoch); order != 0) return order;
  for (std::size_t i = 0; i < std::max(a.release.size(), b.release.size()); ++i) {
    const int order = compare_digits(i < a.release.size() ? a.release[i] : "",
                                     i < b.release.size() ? b.release[i] : "");
    if (order != 0) return order;
  }
  if (const int order = compare(a.pre, b.pre); order != 0) return order;
  if (const int order = compare(a.post, b.post); order != 0) return order;
  if (const int order = compare(a.dev, b.dev); order != 0) return order;
  return compare_locals(a.local, b.local);
}

}  // namespace

int compare_pep440(std::string_view a, std::string_view b) {
  const auto x = parse(a);
  const auto y = parse(b);
  if (x && y) return compare(*x, *y);
  if (x.has_value() != y.has_value()) return x ? 1 : -1;
  return a.compare(b);
}

bool is_pep440(std::string_view version) { return parse(version).has_value(); }

bool is_python_prerelease(std::string_view version) {
  const auto parsed = parse(version);
  return parsed && (parsed->has_pre || parsed->has_dev);
}

}  // namespace minescan::acquire
