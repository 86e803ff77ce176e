#pragma once
// What kind of network an address lies in.  A server may send minescan on to public addresses and
// to its own kind of network, never deeper inside: a registry on the internet that names
// 169.254.169.254 wants the secrets of a cloud machine.  Classes follow IANA's special-purpose
// registries.  Tested by address_test.cpp.

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

namespace minescan::acquire {

enum class AddressClass {
  open,      // everything else: the public internet
  loopback,  // 127/8, ::1
  inside,    // private networks: RFC 1918, RFC 6598, RFC 4193
  closed,    // nothing may lead there: unspecified, link-local (where clouds keep their metadata),
             // metadata addresses elsewhere, multicast, reserved
};

AddressClass classify(const sockaddr& address);

// nullopt when the host is a name.
std::optional<AddressClass> classify_literal(std::string_view host);

// localhost, *.localhost, 127/8, ::1.  A name is only a promise: check the address as well.
bool is_loopback_name(std::string_view host);

// Whether a server in `from` may lead to an address in `to`.
bool may_lead(AddressClass from, AddressClass to);

// "10.1.2.3" for messages.
std::string address_text(const sockaddr& address);

}  // namespace minescan::acquire
