#include "acquire/archive.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "acquire/archive_index.h"
#include "acquire/files.h"
#include "acquire/layout.h"
#include "acquire/manifest.h"
#include "acquire/oci_index.h"
#include "acquire/quoted.h"
#include "acquire/stored_image.h"
#include "acquire/unpacked_archive.h"
#include "base/digest.h"
#include "base/printable.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

// What containers/image and containerd accept of Docker's manifest.json.
constexpr std::size_t kMaxDockerManifest = std::size_t{20} << 20;
constexpr const char* kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

// One image as Docker's manifest.json names it.
struct DockerImage {
  std::string config;  // cleaned names of members
  std::vector<std::string> layers;
  std::vector<std::string> tags;
};

// Config and layers, by digest: what an image is, however it is written down.
using Identity = std::vector<std::string>;

class ArchiveStore final : public BlobStore {
 public:
  explicit ArchiveStore(ArchiveIndex archive) : index(std::move(archive)) {}

  Result<std::unique_ptr<Source>> open(const std::string& digest) override {
    return index.open(name_of(digest));
  }

  [[nodiscard]] std::string name_of(const std::string& digest) const {
    const auto named = names.find(digest);
    if (named != names.end()) return named->second;
    const std::size_t colon = digest.find(':');
    return "blobs/" + digest.substr(0, colon) + "/" + digest.substr(colon + 1);
  }

  ArchiveIndex index;
  std::map<std::string, std::string> names;  // digest to member, where the name does not tell
};

// "blobs/sha256/<hex>" promises a digest.
std::optional<std::string> digest_in_name(const std::string& name) {
  if (!name.starts_with("blobs/")) return std::nullopt;
  std::string digest = name.substr(6);
  const std::size_t slash = digest.find('/');
  if (slash == std::string::npos) return std::nullopt;
  digest[slash] = ':';
  if (!is_digest(digest)) return std::nullopt;
  return digest;
}

Result<std::string> member_name(const Json& json, const std::string& path) {
  const auto name =
      json.is_string() ? clean_name(json.get_ref<const std::string&>()) : std::nullopt;
  if (name && !name->empty()) return *name;
  return fail(Code::integrity, "manifest.json of " + in_quotes(path) + " names '" +
                                   printable(write_json(json), 200) +
                                   "', which is no file inside the archive");
}

Result<DockerImage> parse_docker_image(const Json& json, const std::string& path) {
  const std::string where = "manifest.json of " + in_quotes(path);
  MINESCAN_TRY(refuse_odd_case(json, {"Config", "RepoTags", "Layers"}, where));
  if (!json.is_object() || !json.contains("Config") || !json.contains("Layers")) {
    return fail(Code::integrity, where + " has an image without Config or Layers");
  }
  DockerImage image;
  MINESCAN_TRY_ASSIGN(image.config, member_name(json["Config"], path));
  const Json& layers = json["Layers"];
  if (!layers.is_array() && !layers.is_null()) {
    return fail(Code::integrity, where + " has Layers that are no list");
  }
  if (layers.size() > kMaxLayers) {
    return fail(Code::limit_entries,
                where + " lists more than " + std::to_string(kMaxLayers) + " layers");
  }
  for (const Json& layer : layers) {
    MINESCAN_TRY_ASSIGN(std::string name, member_name(layer, path));
    image.layers.push_back(std::move(name));
  }
  const auto tags = json.find("RepoTags");
  if (tags == json.end() || !tags->is_array()) return image;
  for (const Json& tag : *tags) {
    if (tag.is_string()) image.tags.push_back(tag.get<std::string>());
  }
  return image;
}

