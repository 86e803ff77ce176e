#include "acquire/packages/sparse_index.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/json.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kNameLimit = 64;  // of the public registry
constexpr std::size_t kLineLimit = std::size_t{4} << 20;
constexpr std::size_t kVersionsLimit = 100'000;

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "ra/nd" of "rand", "3/s" of "syn".
std::string prefix_of(std::string_view name) {
  if (name.size() <= 2) return std::to_string(name.size());
  if (name.size() == 3) return "3/" + std::string(name.substr(0, 1));
  return std::string(name.substr(0, 2)) + "/" + std::string(name.substr(2, 2));
}

}  // namespace

bool is_crate_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLimit &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string crate_path(std::string_view name) {
  const std::string small = lower(name);
  return prefix_of(small) + "/" + small;
}

Result<std::vector<CrateVersion>> parse_crate_lines(std::string_view body) {
  std::vector<CrateVersion> versions;
  for (std::size_t number = 1; !body.empty(); ++number) {
    const auto end = body.find('\n');
    const std::string_view line = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto wrong = [&](const std::string& what) {
      return fail(Code::corrupt, what + " in line " + std::to_string(number));
    };
    const auto json = parse_json(as_bytes(line), {.bytes = kLineLimit});
    if (!json) return wrong(json.error().what);
    CrateVersion found{.name = json_string(*json, "name"), .version = json_string(*json, "vers")};
    if (!is_crate_name(found.name) || found.version.empty()) {
      return wrong("without a crate's name and version");
    }
    if (std::string checksum = lower(json_string(*json, "cksum")); is_sha256(checksum)) {
      found.checksum = std::move(checksum);
    }
    const auto yanked = json->find("yanked");
    found.yanked = yanked != json->end() && yanked->is_boolean() && yanked->get<bool>();
    if (versions.size() == kVersionsLimit) {
      return fail(Code::limit_entries,
                  "with more than " + std::to_string(kVersionsLimit) + " versions");
    }
    versions.push_back(std::move(found));
  }
  return versions;
}

Result<std::string> parse_index_config(std::string_view body) {
  MINESCAN_TRY_ASSIGN(const Json json, parse_json(as_bytes(body)));
  std::string dl = json_string(json, "dl");
  if (dl.empty()) return fail(Code::corrupt, "without 'dl', the place of the crates");
  return dl;
}

std::string crate_url(const std::string& dl, const CrateVersion& crate) {
  const std::string prefix = prefix_of(crate.name);
  const std::array<std::pair<std::string_view, std::string>, 5> markers = {
      {{"{crate}", crate.name},
       {"{version}", crate.version},
       {"{prefix}", prefix},
       {"{lowerprefix}", lower(prefix)},
       {"{sha256-checksum}", crate.checksum}}};
  std::string url;
  bool marked = false;
  for (std::size_t at = 0; at < dl.size();) {
    const auto* const marker =
        std::find_if(markers.begin(), markers.end(), [&](const auto& candidate) {
          return std::string_view(dl).substr(at).starts_with(candidate.first);
        });
    if (marker == markers.end()) {
      url += dl[at++];
      continue;
    }
    marked = true;
    url += marker->second;
    at += marker->first.size();
  }
  if (!marked) url += "/" + crate.name + "/" + crate.version + "/download";
  return url;
}

}  // namespace minescan::acquire
