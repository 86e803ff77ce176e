#include "acquire/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace minescan::acquire {
namespace {

struct Range4 {
  std::uint32_t base;
  int bits;
  AddressClass what;
};

constexpr std::uint32_t ip4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// First match wins.
constexpr Range4 kRanges4[] = {
    {ip4(100, 100, 100, 200), 32, AddressClass::closed},  // Alibaba Cloud's metadata
    {ip4(168, 63, 129, 16), 32, AddressClass::closed},    // Azure's host endpoint
    {ip4(0, 0, 0, 0), 8, AddressClass::closed},           // "this network"; Linux reads it as self
    {ip4(169, 254, 0, 0), 16, AddressClass::closed},      // link-local
    {ip4(192, 0, 0, 0), 24, AddressClass::closed},        // IETF protocols; Oracle's metadata
    {ip4(224, 0, 0, 0), 3, AddressClass::closed},         // multicast, reserved, broadcast
    {ip4(127, 0, 0, 0), 8, AddressClass::loopback},
    {ip4(10, 0, 0, 0), 8, AddressClass::inside},
    {ip4(172, 16, 0, 0), 12, AddressClass::inside},
    {ip4(192, 168, 0, 0), 16, AddressClass::inside},
    {ip4(100, 64, 0, 0), 10, AddressClass::inside},  // carrier-grade NAT
    {ip4(198, 18, 0, 0), 15, AddressClass::inside},  // benchmarking
};

AddressClass classify4(std::uint32_t address) {
  for (const Range4& range : kRanges4) {
    if ((address ^ range.base) >> (32 - range.bits) == 0) return range.what;
  }
  return AddressClass::open;
}

using Bytes6 = std::array<std::uint8_t, 16>;

bool starts(const Bytes6& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

AddressClass embedded(const Bytes6& a, std::size_t at) {
  return classify4(ip4(a[at], a[at + 1], a[at + 2], a[at + 3]));
}

AddressClass classify6(const Bytes6& a) {
  static constexpr Bytes6 kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static constexpr Bytes6 kAmazonMetadata = {0xfd, 0, 0x0e, 0xc2, 0, 0, 0,    0,
                                             0,    0, 0,    0,    0, 0, 0x02, 0x54};
  if (a == kLoopback) return AddressClass::loopback;
  if (a == kAmazonMetadata) return AddressClass::closed;
  // IPv4 in IPv6's clothes is judged as the IPv4 that it is: mapped and compatible, NAT64, 6to4.
  if (starts(a, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}) ||
      starts(a, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) ||
      starts(a, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return embedded(a, 12);
  }
  if (starts(a, {0x20, 0x02})) return embedded(a, 2);
  if (starts(a, {0x20, 0x01, 0, 0})) return AddressClass::closed;           // Teredo
  if (a[0] == 0xff) return AddressClass::closed;                            // multicast
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) return AddressClass::closed;   // link-local
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0xc0) return AddressClass::inside;   // site-local
  if ((a[0] & 0xfe) == 0xfc) return AddressClass::inside;                   // unique local
  if (starts(a, {0, 0x64, 0xff, 0x9b, 0, 1})) return AddressClass::inside;  // local NAT64
  return AddressClass::open;
}

}  // namespace

AddressClass classify(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &address, sizeof four);
    return classify4(ntohl(four.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &address, sizeof six);
    Bytes6 bytes;
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
    return classify6(bytes);
  }
  return AddressClass::closed;
}

std::optional<AddressClass> classify_literal(std::string_view host) {
  const std::string text(host.substr(0, host.find('%')));
  in_addr four;
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return classify4(ntohl(four.s_addr));
  Bytes6 six;
  if (inet_pton(AF_INET6, text.c_str(), six.data()) == 1) return classify6(six);
  return std::nullopt;
}

bool is_loopback_name(std::string_view host) {
  if (const auto literal = classify_literal(host)) return *literal == AddressClass::loopback;
  return host == "localhost" || host.ends_with(".localhost");
}

bool may_lead(AddressClass from, AddressClass to) {
  return to == AddressClass::open || (to != AddressClass::closed && to == from);
}

std::string address_text(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &address, sizeof four);
    inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &address, sizeof six);
    inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
  }
  return text;
}

}  // namespace minescan::acquire
