#pragma once
// JSON from outside, read strictly: bounded size and depth, repeated keys refused (two readers of a
// document with repeated keys see two documents), no exceptions.  And written safely: bytes that
// are not UTF-8 become U+FFFD instead of an exception.

#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace minescan {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t bytes = std::size_t{4} << 20;  // manifests and configs: dist-spec's 4 MiB
  std::size_t depth = 64;
};

// The document, or Code::corrupt / Code::limit_bytes with what is wrong and where ("at byte 17").
Result<Json> parse_json(ByteView bytes, const JsonLimits& limits = {});

// indent < 0 gives one line.
std::string write_json(const Json& json, int indent = -1);

// The string member `key` of an object, or "" when absent or of another type.
std::string json_string(const Json& object, const char* key);

}  // namespace minescan
