#pragma once
// Untrusted bytes for each sink.  No reporter writes a name or an excerpt but through one of these
// or through printable().

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "model/trail.h"

namespace minescan::report {

bool is_utf8(std::string_view text);
std::string base64(std::string_view bytes);

// Sets object[key] to `text`.  When it is not UTF-8 its broken bytes are shown as U+FFFD, and
// key + "_base64" holds the exact bytes.
void put_text(Json& object, const std::string& key, std::string_view text);

// A list of {"kind", "name"}, outermost first.
Json trail_json(const Trail& trail);

// An indented document with a final newline, pure ASCII, in which no runner command of a CI system
// survives: "##vso[" is written "\u0023#vso[".
std::string write_document(const Json& json);

// A path as relative URI reference: no scheme, no leading "/", no empty, "." or ".." part; every
// byte that is not unreserved or harmless in a path becomes %XX, also ":" and "%".  A path longer
// than 4,096 bytes is cut and ends in a digest of the whole.
std::string uri_path(std::string_view path);

// Lower case, [a-z0-9-], no two "-" in a row, none at the ends; may be empty.
std::string slug(std::string_view text);

// "1,234,567"
std::string grouped(std::uint64_t number);
// "14 KB", "512.3 MB": decimal units, one digit behind the point from MB on.
std::string human_bytes(std::uint64_t bytes);
// "1 gap", "3 gaps"
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace minescan::report
