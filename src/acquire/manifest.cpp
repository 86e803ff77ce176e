#include "acquire/manifest.h"

#include <algorithm>
#include <array>

#include "acquire/quoted.h"
#include "base/base64.h"
#include "base/digest.h"

namespace minescan::acquire {
namespace {

constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view kSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
constexpr std::string_view kSchema1Signed =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";

tl::unexpected<Error> broken(const std::string& where, const std::string& what) {
  return fail(Code::integrity, where + " " + what);
}

tl::unexpected<Error> schema1() {
  return fail(Code::unsupported,
              "the image has a manifest of schema 1, which is not read; push it again with a "
              "current tool (skopeo copy --format v2s2 converts it)");
}

// Parameters ("; charset=utf-8") and case do not matter in a transport's type.
std::string bare_type(std::string_view media_type) {
  std::string bare(media_type.substr(0, media_type.find(';')));
  while (!bare.empty() && bare.back() == ' ') bare.pop_back();
  std::transform(bare.begin(), bare.end(), bare.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return bare;
}

// As encoding/json of Go folds names: ASCII case, and the two letters that Unicode folds to ASCII.
std::string folded(std::string_view key) {
  std::string text;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i, 2) == "\u017f") {  // long s
      text += 's';
      i += 1;
    } else if (key.substr(i, 3) == "\u212a") {  // kelvin sign
      text += 'k';
      i += 2;
    } else {
      text += key[i] >= 'A' && key[i] <= 'Z' ? static_cast<char>(key[i] + 32) : key[i];
    }
  }
  return text;
}

Result<Platform> parse_platform(const Json& json, const std::string& where) {
  MINESCAN_TRY(refuse_odd_case(json, {"os", "architecture", "variant"}, where));
  return Platform{json_string(json, "os"), json_string(json, "architecture"),
                  json_string(json, "variant")};
}

Result<void> take_data(const Json& json, const std::string& where, DescriptorEntry& entry) {
  const auto data = json.find("data");
  if (data == json.end() || data->is_null()) return {};
  if (!data->is_string()) return broken(where, "has inline data that is not a string");
  entry.data = base64_decode(data->get_ref<const std::string&>());
  if (!entry.data) return broken(where, "has inline data that is not base64");
  if (entry.data->size() != entry.descriptor.size) {
    return broken(where, "has " + std::to_string(entry.data->size()) +
                             " bytes of inline data, but " + std::to_string(entry.descriptor.size) +
                             " are promised");
  }
  const std::string& digest = entry.descriptor.digest;
  Hasher hasher(std::string_view(digest).substr(0, digest.find(':')));
  hasher.update(as_bytes(*entry.data));
  const std::string actual = hasher.finish();
  if (actual != digest) {
    return broken(where,
                  "has inline data with the digest " + actual + ", but " + digest + " is promised");
  }
  return {};
}

void take_annotations(const Json& json, DescriptorEntry& entry) {
  const auto annotations = json.find("annotations");
  if (annotations == json.end() || !annotations->is_object()) return;
  for (const auto& [key, value] : annotations->items()) {
    if (value.is_string()) entry.annotations[key] = value.get<std::string>();
  }
}

Result<DescriptorEntry> parse_descriptor(const Json& json, const std::string& where) {
  if (!json.is_object()) return broken(where, "is not a descriptor");
  MINESCAN_TRY(refuse_odd_case(
      json, {"mediaType", "digest", "size", "urls", "annotations", "data", "platform"}, where));
  DescriptorEntry entry;
  entry.descriptor.media_type = json_string(json, "mediaType");
  entry.descriptor.digest = json_string(json, "digest");
  if (entry.descriptor.digest.empty()) return broken(where, "has no digest");
  if (!is_digest(entry.descriptor.digest)) {
    return broken(where, "has the digest " + in_quotes(entry.descriptor.digest, 200) +
                             ", which is not sha256 or sha512 in lower-case hex");
  }
  const auto size = json.find("size");
  if (size == json.end()) return broken(where, "has no size");
  if (!size->is_number_unsigned()) {
    return broken(where, "has a size that is negative or not a whole number");
  }
  entry.descriptor.size = size->get<std::uint64_t>();
  const auto urls = json.find("urls");
  entry.has_urls = urls != json.end() && urls->is_array() && !urls->empty();
  const auto platform = json.find("platform");
  if (platform != json.end() && platform->is_object()) {
    MINESCAN_TRY_ASSIGN(entry.platform, parse_platform(*platform, where + " platform"));
  }
  take_annotations(json, entry);
  MINESCAN_TRY(take_data(json, where, entry));
  return entry;
}

Result<std::vector<DescriptorEntry>> parse_list(const Json& json, const char* key,
                                                std::size_t limit) {
  std::vector<DescriptorEntry> entries;
  const auto list = json.find(key);
  // Go writes an empty list as null.
  if (list != json.end() && list->is_null()) return entries;
  if (list == json.end() || !list->is_array()) {
    return fail(Code::corrupt, std::string("the document has no list '") + key + "'");
  }
  if (list->size() > limit) {
    return fail(Code::limit_entries, std::string("the document lists ") +
                                         std::to_string(list->size()) + " " + key +
                                         ", more than the limit of " + std::to_string(limit));
  }
  for (const Json& item : *list) {
    const std::string where = std::string(key) + "[" + std::to_string(entries.size()) + "]";
    MINESCAN_TRY_ASSIGN(DescriptorEntry entry, parse_descriptor(item, where));
    entries.push_back(std::move(entry));
  }
  return entries;
}

enum class Kind { index, manifest, schema1, unknown };

