#include "acquire/packages/semver.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/printable.h"

namespace minescan::acquire {
namespace {

struct Semver {
  std::array<std::string_view, 3> numbers;
  std::string_view prerelease;  // "" = none
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view take(std::string_view& text, char end) {
  const auto at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

std::optional<Semver> parse(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-+") !=
      std::string_view::npos) {
    return std::nullopt;
  }
  text = text.substr(0, text.find('+'));
  Semver version;
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    version.prerelease = text.substr(dash + 1);
    if (version.prerelease.empty()) return std::nullopt;
    text = text.substr(0, dash);
  }
  if (std::count(text.begin(), text.end(), '.') != 2) return std::nullopt;
  for (std::string_view& number : version.numbers) {
    number = take(text, '.');
    if (!is_number(number)) return std::nullopt;
  }
  return version;
}

int compare_prereleases(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(a.empty()) - static_cast<int>(b.empty());
  while (!a.empty() && !b.empty()) {
    const std::string_view x = take(a, '.');
    const std::string_view y = take(b, '.');
    const bool numeric = is_number(x);
    if (numeric != is_number(y)) return numeric ? -1 : 1;
    const int order = numeric ? compare_digits(x, y) : x.compare(y);
    if (order != 0) return order;
  }
  return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

}  // namespace

int compare_digits(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

int compare_semver(std::string_view a, std::string_view b) {
  const auto x = parse(a);
  const auto y = parse(b);
  if (!x || !y) {
    if (x.has_value() != y.has_value()) return x ? 1 : -1;
    return a.compare(b);
  }
  for (std::size_t i = 0; i < x->numbers.size(); ++i) {
    const int order = compare_digits(x->numbers[i], y->numbers[i]);
    if (order != 0) return order;
  }
  return compare_prereleases(x->prerelease, y->prerelease);
}

bool is_prerelease(std::string_view version) {
  const auto parsed = parse(version);
  return parsed && !parsed->prerelease.empty();
}

bool is_semver(std::string_view version) { return parse(version).has_value(); }

std::vector<std::string> versions_near(const std::vector<std::string>& versions,
                                       std::string_view wanted,
                                       int (*compare)(std::string_view, std::string_view),
                                       std::size_t count) {
  const auto place = std::lower_bound(
      versions.begin(), versions.end(), wanted,
      [&](const std::string& entry, std::string_view text) { return compare(entry, text) < 0; });
  const auto at = static_cast<std::size_t>(place - versions.begin());
  const std::size_t size = std::min(count, versions.size());
  const std::size_t before = std::min(at, (size + 1) / 2);
  const std::size_t first = std::min(at - before, versions.size() - size);
  return {versions.begin() + static_cast<std::ptrdiff_t>(first),
          versions.begin() + static_cast<std::ptrdiff_t>(first + size)};
}

std::string listed_versions(const std::vector<std::string>& versions) {
  std::string text;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (i > 0) text += i + 1 == versions.size() ? " and " : ", ";
    text += printable(versions[i], 60);
  }
  return text;
}

}  // namespace minescan::acquire
