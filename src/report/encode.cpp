#include "report/encode.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/digest.h"

namespace minescan::report {
namespace {

// PATH_MAX of Linux; three times that is still a URI that viewers take.
constexpr std::size_t kLongestPath = 4096;

struct Utf8Form {
  std::uint8_t first_least, first_most, second_least, second_most;
  std::size_t length;
};
// Table 3-7 of the Unicode standard: well-formed UTF-8.
constexpr std::array<Utf8Form, 9> kForms = {{{0x00, 0x7f, 0, 0, 1},
                                             {0xc2, 0xdf, 0x80, 0xbf, 2},
                                             {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                             {0xe1, 0xec, 0x80, 0xbf, 3},
                                             {0xed, 0xed, 0x80, 0x9f, 3},
                                             {0xee, 0xef, 0x80, 0xbf, 3},
                                             {0xf0, 0xf0, 0x90, 0xbf, 4},
                                             {0xf1, 0xf3, 0x80, 0xbf, 4},
                                             {0xf4, 0xf4, 0x80, 0x8f, 4}}};

// Length of the well-formed sequence at the start; 0 when there is none.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (const Utf8Form& form : kForms) {
    if (byte(0) < form.first_least || byte(0) > form.first_most) continue;
    if (text.size() < form.length) return 0;
    if (form.length == 1) return 1;
    if (byte(1) < form.second_least || byte(1) > form.second_most) return 0;
    for (std::size_t i = 2; i < form.length; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return form.length;
  }
  return 0;
}

bool stays_in_uri(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~!$&'()*+,;=@").find(c) != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group <<= 8;
      if (at + i < bytes.size()) group |= static_cast<std::uint8_t>(bytes[at + i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool padding = at + i > bytes.size();
      out += padding ? '=' : kDigits[(group >> (18 - 6 * i)) & 63];
    }
  }
  return out;
}

void put_text(Json& object, const std::string& key, std::string_view text) {
  object[key] = std::string(text);
  if (!is_utf8(text)) object[key + "_base64"] = base64(text);
}

Json trail_json(const Trail& trail) {
  Json steps = Json::array();
  for (const Step& step : trail.steps) {
    Json one = {{"kind", step_kind_name(step.kind)}};
    put_text(one, "name", step.name);
    steps.push_back(std::move(one));
  }
  return steps;
}

std::string write_document(const Json& json) {
  std::string text = json.dump(2, ' ', true, Json::error_handler_t::replace);
  // A "#" is only ever inside a string here, and never part of an escape.
  for (const std::string_view command : {"##[", "##vso[", "##teamcity["}) {
    replace_all(text, command, std::string("\\u0023").append(command.substr(1)));
  }
  return text + "\n";
}

std::string uri_path(std::string_view path) {
  std::string cut;
  if (path.size() > kLongestPath) {
    const std::string digest = sha256(as_bytes(path)).substr(7, 16);
    path = path.substr(0, kLongestPath);
    cut = "~" + digest;
  }
  std::string out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == "." || part == "..") continue;
    if (!out.empty()) out += '/';
    for (const char c : part) {
      if (stays_in_uri(c)) {
        out += c;
      } else {
        char hex[4];
        std::snprintf(hex, sizeof hex, "%%%02X",
                      static_cast<unsigned>(static_cast<std::uint8_t>(c)));
        out += hex;
      }
    }
  }
  return out + cut;
}

std::string slug(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool stays = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (stays) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-')) out.pop_back();
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits = {" KB", " MB", " GB", " TB", " PB"};
  if (bytes < 1000) return counted(bytes, "byte");
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  // What would be rounded to 1000 is 1 of the next unit.
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, unit == 0 ? "%.0f" : "%.1f", value);
  return buffer + std::string(kUnits[unit]);
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace minescan::report
