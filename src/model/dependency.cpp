#include "model/dependency.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/ascii.h"

namespace minescan {
namespace {

constexpr std::array<std::pair<Ecosystem, std::string_view>, 7> kNames = {{
    {Ecosystem::npm, "npm"},
    {Ecosystem::pypi, "pypi"},
    {Ecosystem::cargo, "cargo"},
    {Ecosystem::golang, "golang"},
    {Ecosystem::gem, "gem"},
    {Ecosystem::nuget, "nuget"},
    {Ecosystem::maven, "maven"},
}};

bool stays(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
         c == '~' || c == ':';
}

std::string encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (stays(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string_view ecosystem_name(Ecosystem ecosystem) {
  return kNames[static_cast<std::size_t>(ecosystem)].second;
}

std::optional<Ecosystem> ecosystem_by_name(std::string_view name) {
  for (const auto& [ecosystem, text] : kNames) {
    if (text == name) return ecosystem;
  }
  return std::nullopt;
}

std::string normalised_name(Ecosystem ecosystem, std::string_view name) {
  if (ecosystem != Ecosystem::pypi) return std::string(name);
  std::string out;
  for (const char c : lower(name)) {
    const bool separates = c == '-' || c == '_' || c == '.';
    if (!separates) {
      out += c;
    } else if (out.empty() || out.back() != '-') {
      out += '-';
    }
  }
  return out;
}

std::string purl(Ecosystem ecosystem, std::string_view name, std::string_view version) {
  std::string out = "pkg:" + std::string(ecosystem_name(ecosystem)) + "/";
  // Maven writes group:artifact; the group is the namespace.
  std::string_view rest = name;
  if (const auto colon = rest.find(':');
      ecosystem == Ecosystem::maven && colon != std::string_view::npos) {
    out += encoded(rest.substr(0, colon)) + "/";
    rest.remove_prefix(colon + 1);
  }
  for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    out += encoded(rest.substr(0, slash)) + "/";
    rest.remove_prefix(slash + 1);
  }
  out += encoded(rest);
  if (!version.empty()) out += "@" + encoded(version);
  return out;
}

std::string purl(const Dependency& dependency) {
  return purl(dependency.ecosystem, dependency.name, dependency.version);
}

std::optional<PackageName> parse_package_name(std::string_view text) {
  const bool is_purl = text.starts_with("pkg:");
  if (is_purl) {
    text.remove_prefix(4);
    while (text.starts_with('/')) text.remove_prefix(1);
    text = text.substr(0, text.find_first_of("?#"));
  }
  const auto end = text.find(is_purl ? '/' : ':');
  if (end == std::string_view::npos) return std::nullopt;
  std::string type = lower(text.substr(0, end));
  if (!is_purl && type == "crate") type = "cargo";
  const auto ecosystem = ecosystem_by_name(type);
  if (!ecosystem) return std::nullopt;
  text.remove_prefix(end + 1);
  // A scope begins with '@'; the version's '@' comes later.
  auto at = text.rfind('@');
  if (at == 0 || at == std::string_view::npos) at = text.size();
  // People also write of PyPI's packages what pip takes, "name==1.0".
  if (*ecosystem == Ecosystem::pypi) at = std::min(at, text.find("=="));
  std::string name(text.substr(0, at));
  std::string version(at < text.size() ? text.substr(at + 1) : std::string_view());
  if (is_purl) {
    name = decoded(name);
    version = decoded(version);
    if (const auto slash = name.rfind('/');
        *ecosystem == Ecosystem::maven && slash != std::string::npos) {
      name[slash] = ':';
    }
  }
  if (*ecosystem == Ecosystem::pypi) version.erase(0, version.find_first_not_of('='));
  if (name.empty()) return std::nullopt;
  return PackageName{*ecosystem, normalised_name(*ecosystem, name), std::move(version)};
}

}  // namespace minescan
