#include "lockfiles/names.h"

#include <algorithm>

#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alnum(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// Letters, digits and `others`; neither empty nor longer than `most`, nor "." or "..".
bool consists_of(std::string_view text, std::string_view others, std::size_t most) {
  return !text.empty() && text.size() <= most && !text.starts_with('.') &&
         std::all_of(text.begin(), text.end(), [others](char c) {
           return is_alnum(c) || others.find(c) != std::string_view::npos;
         });
}

bool is_npm_name(std::string_view name) {
  // Names of before 2014 may have capitals and !'()*; npm still installs them.
  static constexpr std::string_view kOthers = "-_.~!'()*";
  if (name.size() > 214) return false;
  if (!name.starts_with('@')) return consists_of(name, kOthers, 214);
  const auto slash = name.find('/');
  return slash != std::string_view::npos && consists_of(name.substr(1, slash - 1), kOthers, 214) &&
         consists_of(name.substr(slash + 1), kOthers, 214);
}

bool is_go_module(std::string_view name) {
  if (name.empty() || name.size() > 1024) return false;
  while (true) {
    const auto [part, rest] = cut(name, name.find('/'));
    if (!consists_of(part, "-._~+", 255) || part.ends_with('.')) return false;
    if (part.size() == name.size()) return true;
    name = rest;
  }
}

}  // namespace

bool is_package_name(Ecosystem ecosystem, std::string_view name) {
  switch (ecosystem) {
    case Ecosystem::npm:
      return is_npm_name(name);
    case Ecosystem::pypi:
      return consists_of(name, "-_.", 255) && is_alnum(name.front()) && is_alnum(name.back());
    case Ecosystem::cargo:
      return consists_of(name, "-_", 255) && (is_alnum(name.front()) || name.front() == '_');
    case Ecosystem::golang:
      return is_go_module(name);
    case Ecosystem::gem:
      return consists_of(name, "-_.", 255) && name.front() != '-';
    case Ecosystem::nuget:
      return consists_of(name, "-_.", 255) && name.find("..") == std::string_view::npos;
    case Ecosystem::maven: {
      const auto [group, artifact] = cut(name, name.find(':'));
      return consists_of(group, "-_.", 255) && consists_of(artifact, "-_.", 255) &&
             name.find("..") == std::string_view::npos;
    }
  }
  return false;
}

bool is_version(std::string_view version) {
  return !version.empty() && version.size() <= 256 && !version.starts_with('.') &&
         version.find("..") == std::string_view::npos &&
         std::all_of(version.begin(), version.end(), [](char c) {
           return is_alnum(c) || std::string_view(".-+_~!").find(c) != std::string_view::npos;
         });
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '/' || c == '\\';
         });
}

}  // namespace minescan::lockfiles