Result<std::vector<DockerImage>> docker_images(const ArchiveIndex& index, const std::string& path) {
  MINESCAN_TRY_ASSIGN(const std::string bytes, index.read("manifest.json", kMaxDockerManifest));
  const auto json = parse_json(as_bytes(bytes), {.bytes = kMaxDockerManifest});
  if (!json) {
    return fail(json.error().code,
                "manifest.json of " + in_quotes(path) + ": " + json.error().what);
  }
  std::vector<DockerImage> images;
  if (!json->is_array()) {
    return fail(Code::corrupt, "manifest.json of " + in_quotes(path) + " is not a list");
  }
  for (const Json& item : *json) {
    MINESCAN_TRY_ASSIGN(DockerImage image, parse_docker_image(item, path));
    images.push_back(std::move(image));
  }
  return images;
}

bool has_tag(const DockerImage& image, const std::string& tag) {
  return std::any_of(image.tags.begin(), image.tags.end(),
                     [&](const std::string& name) { return same_image_name(name, tag); });
}

Result<DockerImage> choose_image(const std::vector<DockerImage>& images, const std::string& tag,
                                 const std::string& path) {
  std::vector<const DockerImage*> fitting;
  std::string list;
  for (const DockerImage& image : images) {
    for (const std::string& name : image.tags) {
      list += (list.empty() ? "" : ", ") + printable(name, 200);
    }
    if (image.tags.empty()) list += std::string(list.empty() ? "" : ", ") + "one without a name";
    if (tag.empty() || has_tag(image, tag)) fitting.push_back(&image);
  }
  if (fitting.size() == 1) return *fitting.front();
  if (images.empty()) {
    return fail(Code::not_found, in_quotes(path) + " holds no image");
  }
  if (fitting.empty()) {
    return fail(Code::not_found,
                in_quotes(path) + " has no image '" + printable(tag, 200) + "'; it has: " + list);
  }
  return fail(Code::usage, in_quotes(path) + " holds " + std::to_string(fitting.size()) +
                               " images that fit; add one of these after a colon: " + list);
}

// The descriptor of a member of a docker-archive, and how to find it again by its digest.
Result<Descriptor> describe(ArchiveStore& store, const std::string& name,
                            const std::string& media_type, const std::string& path) {
  const std::string where = in_quotes(name, 300) + " in " + in_quotes(path);
  const StoredMember* member = store.index.find(name);
  if (member == nullptr) {
    return fail(Code::not_found, "manifest.json names " + where + ", but it is not there");
  }
  if (!member->whole) {
    return fail(Code::truncated, where + " is cut off; the archive is not complete");
  }
  if (!member->plain) return fail(Code::unsupported, where + " is stored as a sparse file");
  MINESCAN_TRY_ASSIGN(const std::string digest, store.index.digest(*member));
  const auto promised = digest_in_name(name);
  if (promised && promised->starts_with("sha256:") && *promised != digest) {
    return fail(Code::integrity, where + " has the digest " + digest + ", not the one of its name");
  }
  store.names.emplace(digest, name);
  return Descriptor{media_type, digest, member->size};
}

Json as_json(const Descriptor& descriptor) {
  return {{"mediaType", descriptor.media_type},
          {"size", descriptor.size},
          {"digest", descriptor.digest}};
}

// Files that every archive has beside its images: they name things, no engine puts them into one.
bool is_bookkeeping(const std::string& name, std::uint64_t size) {
  for (const char* fixed : {"oci-layout", "index.json", "manifest.json", "repositories"}) {
    if (name == fixed) return true;
  }
  // The form before 1.10, which `docker save` still wrote for long: <id>/VERSION, <id>/json.
  constexpr std::uint64_t kMost = std::uint64_t{64} << 10;
  return size <= kMost && (name.ends_with("/VERSION") || name.ends_with("/json"));
}

