#include "match/hosts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/ascii.h"

namespace minescan::match {
namespace {

constexpr std::size_t kLongestLabel = 63, kLongestName = 253;  // RFC 1035
constexpr std::size_t kLongestPort = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// Underscores are no part of host names but of the names that container networks resolve.
bool is_name_char(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

std::string_view capture(const Captures& captures, const char* name) {
  const auto found = captures.find(name);
  return found == captures.end() ? std::string_view() : std::string_view(found->second);
}

// Ends of file names that are no top-level domains: "app.js:80" is a place in a source file.
constexpr auto kFileEndings = std::to_array<std::string_view>(
    {"adoc", "asm",  "bak",   "bat",  "bz2",   "c",     "cfg",  "class", "cmd",   "conf", "cpp",
     "cs",   "css",  "csv",   "cxx",  "dll",   "exe",   "gem",  "go",    "gz",    "h",    "hpp",
     "htm",  "html", "hxx",   "ini",  "ipynb", "jar",   "java", "js",    "json",  "jsx",  "kt",
     "lock", "log",  "lua",   "mjs",  "cjs",   "o",     "obj",  "php",   "phtml", "pyc",  "pyx",
     "rb",   "rst",  "scala", "scss", "sql",   "swift", "tar",  "tgz",   "toml",  "ts",   "tsx",
     "txt",  "vue",  "wasm",  "xml",  "xz",    "yaml",  "yml"});

// Paraguay registers names below these only, so that "main.py:3" is a file and "a.com.py:3" a host.
constexpr auto kParaguay =
    std::to_array<std::string_view>({"com", "coop", "edu", "gov", "mil", "net", "org"});

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_name_char);
}

std::vector<std::string_view> labels_of(std::string_view name) {
  std::vector<std::string_view> labels;
  while (true) {
    const std::size_t dot = name.find('.');
    labels.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    name.remove_prefix(dot + 1);
  }
}

// A name of two labels or more, in lower case.
bool is_dns_name(std::string_view name) {
  if (name.size() > kLongestName) return false;
  const auto labels = labels_of(name);
  if (labels.size() < 2 || !std::all_of(labels.begin(), labels.end(), is_label)) return false;
  const std::string_view top = labels.back();
  // Top-level domains are letters, or punycode, whose digits come after "xn--".
  if (!top.starts_with("xn--") && !std::all_of(top.begin(), top.end(), is_letter)) return false;
  if (top.size() < 2 || is_among(kFileEndings, top)) return false;
  return top != "py" || is_among(kParaguay, labels[labels.size() - 2]);
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  // inet_pton ends at a NUL, which the text may hold.
  if (text.find('\0') != std::string_view::npos) return false;
  return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

bool is_single_label(std::string_view name) {
  return is_label(name) && std::any_of(name.begin(), name.end(), is_letter);
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return is_address(AF_INET6, host.substr(1, host.size() - 2));
  }
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);  // the root may be written out
  return is_address(AF_INET, host) || is_dns_name(host) || is_single_label(host);
}

// 1 … 65535 in decimal; 0 when it is not.
unsigned port_number(std::string_view text) {
  if (text.empty() || text.size() > kLongestPort) return 0;
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return 0;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= 65535 ? value : 0;
}

struct Authority {
  std::string_view host, port;
};

Authority authority_of(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
  }
  text = text.substr(0, text.find_first_of(std::string_view("/?# \t\r\n\"'<>\0", 12)));
  if (const std::size_t user = text.rfind('@'); user != std::string_view::npos) {
    text.remove_prefix(user + 1);
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

bool check_host_port(std::string_view text, Captures& captures) {
  Authority authority{capture(captures, "host"), capture(captures, "port")};
  if (authority.host.empty() || authority.port.empty()) authority = authority_of(text);
  const std::string host = lower(authority.host);
  const unsigned port = port_number(authority.port);
  if (port == 0 || !is_host(host)) return false;
  captures["host"] = host;
  captures["port"] = std::to_string(port);
  return true;
}

bool check_pool_host(std::string_view text, Captures& captures) {
  const std::string_view before = capture(captures, "before");
  const std::string_view after = capture(captures, "after");
  if (!before.empty() && is_name_char(before.back())) return false;
  if (!after.empty() && is_name_char(after.front())) return false;
  if (after.size() > 1 && after[0] == '.' && (is_letter(after[1]) || is_digit(after[1]))) {
    return false;
  }
  const std::string_view named = capture(captures, "host");
  const std::string host = lower(named.empty() ? text : named);
  if (!is_dns_name(host)) return false;
  captures["host"] = host;
  captures.erase("before");
  captures.erase("after");
  return true;
}

}  // namespace minescan::match
