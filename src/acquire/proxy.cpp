#include "acquire/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "acquire/address.h"

namespace minescan::acquire {
namespace {

struct Address {
  int family = 0;
  std::array<std::uint8_t, 16> bytes{};
};

Address parse_address(std::string_view text) {
  const std::string copy(text);
  Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.family = AF_INET;
  } else if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) {
    address.family = AF_INET6;
  }
  return address;
}

bool in_network(std::string_view host, std::string_view network) {
  const auto slash = network.find('/');
  const Address base = parse_address(network.substr(0, slash));
  const Address address = parse_address(host);
  if (address.family == 0 || base.family != address.family) return false;
  unsigned bits = address.family == AF_INET ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view number = network.substr(slash + 1);
    unsigned prefix = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), prefix);
    if (error != std::errc() || end != number.data() + number.size() || prefix > bits) return false;
    bits = prefix;
  }
  for (unsigned bit = 0; bit < bits; ++bit) {
    if (((address.bytes[bit / 8] ^ base.bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

bool excludes(std::string_view entry, std::string_view host) {
  if (entry == "*") return true;
  if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  if (in_network(host, entry)) return true;
  while (entry.starts_with('.')) entry.remove_prefix(1);
  while (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty() || entry.size() > host.size()) return false;
  const std::string_view tail = host.substr(host.size() - entry.size());
  const bool same = std::equal(tail.begin(), tail.end(), entry.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
  return same && (tail.size() == host.size() || host[host.size() - tail.size() - 1] == '.');
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = environment.get(name); !value.empty()) return value;
  }
  return {};
}

}  // namespace

std::string proxy_for(const Url& url, const Environment& environment) {
  if (is_loopback_name(url.host)) return {};
  std::string proxy =
      url.scheme == "https"
          ? first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
          : first_of(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
  if (proxy.empty()) return {};
  const std::string list = first_of(environment, {"no_proxy", "NO_PROXY"});
  std::string_view rest = list;
  while (!rest.empty()) {
    const auto end = rest.find_first_of(", \t");
    if (excludes(rest.substr(0, end), url.host)) return {};
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return proxy;
}

}  // namespace minescan::acquire
