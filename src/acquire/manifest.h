#pragma once
// Reads indexes, image manifests and image configs, of Docker and of OCI, strictly: bounded, keys
// neither repeated nor spelled so that readers disagree about them, digests and sizes checked
// before anyone uses them.
//
// Errors: Code::integrity for what a correct tool never writes, unsupported for formats that are
// not read (schema 1), limit_* for sizes, corrupt for what is no such document at all.
// Sources: OCI image-spec 1.1 and Docker's image manifest v2 schema 2; limits are what engines and
// registries accept with room to spare (engines stop near 127 layers).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acquire/image_source.h"
#include "base/json.h"
#include "model/artifact.h"

namespace minescan::acquire {

inline constexpr std::size_t kMaxDocument = std::size_t{4} << 20;  // bytes
inline constexpr std::size_t kMaxLayers = 512;
inline constexpr std::size_t kMaxManifests = 512;  // per index
inline constexpr unsigned kMaxIndexDepth = 3;

// A descriptor with all that may hang on it.
struct DescriptorEntry {
  Descriptor descriptor;
  std::optional<Platform> platform;
  std::map<std::string, std::string> annotations;
  bool has_urls = false;
  std::optional<std::string> data;  // inline content; digest and size were checked
};

struct IndexBody {
  std::vector<DescriptorEntry> manifests;
};

struct ManifestBody {
  DescriptorEntry config;
  std::vector<DescriptorEntry> layers;  // lowest first
};

struct HistoryEntry {
  std::string created_by;
  bool empty_layer = false;
};

struct ConfigBody {
  Platform platform;
  std::vector<std::string> diff_ids;
  std::vector<HistoryEntry> history;
};

using DocumentBody = std::variant<IndexBody, ManifestBody>;

// Which of both it is: by the mediaType in the body, else by document.media_type, else by
// structure.
Result<DocumentBody> parse_document(const Document& document);

Result<ConfigBody> parse_config(std::string_view bytes);

// Keys that differ from `known` ones only by case: encoding/json of Go takes them for the same key,
// other readers do not, so that two readers see two documents.  Code::integrity.
Result<void> refuse_odd_case(const Json& object, std::initializer_list<std::string_view> known,
                             const std::string& where);

bool is_index_type(std::string_view media_type);
bool is_manifest_type(std::string_view media_type);  // of an image, schema 1 included
bool is_config_type(std::string_view media_type);    // of a container image
bool is_foreign_type(std::string_view media_type);   // layers that may not be distributed
bool is_encrypted_type(std::string_view media_type);

}  // namespace minescan::acquire