Kind kind_of_type(std::string_view media_type) {
  if (media_type == kOciIndex || media_type == kDockerList) return Kind::index;
  if (media_type == kOciManifest || media_type == kDockerManifest) return Kind::manifest;
  if (media_type == kSchema1 || media_type == kSchema1Signed) return Kind::schema1;
  return Kind::unknown;
}

Kind kind_of(const Json& json, const std::string& transport_type) {
  Kind kind = kind_of_type(json_string(json, "mediaType"));
  if (kind == Kind::unknown) kind = kind_of_type(bare_type(transport_type));
  if (kind != Kind::unknown) return kind;
  if (json.contains("manifests")) return Kind::index;
  if (json.contains("layers") && json.contains("config")) return Kind::manifest;
  if (json.contains("fsLayers")) return Kind::schema1;
  return Kind::unknown;
}

Result<ManifestBody> parse_manifest(const Json& json) {
  ManifestBody body;
  const auto config = json.find("config");
  if (config == json.end()) return fail(Code::corrupt, "the manifest has no config");
  MINESCAN_TRY_ASSIGN(body.config, parse_descriptor(*config, "config"));
  MINESCAN_TRY_ASSIGN(body.layers, parse_list(json, "layers", kMaxLayers));
  return body;
}

}  // namespace

Result<void> refuse_odd_case(const Json& object, std::initializer_list<std::string_view> known,
                             const std::string& where) {
  if (!object.is_object()) return {};
  for (const auto& item : object.items()) {
    const std::string& key = item.key();
    const std::string plain = folded(key);
    for (const std::string_view name : known) {
      if (key != name && plain == folded(name)) {
        return broken(where, "has the key " + in_quotes(key, 64) +
                                 ", which some readers take for '" + std::string(name) +
                                 "' and others do not");
      }
    }
  }
  return {};
}

Result<DocumentBody> parse_document(const Document& document) {
  MINESCAN_TRY_ASSIGN(const Json json,
                      parse_json(as_bytes(document.bytes), {.bytes = kMaxDocument}));
  if (!json.is_object()) return fail(Code::corrupt, "the manifest is not a JSON object");
  MINESCAN_TRY(refuse_odd_case(
      json, {"schemaVersion", "mediaType", "manifests", "config", "layers", "fsLayers"},
      "the manifest"));
  const bool lists_images = json.contains("manifests");
  const bool lists_layers = json.contains("layers");
  if ((lists_images && (lists_layers || json.contains("config"))) ||
      (json.contains("fsLayers") && (lists_images || lists_layers))) {
    return broken("the manifest",
                  "is index and image at once, so that readers disagree about what it means");
  }
  switch (kind_of(json, document.media_type)) {
    case Kind::index: {
      IndexBody body;
      MINESCAN_TRY_ASSIGN(body.manifests, parse_list(json, "manifests", kMaxManifests));
      return DocumentBody(std::move(body));
    }
    case Kind::manifest: {
      MINESCAN_TRY_ASSIGN(ManifestBody body, parse_manifest(json));
      return DocumentBody(std::move(body));
    }
    case Kind::schema1:
      return schema1();
    case Kind::unknown:
      break;
  }
  return fail(Code::unsupported, "the document of type " +
                                     in_quotes(json_string(json, "mediaType"), 200) +
                                     " is neither an image nor an index of images");
}

Result<ConfigBody> parse_config(std::string_view bytes) {
  MINESCAN_TRY_ASSIGN(const Json json, parse_json(as_bytes(bytes), {.bytes = kMaxDocument}));
  if (!json.is_object()) return fail(Code::corrupt, "the config is not a JSON object");
  MINESCAN_TRY(refuse_odd_case(
      json, {"os", "architecture", "variant", "config", "rootfs", "history"}, "the config"));
  ConfigBody body;
  body.platform = {json_string(json, "os"), json_string(json, "architecture"),
                   json_string(json, "variant")};
  const auto rootfs = json.find("rootfs");
  if (rootfs != json.end() && rootfs->is_object()) {
    MINESCAN_TRY(refuse_odd_case(*rootfs, {"diff_ids"}, "rootfs of the config"));
    const auto ids = rootfs->find("diff_ids");
    if (ids != rootfs->end() && ids->is_array()) {
      for (const Json& id : *ids) {
        body.diff_ids.push_back(id.is_string() ? id.get<std::string>() : std::string());
      }
    }
  }
  const auto history = json.find("history");
  if (history != json.end() && history->is_array()) {
    for (const Json& item : *history) {
      HistoryEntry entry;
      entry.created_by = json_string(item, "created_by");
      const auto empty = item.is_object() ? item.find("empty_layer") : item.end();
      entry.empty_layer = empty != item.end() && empty->is_boolean() && empty->get<bool>();
      body.history.push_back(std::move(entry));
    }
  }
  return body;
}

bool is_index_type(std::string_view media_type) {
  return kind_of_type(bare_type(media_type)) == Kind::index;
}

bool is_manifest_type(std::string_view media_type) {
  const Kind kind = kind_of_type(bare_type(media_type));
  return kind == Kind::manifest || kind == Kind::schema1;
}

bool is_config_type(std::string_view media_type) {
  return media_type == "application/vnd.docker.container.image.v1+json" ||
         media_type == "application/vnd.oci.image.config.v1+json";
}

bool is_foreign_type(std::string_view media_type) {
  return media_type.starts_with("application/vnd.docker.image.rootfs.foreign.") ||
         media_type.starts_with("application/vnd.oci.image.layer.nondistributable.");
}

bool is_encrypted_type(std::string_view media_type) { return media_type.ends_with("+encrypted"); }

}  // namespace minescan::acquire
