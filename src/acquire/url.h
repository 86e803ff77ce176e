#pragma once
// http and https URLs, read by libcurl's own parser: what is checked here is what is connected to.
// Tested by url_test.cpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace minescan::acquire {

struct Url {
  std::string text;    // normalised, without fragment
  std::string scheme;  // "https" or "http"
  std::string host;    // lower case, no final dot, IPv6 without brackets; numbers as dotted IPv4
  std::uint16_t port = 0;
  std::string path;

  // "host" or "host:port"; the port is left out when it is the scheme's own.
  [[nodiscard]] std::string authority() const;
  // Without query: the signature of a presigned URL is a secret.  Escaped for a message.
  [[nodiscard]] std::string shown() const;
  [[nodiscard]] bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// Code::refused for another scheme, a user name, control characters or what is no URL.  The text is
// not repeated in the error unless it was understood.
Result<Url> parse_url(std::string_view text);

// The target of a redirect: `location` may be relative to `base`.
Result<Url> resolve_url(const Url& base, std::string_view location);

// Adds parameters, percent-encoded, to the query that the URL may already have.
Result<Url> with_query(const Url& url,
                       const std::vector<std::pair<std::string, std::string>>& parameters);

// "grant_type=refresh_token&…" for a form body.
std::string form(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace minescan::acquire
