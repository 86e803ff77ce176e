#pragma once
// The URL of an index as users write it, with a login in it or without.

#include <string>
#include <string_view>

#include "acquire/url.h"
#include "base/result.h"

namespace minescan::acquire {

struct IndexUrl {
  Url url;                    // ends with "/", without a login
  std::string authorization;  // "Basic …" out of "https://user:password@host/", or ""

  // The header for a URL: the login stays with the origin that it was written for.
  [[nodiscard]] std::string for_url(const Url& other) const {
    return other.same_origin(url) ? authorization : std::string();
  }
};

// Code::usage; the error does not repeat the text, which may hold a password.
Result<IndexUrl> parse_index_url(std::string_view text);

// "%41b" as "Ab"; what is no escape stays.
std::string percent_decoded(std::string_view text);

}  // namespace minescan::acquire