// Says how much of the archive is no part of the image, so that nobody takes it for scanned.
void note_strangers(const ArchiveStore& store, const std::set<std::string>& digests,
                    const std::string& path, std::vector<std::string>& notes) {
  std::set<const StoredMember*> known;
  for (const std::string& digest : digests) known.insert(store.index.find(store.name_of(digest)));
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  for (const auto& [name, member] : store.index.members()) {
    if (member.kind != StoredMember::Kind::file || known.count(&member) != 0) continue;
    if (is_bookkeeping(name, member.size)) continue;
    ++count;
    bytes += member.size;
  }
  if (count == 0) return;
  notes.push_back("archive " + path + ": " + std::to_string(count) + " members of " +
                  std::to_string(bytes) +
                  " bytes belong to no image that was scanned; 'minescan package' scans them all");
}

// Docker's form has no manifest, so one is made: the same as `skopeo copy` would.
Result<std::unique_ptr<ImageSource>> open_docker(ArchiveIndex index, const std::string& path,
                                                 const std::string& name, const std::string& tag) {
  MINESCAN_TRY_ASSIGN(const auto images, docker_images(index, path));
  MINESCAN_TRY_ASSIGN(const DockerImage image, choose_image(images, tag, path));
  auto store = std::make_unique<ArchiveStore>(std::move(index));
  std::vector<std::string> notes = store->index.notes();
  notes.push_back("the archive has no manifest, so the digest shown is that of one made from it");
  MINESCAN_TRY_ASSIGN(
      const Descriptor config,
      describe(*store, image.config, "application/vnd.docker.container.image.v1+json", path));
  Json manifest = {{"schemaVersion", 2}, {"mediaType", kDockerManifest}};
  manifest["config"] = as_json(config);
  std::set<std::string> digests = {config.digest};
  manifest["layers"] = Json::array();
  for (const std::string& layer : image.layers) {
    MINESCAN_TRY_ASSIGN(
        const Descriptor descriptor,
        describe(*store, layer, "application/vnd.docker.image.rootfs.diff.tar", path));
    manifest["layers"].push_back(as_json(descriptor));
    digests.insert(descriptor.digest);
  }
  note_strangers(*store, digests, path, notes);
  const std::string bytes = write_json(manifest);
  StoredRoot root{{kDockerManifest, sha256(as_bytes(bytes)), bytes.size()}, bytes};
  return std::make_unique<StoredImage>(name, std::move(root), std::move(store), std::move(notes));
}

// The images below an entry of index.json, by what they consist of.
class Identities {
 public:
  explicit Identities(BlobStore& store) : store_(store) {}

  // What cannot be read is left out here: assembling reports it.
  void collect(const DescriptorEntry& entry, unsigned depth) {
    if (digests.size() >= kMaxSeen || !seen_.insert(entry.descriptor.digest).second) return;
    digests.insert(entry.descriptor.digest);
    const Document document =
        entry.data ? Document{*entry.data, entry.descriptor.media_type, entry.descriptor.digest}
                   : read_document(store_, entry.descriptor).value_or(Document{});
    const auto body = parse_document(document);
    if (!body) return;
    if (const auto* manifest = std::get_if<ManifestBody>(&*body)) {
      Identity identity = {manifest->config.descriptor.digest};
      for (const DescriptorEntry& layer : manifest->layers) {
        identity.push_back(layer.descriptor.digest);
      }
      digests.insert(identity.begin(), identity.end());
      found.insert(std::move(identity));
      return;
    }
    if (depth >= kMaxIndexDepth) return;
    for (const DescriptorEntry& child : std::get<IndexBody>(*body).manifests) {
      collect(child, depth + 1);
    }
  }

  std::set<Identity> found;
  std::set<std::string> digests;  // of all that was met: indexes, manifests, configs, layers

 private:
  static constexpr std::size_t kMaxSeen = 100'000;
  BlobStore& store_;
  std::set<std::string> seen_;
};

