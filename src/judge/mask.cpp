#include "judge/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace minescan::judge {
namespace {

constexpr std::string_view kMask = "***";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_token(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_caseless(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                    [](char a, char b) { return a == lower(b); });
}

template <class Predicate>
std::size_t run(std::string_view text, std::size_t from, Predicate holds) {
  while (from < text.size() && holds(text[from])) ++from;
  return from;
}

bool ends_value(char c) {
  return static_cast<unsigned char>(c) <= ' ' ||
         std::string_view("\"'`,;&<>)}]").find(c) != std::string_view::npos;
}

// Bytes [from, to) to replace; from == to: nothing.
struct Secret {
  std::size_t from = 0;
  std::size_t to = 0;
};

// Prefixes as their issuers document them, and how many more token characters must follow.
struct Prefix {
  std::string_view text;
  std::size_t least;
};
constexpr std::array<Prefix, 17> kPrefixes = {{{"AKIA", 16},
                                               {"ASIA", 16},
                                               {"AIza", 30},
                                               {"ghp_", 30},
                                               {"gho_", 30},
                                               {"ghu_", 30},
                                               {"ghs_", 30},
                                               {"ghr_", 30},
                                               {"github_pat_", 22},
                                               {"glpat-", 20},
                                               {"npm_", 30},
                                               {"pypi-", 40},
                                               {"xoxb-", 20},
                                               {"xoxp-", 20},
                                               {"sk_live_", 20},
                                               {"rk_live_", 20},
                                               {"dckr_pat_", 20}}};

Secret known_token(std::string_view text, std::size_t at) {
  if (at > 0 && is_token(text[at - 1])) return {};
  for (const Prefix& prefix : kPrefixes) {
    if (!text.substr(at).starts_with(prefix.text)) continue;
    const std::size_t from = at + prefix.text.size();
    const std::size_t to = run(text, from, is_token);
    if (to - from >= prefix.least) return {from, to};
  }
  return {};
}

// eyJ….eyJ….signature
Secret json_web_token(std::string_view text, std::size_t at) {
  // A token that starts inside a token is none, and a row of them would cost quadratic time.
  if (!text.substr(at).starts_with("eyJ") || (at > 0 && is_token(text[at - 1]))) return {};
  const std::size_t to = run(text, at, [](char c) { return is_token(c) || c == '.'; });
  const std::string_view token = text.substr(at, to - at);
  return token.find(".eyJ") == std::string_view::npos ? Secret{} : Secret{at + 3, to};
}

// scheme://user:PASSWORD@host
Secret url_password(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("://")) return {};
  const std::size_t user = at + 3;
  const std::size_t end =
      run(text, user, [](char c) { return c != '/' && c != '@' && !ends_value(c); });
  if (end == text.size() || text[end] != '@') return {};
  const std::size_t colon = text.substr(user, end - user).find(':');
  if (colon == std::string_view::npos) return {};
  // Pools take any password; "x" and "1" are what miners send.
  const Secret secret{user + colon + 1, end};
  return secret.to - secret.from >= 4 ? secret : Secret{};
}

// password = "VALUE", api_key: VALUE, Authorization: Bearer VALUE
Secret assigned(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "password", "passwd", "secret_access_key", "secret",      "token",        "api_key",
      "api-key",  "apikey", "access_key",        "private_key", "authorization"};
  for (const std::string_view name : kNames) {
    if (!starts_caseless(text.substr(at), name)) continue;
    const auto blank = [](char c) { return c == ' ' || c == '"' || c == '\'' || c == '\\'; };
    std::size_t from = run(text, at + name.size(), blank);
    if (from == text.size() || (text[from] != '=' && text[from] != ':')) continue;
    from = run(text, from + 1, blank);
    for (const std::string_view scheme : {"bearer ", "basic "}) {
      if (starts_caseless(text.substr(from), scheme)) from += scheme.size();
    }
    const std::size_t to = run(text, from, [](char c) { return !ends_value(c); });
    if (to - from >= 6) return {from, to};
  }
  return {};
}

Secret private_key(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("PRIVATE KEY-----")) return {};
  const std::size_t from = at + 16;
  const std::size_t end = text.find("-----END", from);
  return {from, end == std::string_view::npos ? text.size() : end};
}

}  // namespace

std::string masked(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size();) {
    Secret secret;
    for (const auto find : {known_token, json_web_token, url_password, assigned, private_key}) {
      secret = find(text, at);
      if (secret.from < secret.to) break;
    }
    if (secret.from >= secret.to) {
      ++at;
      continue;
    }
    out += text.substr(copied, secret.from - copied);
    out += kMask;
    at = copied = secret.to;
  }
  out += text.substr(copied);
  return out;
}

}  // namespace minescan::judge
