#include "acquire/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/ascii.h"
#include "base/handle.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

using UrlHandle = std::unique_ptr<CURLU, Freer<curl_url_cleanup>>;
using Text = std::unique_ptr<char, Freer<curl_free>>;

std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* raw = nullptr;
  if (curl_url_get(handle, which, &raw, flags) != CURLUE_OK || raw == nullptr) return {};
  const Text text(raw);
  return text.get();
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f;
  });
}

Result<Url> read(CURLU* handle) {
  Url url;
  url.scheme = part(handle, CURLUPART_SCHEME);
  if (url.scheme != "https" && url.scheme != "http") {
    return fail(Code::refused, "a URL with the scheme '" + printable(url.scheme, 20) +
                                   "' is not fetched; only https is");
  }
  if (!part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty()) {
    return fail(Code::refused, "a URL with a user name in it is not fetched");
  }
  if (curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0) != CURLUE_OK) {
    return fail(Code::refused, "not a URL that can be fetched");
  }
  url.host = lower(part(handle, CURLUPART_HOST));
  if (url.host.size() > 2 && url.host.front() == '[') {
    url.host = url.host.substr(1, url.host.size() - 2);
  }
  if (url.host.size() > 1 && url.host.back() == '.') url.host.pop_back();
  const std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port);
  url.path = part(handle, CURLUPART_PATH);
  url.text = part(handle, CURLUPART_URL);
  if (url.host.empty() || url.port == 0 || has_control(url.host) || url.text.empty()) {
    return fail(Code::refused, "a URL without a usable host is not fetched");
  }
  return url;
}

std::string encoded(const std::string& text) {
  const Text out(curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())));
  return out != nullptr ? std::string(out.get()) : std::string();
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::shown() const {
  return printable(scheme + "://" + authority() + path.substr(0, 300), 500);
}

Result<Url> parse_url(std::string_view text) {
  const UrlHandle handle(curl_url());
  if (has_control(text) ||
      curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    return fail(Code::refused, "not a URL that can be fetched (https://host/path)");
  }
  return read(handle.get());
}

Result<Url> resolve_url(const Url& base, std::string_view location) {
  const UrlHandle handle(curl_url());
  if (location.empty() || has_control(location) ||
      curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), 0) != CURLUE_OK ||
      curl_url_set(handle.get(), CURLUPART_URL, std::string(location).c_str(), 0) != CURLUE_OK) {
    return fail(Code::refused, "not a URL that can be fetched");
  }
  return read(handle.get());
}

Result<Url> with_query(const Url& url,
                       const std::vector<std::pair<std::string, std::string>>& parameters) {
  const UrlHandle handle(curl_url());
  bool good = curl_url_set(handle.get(), CURLUPART_URL, url.text.c_str(), 0) == CURLUE_OK;
  for (const auto& [name, value] : parameters) {
    const std::string pair = name + "=" + encoded(value);
    good = good && curl_url_set(handle.get(), CURLUPART_QUERY, pair.c_str(), CURLU_APPENDQUERY) ==
                       CURLUE_OK;
  }
  if (!good) return fail(Code::refused, url.shown() + " takes no query");
  return read(handle.get());
}

std::string form(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name + "=" + encoded(value);
  }
  return out;
}

}  // namespace minescan::acquire