// Older engines load what manifest.json says, newer ones what index.json says.  An archive in which
// they differ is one thing to us and another to the engine.
Result<void> check_agreement(const ArchiveStore& store, const Identities& known,
                             const std::string& tag, const std::string& path) {
  MINESCAN_TRY_ASSIGN(const auto images, docker_images(store.index, path));
  for (const DockerImage& image : images) {
    if (!tag.empty() && !has_tag(image, tag)) continue;
    Identity identity = {digest_in_name(image.config).value_or("")};
    for (const std::string& layer : image.layers) {
      identity.push_back(digest_in_name(layer).value_or(""));
    }
    if (known.found.count(identity) != 0) continue;
    return fail(Code::integrity,
                in_quotes(path) +
                    " describes different images in index.json and in manifest.json; engines "
                    "disagree about which one they load, so make the archive anew");
  }
  return {};
}

Result<std::unique_ptr<ImageSource>> open_oci(ArchiveIndex index, const std::string& path,
                                              const std::string& name, const std::string& tag) {
  auto store = std::make_unique<ArchiveStore>(std::move(index));
  if (store->index.find("oci-layout") != nullptr) {
    MINESCAN_TRY_ASSIGN(const std::string version, store->index.read("oci-layout", kMaxDocument));
    MINESCAN_TRY(check_layout_version(version, path));
  }
  MINESCAN_TRY_ASSIGN(const std::string bytes, store->index.read("index.json", kMaxDocument));
  const auto body = parse_document({bytes, "application/vnd.oci.image.index.v1+json", ""});
  if (!body) {
    return fail(body.error().code, "index.json of " + in_quotes(path) + ": " + body.error().what);
  }
  if (!std::holds_alternative<IndexBody>(*body)) {
    return fail(Code::integrity, "index.json of " + in_quotes(path) + " is not an index");
  }
  MINESCAN_TRY_ASSIGN(const DescriptorEntry chosen,
                      choose_entry(std::get<IndexBody>(*body), tag, path));
  Identities known(*store);
  known.collect(chosen, 0);
  // Who names a digest leaves nothing to the engine.
  if (store->index.find("manifest.json") != nullptr && !is_digest(tag)) {
    MINESCAN_TRY(check_agreement(*store, known, tag, path));
  }
  std::vector<std::string> notes = store->index.notes();
  note_strangers(*store, known.digests, path, notes);
  StoredRoot root{.descriptor = chosen.descriptor, .bytes = chosen.data};
  return std::make_unique<StoredImage>(name, std::move(root), std::move(store), std::move(notes));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_archive(const std::string& path, const std::string& tag,
                                                  TaskRunner* tasks) {
  MINESCAN_TRY_ASSIGN(Fd file, open_named_file(path));
  return open_archive(std::move(file), path, "", tag, tasks);
}

Result<std::unique_ptr<ImageSource>> open_archive(Fd file, const std::string& path,
                                                  const std::string& name, const std::string& tag,
                                                  TaskRunner* tasks) {
  MINESCAN_TRY_ASSIGN(auto tar, unpacked_archive(std::make_shared<const Fd>(std::move(file)), path,
                                                 Limits().unit_bytes, tasks));
  MINESCAN_TRY_ASSIGN(ArchiveIndex index, ArchiveIndex::build(std::move(tar), path, tasks));
  const auto named = [&](const std::string& transport) {
    return name.empty() ? transport + path + (tag.empty() ? "" : ":" + tag) : name;
  };
  if (index.find("index.json") != nullptr) {
    return open_oci(std::move(index), path, named("oci-archive:"), tag);
  }
  if (index.find("manifest.json") != nullptr) {
    return open_docker(std::move(index), path, named("docker-archive:"), tag);
  }
  if (index.find("repositories") != nullptr) {
    return fail(Code::unsupported, in_quotes(path) +
                                       " was saved by a Docker older than 1.10, whose form is not "
                                       "read; load and save it again with a current one");
  }
  return fail(Code::unsupported,
              in_quotes(path) +
                  " is a tar without index.json and manifest.json, so it holds no image; scan it "
                  "with 'minescan package'");
}

}  // namespace minescan::acquire
