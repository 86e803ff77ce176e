#include "acquire/packages/index_url.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"

namespace minescan::acquire {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

Result<IndexUrl> parse_index_url(std::string_view text) {
  std::string plain(text);
  IndexUrl index;
  if (const auto start = plain.find("://"); start != std::string::npos) {
    const auto begin = start + 3;
    const auto end = std::min(plain.find_first_of("/?#", begin), plain.size());
    const auto at = plain.rfind('@', end);
    if (at != std::string::npos && at >= begin && at < end) {
      const std::string login = plain.substr(begin, at - begin);
      const auto colon = login.find(':');
      const std::string user = percent_decoded(login.substr(0, colon));
      const std::string password =
          colon == std::string::npos ? std::string() : percent_decoded(login.substr(colon + 1));
      if (!user.empty() || !password.empty()) {
        index.authorization = "Basic " + base64_encode(user + ":" + password);
      }
      plain.erase(begin, at + 1 - begin);
    }
  }
  while (plain.ends_with('/')) plain.pop_back();
  auto url = parse_url(plain + "/");
  if (!url) return fail(Code::usage, url.error().what);
  index.url = std::move(*url);
  return index;
}

}  // namespace minescan::acquire
