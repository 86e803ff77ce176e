#pragma once
// Excerpts are a window into somebody's files, and reports travel: to logs, to dashboards, to other
// people.  What looks like a credential is replaced before it gets into a report.

#include <string>
#include <string_view>

namespace minescan::judge {

// `text` with "***" for passwords in URLs, tokens with a well-known prefix, values assigned to
// names such as password or api_key, and private keys.  Any bytes may come.  A credential that the
// excerpt's edge cuts off from what gives it away is not recognised.
std::string masked(std::string_view text);

}  // namespace minescan::judge
