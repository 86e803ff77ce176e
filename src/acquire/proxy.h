#pragma once
// Which proxy a URL goes through, read from the environment as curl reads it.  Decided here and not
// by curl, since through a proxy the address that is connected to says nothing about the target.
// Tested by proxy_test.cpp.

#include <string>

#include "acquire/environment.h"
#include "acquire/url.h"

namespace minescan::acquire {

// The proxy's URL, or "" for none.  https_proxy, HTTPS_PROXY, http_proxy (lower case only: a CGI
// server lets its visitors set HTTP_PROXY), all_proxy, ALL_PROXY; no_proxy, NO_PROXY with names,
// domains, addresses, networks and "*".  Loopback is never reached through a proxy.
std::string proxy_for(const Url& url, const Environment& environment);

}  // namespace minescan::acquire
