#pragma once
// Checks that a regular expression cannot make: wallet checksums, host and port.  One table in
// validators.cpp; signatures name them in `validate:`.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::match {

using Captures = std::map<std::string, std::string>;

// `text` is the confirmed match; captures hold the named groups of `confirm` and may be added to
// ("coin", "host", "port").  Returns false when the text is not what it looks like: then it is no
// evidence at all.  Never throws; any bytes may come.
struct Validator {
  std::string_view name;  // "wallet:xmr", "host-port", …
  bool (*check)(std::string_view text, Captures& captures);
};

const Validator* validator_by_name(std::string_view name);
std::vector<std::string_view> validator_names();

}  // namespace minescan::match
