#pragma once
// The validators for network addresses.  Contract: match/validators.h.  Tested by hosts_test.cpp.

#include <string_view>

#include "match/validators.h"

namespace minescan::match {

// "host-port": the captures "host" and "port", or what can be read from the text, which is then
// [anything "://"] [anything "@"] host ":" port [anything after "/", "?", "#" or a blank].  The
// host is a DNS name, an IPv4 address, an IPv6 address in brackets, or a single label as services
// in a container network have.  Not a host: a file name ("index.js:12"), a number ("10:30").  Sets
// "host" in lower case and "port" without leading zeros.
bool check_host_port(std::string_view text, Captures& captures);

// "pool-host": the capture "host", or the text, is a DNS name of at least two labels.  A pattern
// cannot look around, so `confirm` may name the bytes beside the name: "before" must not end in a
// letter, digit, "_" or "-"; "after" must not begin with one, nor with a dot and a letter or digit:
// then the name is part of a longer one ("pool.ca" in "pool.cache").  Sets "host" in lower case
// and removes "before" and "after".
bool check_pool_host(std::string_view text, Captures& captures);

}  // namespace minescan::match
