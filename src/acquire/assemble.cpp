#include "acquire/assemble.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "acquire/manifest.h"
#include "acquire/platform.h"
#include "acquire/quoted.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// Indexes and manifests in all; an honest multi-platform image has about 30.
constexpr std::size_t kMaxDocuments = 2048;
// Documents are kept, since they are units too.
constexpr std::size_t kMaxDocumentBytes = std::size_t{128} << 20;

using Documents = std::map<std::string, std::shared_ptr<const std::string>>;  // by digest

// Bytes in memory that it owns a share of.
class TextSource final : public Source {
 public:
  explicit TextSource(std::shared_ptr<const std::string> text)
      : text_(std::move(text)), memory_(as_bytes(*text_)) {}
  ByteView peek(std::size_t want) override { return memory_.peek(want); }
  void skip(std::size_t n) override { memory_.skip(n); }
  [[nodiscard]] std::uint64_t position() const override { return memory_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return std::nullopt; }

 private:
  std::shared_ptr<const std::string> text_;
  MemorySource memory_;
};

// Documents were fetched and verified while assembling; blobs come verified from the source.
class ImageOpener final : public Opener {
 public:
  ImageOpener(std::unique_ptr<ImageSource> source, Documents documents)
      : source_(std::move(source)), documents_(std::move(documents)) {}

  Result<std::unique_ptr<Source>> open(const Unit& unit) override {
    const auto known = documents_.find(unit.digest);
    if (known != documents_.end()) return std::make_unique<TextSource>(known->second);
    return source_->blob({unit.media_type, unit.digest, unit.size});
  }

 private:
  std::unique_ptr<ImageSource> source_;
  const Documents documents_;
};

bool is_attestation(const DescriptorEntry& entry) {
  const auto type = entry.annotations.find("vnd.docker.reference.type");
  return type != entry.annotations.end() && type->second == "attestation-manifest";
}

std::string subject(const DescriptorEntry& entry) {
  const auto digest = entry.annotations.find("vnd.docker.reference.digest");
  return digest == entry.annotations.end() ? std::string() : digest->second;
}

// Which meaning of a blob counts when it has several.
int weight(Unit::Kind kind) {
  if (kind == Unit::Kind::image_config) return 2;
  return kind == Unit::Kind::layer ? 1 : 0;
}

std::string join(const std::set<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

// A manifest that was met, before it is decided whether it is wanted.
struct Leaf {
  std::string digest;
  Platform platform;
  std::optional<ManifestBody> body;  // absent: left out unseen, its platform does not fit
  std::optional<ConfigBody> config;  // absent: missing, or no image's
  bool attestation = false;
  std::string subject;  // digest of the manifest that an attestation is about
};

class Assembler {
 public:
  Assembler(ImageSource& source, const Options& options) : source_(source), options_(options) {}

  Result<void> run() {
    for (const std::string& text : options_.platforms) {
      MINESCAN_TRY_ASSIGN(Platform wish, parse_platform(text));
      wishes_.push_back(std::move(wish));
    }
    MINESCAN_TRY_ASSIGN(const Document root, source_.root());
    artifact.kind = Artifact::Kind::image;
    artifact.name = source_.name();
    artifact.digest = root.digest;
    MINESCAN_TRY(take_document(root, {}, 1));
    MINESCAN_TRY(choose());
    for (const Leaf& leaf : leaves_) {
      if (leaf.body) MINESCAN_TRY(add_manifest(leaf));
    }
    for (std::string& note : source_.notes()) artifact.notes.push_back(std::move(note));
    if (leaves_.empty() && artifact.gaps.empty() && !has_blobs_) {
      return fail(Code::not_found,
                  in_quotes(artifact.name) + " names no image, so there is nothing to scan");
    }
    return {};
  }

  Artifact artifact;
  Documents documents;

 private:
  // `named` is the index entry that led here; a default one for the root.
  Result<void> take_document(const Document& document, const DescriptorEntry& named,
                             unsigned depth) {
    if (++documents_seen_ > kMaxDocuments) {
      return fail(Code::limit_entries, "the image has more than " + std::to_string(kMaxDocuments) +
                                           " manifests; scan its platforms one by one");
    }
    auto body = parse_document(document);
    if (!body) {
      return fail(body.error().code, in_quotes(artifact.name) + ", manifest " + document.digest +
                                         ": " + body.error().what);
    }
    const bool is_index = std::holds_alternative<IndexBody>(*body);
    MINESCAN_TRY(add_unit(Unit::Kind::document, is_index ? "index" : "manifest",
                          {document.media_type, document.digest, document.bytes.size()}));
    MINESCAN_TRY(keep(document.digest, document.bytes));
    if (is_index) return walk(std::get<IndexBody>(*body), document.digest, depth);
    return take_leaf(document, std::move(std::get<ManifestBody>(*body)), named);
  }

  Result<void> walk(const IndexBody& index, const std::string& digest, unsigned depth) {
    if (depth > kMaxIndexDepth) {
      gap({Step::Kind::unit, "index " + digest}, GapReason::limit_depth,
          "indexes are nested deeper than " + std::to_string(kMaxIndexDepth) + " levels", 0);
      return {};
    }
    std::set<std::string> unwanted;
    for (const DescriptorEntry& entry : index.manifests) {
      if (entry.platform && !is_attestation(entry) && !is_wanted_machine(*entry.platform)) {
        unwanted.insert(entry.descriptor.digest);
      }
    }
    for (const DescriptorEntry& entry : index.manifests) {
      if (!entry.platform || is_wanted_machine(*entry.platform)) {
        unwanted.erase(entry.descriptor.digest);
      }
    }
    for (const DescriptorEntry& entry : index.manifests) {
      if (is_attestation(entry) && unwanted.count(subject(entry)) != 0) {
        leave_unseen(entry, true);
      } else {
        MINESCAN_TRY(take_entry(entry, depth));
      }
    }
    return {};
  }

  Result<void> take_entry(const DescriptorEntry& entry, unsigned depth) {
    const std::string& type = entry.descriptor.media_type;
    const bool attestation = is_attestation(entry);
    if (!type.empty() && !is_index_type(type) && !is_manifest_type(type)) {
      // Build caches list layers in an index.  No engine runs them, but they travel with the image.
      return add_blob(entry);
    }
    if (!attestation && entry.platform && !is_wanted_machine(*entry.platform)) {
      leave_unseen(entry, false);
      return {};
    }
    if (!visited_.insert({entry.descriptor.digest, entry.platform}).second) return {};
    Result<Document> document = fetch(entry);
    if (!document && document.error().code == Code::not_found) {
      gap({Step::Kind::unit, "manifest " + entry.descriptor.digest}, GapReason::net_missing,
          "the index names it, but it is not there; --platform can leave it out",
          entry.descriptor.size);
      return {};
    }
    if (!document) return tl::unexpected(document.error());
    return take_document(*document, entry, depth + 1);
  }

  // A manifest that does not fit the wishes is not even asked for.
  void leave_unseen(const DescriptorEntry& entry, bool attestation) {
    leaves_.push_back({.digest = entry.descriptor.digest,
                       .platform = entry.platform.value_or(Platform{}),
                       .attestation = attestation,
                       .subject = subject(entry)});
  }

  Result<Document> fetch(const DescriptorEntry& entry) {
    const Descriptor& descriptor = entry.descriptor;
    if (entry.data) return Document{*entry.data, descriptor.media_type, descriptor.digest};
    if (descriptor.size > kMaxDocument) {
      return fail(Code::limit_bytes, "the document " + descriptor.digest + " is said to have " +
                                         std::to_string(descriptor.size) +
                                         " bytes, more than the limit of " +
                                         std::to_string(kMaxDocument));
    }
    return source_.document(descriptor);
  }

  Result<void> take_leaf(const Document& document, ManifestBody body,
                         const DescriptorEntry& named) {
    Leaf leaf{.digest = document.digest};
    leaf.attestation = is_attestation(named);
    leaf.subject = subject(named);
    MINESCAN_TRY_ASSIGN(leaf.config, load_config(body.config));
    if (leaf.config) leaf.platform = leaf.config->platform;
    if (named.platform && *named.platform != leaf.platform) {
      if (leaf.config && !leaf.attestation && !same_machine(*named.platform, leaf.platform)) {
        artifact.notes.push_back("manifest " + leaf.digest + " is listed for " +
                                 named.platform->text() + ", but its config says " +
                                 leaf.platform.text());
      }
      leaf.platform = *named.platform;
    }
    leaf.body = std::move(body);
    leaves_.push_back(std::move(leaf));
    return {};
  }

  // Nothing when the config is not there (its unit turns out missing then), or is not an image's.
  Result<std::optional<ConfigBody>> load_config(const DescriptorEntry& entry) {
    auto document = fetch(entry);
    if (!document && document.error().code == Code::not_found) return std::nullopt;
    const bool artifact_config =
        !entry.descriptor.media_type.empty() && !is_config_type(entry.descriptor.media_type);
    if (!document && document.error().code == Code::limit_bytes && artifact_config) {
      return std::nullopt;
    }
    if (!document) return tl::unexpected(document.error());
    auto parsed = parse_config(document->bytes);
    MINESCAN_TRY(keep(entry.descriptor.digest, std::move(document->bytes)));
    if (!parsed && artifact_config) {
      artifact.notes.push_back("config " + entry.descriptor.digest + " of type '" +
                               entry.descriptor.media_type + "' is not an image's");
      return std::nullopt;
    }
    if (!parsed) {
      return fail(parsed.error().code,
                  "config " + entry.descriptor.digest + ": " + parsed.error().what);
    }
    return std::move(*parsed);
  }

  bool is_wanted_machine(const Platform& platform) const {
    return wishes_.empty() ||
           std::any_of(wishes_.begin(), wishes_.end(),
                       [&](const Platform& wish) { return same_machine(wish, platform); });
  }

  // Takes the body away from leaves that the user does not want, and lists them as gaps.
  Result<void> choose() {
    if (wishes_.empty()) return {};
    std::vector<std::size_t> candidates;
    std::vector<Platform> platforms;
    std::set<std::string> available;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].attestation) continue;
      candidates.push_back(i);
      platforms.push_back(leaves_[i].platform);
      available.insert(printable(leaves_[i].platform.text(), 100));
    }
    std::set<std::size_t> wanted;
    for (std::size_t w = 0; w < wishes_.size(); ++w) {
      const std::vector<bool> taken = select(wishes_[w], platforms);
      if (std::find(taken.begin(), taken.end(), true) == taken.end()) {
        return fail(Code::not_found, in_quotes(artifact.name) + " has no platform " +
                                         printable(options_.platforms[w], 100) +
                                         "; it has: " + join(available));
      }
      for (std::size_t i = 0; i < taken.size(); ++i) {
        if (taken[i]) wanted.insert(candidates[i]);
      }
    }
    leave_out(wanted);
    return {};
  }

  void leave_out(const std::set<std::size_t>& wanted) {
    std::set<std::string> left_out;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      Leaf& leaf = leaves_[i];
      if (leaf.attestation || wanted.count(i) != 0) continue;
      leaf.body.reset();
      left_out.insert(leaf.digest);
      platform_gap(leaf, leaf.platform.text(), "left out by --platform");
    }
    for (const std::size_t i : wanted) left_out.erase(leaves_[i].digest);
    for (Leaf& leaf : leaves_) {
      if (!leaf.attestation || left_out.count(leaf.subject) == 0) continue;
      leaf.body.reset();
      platform_gap(leaf, "attestation", "is about a platform left out by --platform");
    }
  }

  void platform_gap(const Leaf& leaf, const std::string& what, const std::string& why) {
    Gap gap;
    gap.trail.steps = {{Step::Kind::unit, "manifest " + leaf.digest}, {Step::Kind::view, what}};
    gap.reason = GapReason::net_platform;
    gap.detail = why;
    artifact.gaps.push_back(std::move(gap));
  }

  Result<void> add_manifest(const Leaf& leaf) {
    Image image{.digest = leaf.digest, .platform = leaf.platform};
    const ManifestBody& body = *leaf.body;
    const auto config_kind = leaf.attestation ? Unit::Kind::document : Unit::Kind::image_config;
    MINESCAN_TRY_ASSIGN(image.config, add_unit(config_kind, "config", body.config.descriptor));
    const std::vector<std::string> commands = layer_commands(leaf);
    const auto& diff_ids = leaf.config ? leaf.config->diff_ids : std::vector<std::string>();
    const bool of_image = is_config_type(body.config.descriptor.media_type) || !diff_ids.empty();
    if (leaf.config && !leaf.attestation && of_image && diff_ids.size() != body.layers.size()) {
      artifact.notes.push_back("config " + body.config.descriptor.digest + " lists " +
                               std::to_string(diff_ids.size()) + " layers, but manifest " +
                               leaf.digest + " has " + std::to_string(body.layers.size()));
    }
    for (std::size_t i = 0; i < body.layers.size(); ++i) {
      const Descriptor& layer = body.layers[i].descriptor;
      if (skip_layer(body.layers[i])) continue;
      LayerUse use{.digest = layer.digest};
      MINESCAN_TRY_ASSIGN(use.unit, add_unit(Unit::Kind::layer, "layer", layer));
      if (body.layers[i].data) MINESCAN_TRY(keep(layer.digest, *body.layers[i].data));
      if (i < diff_ids.size()) use.diff_id = diff_ids[i];
      if (i < commands.size()) use.command = commands[i];
      image.layers.push_back(std::move(use));
    }
    if (!leaf.attestation) artifact.images.push_back(std::move(image));
    return {};
  }

  // Layers that cannot become a unit.
  bool skip_layer(const DescriptorEntry& layer) {
    const Step unit{Step::Kind::unit, "layer " + layer.descriptor.digest};
    if (is_encrypted_type(layer.descriptor.media_type)) {
      gap(unit, GapReason::decode_encrypted,
          "the layer is encrypted (ocicrypt); decrypt the image and scan it then",
          layer.descriptor.size);
      return true;
    }
    if (is_foreign_type(layer.descriptor.media_type) && layer.has_urls) {
      gap(unit, GapReason::net_foreign,
          "the layer lives at an address of the image's choice, which is not asked",
          layer.descriptor.size);
      return true;
    }
    return false;
  }

  // The history entry of each layer; nothing when history and layers do not fit together.
  std::vector<std::string> layer_commands(const Leaf& leaf) {
    std::vector<std::string> commands;
    if (!leaf.config || leaf.config->history.empty()) return commands;
    for (const HistoryEntry& entry : leaf.config->history) {
      if (!entry.empty_layer) commands.push_back(entry.created_by);
    }
    if (commands.size() == leaf.body->layers.size()) return commands;
    artifact.notes.push_back("the history in config " + leaf.body->config.descriptor.digest +
                             " tells of " + std::to_string(commands.size()) + " layers, but " +
                             std::to_string(leaf.body->layers.size()) +
                             " are there; no commands are shown for them");
    return {};
  }

  Result<void> add_blob(const DescriptorEntry& entry) {
    has_blobs_ = true;
    artifact.notes.push_back("the index lists " + entry.descriptor.digest + " of type '" +
                             entry.descriptor.media_type +
                             "', which is no image; its bytes are scanned");
    if (entry.data) MINESCAN_TRY(keep(entry.descriptor.digest, *entry.data));
    MINESCAN_TRY(add_unit(Unit::Kind::document, "blob", entry.descriptor));
    return {};
  }

  Result<void> keep(const std::string& digest, std::string bytes) {
    if (documents.count(digest) != 0) return {};
    if (bytes.size() > kMaxDocumentBytes - document_bytes_) {
      return fail(Code::limit_bytes, "the documents of the image have more than " +
                                         std::to_string(kMaxDocumentBytes) +
                                         " bytes; scan its platforms one by one");
    }
    document_bytes_ += bytes.size();
    documents.emplace(digest, std::make_shared<const std::string>(std::move(bytes)));
    return {};
  }

  // The index of the unit with that digest, a new one when there is none yet.
  Result<std::size_t> add_unit(Unit::Kind kind, const std::string& word,
                               const Descriptor& descriptor) {
    const auto [at, fresh] = units_.try_emplace(descriptor.digest, artifact.units.size());
    if (!fresh) {
      Unit& known = artifact.units[at->second];
      // Whoever names a blob first must not decide that its stronger meaning is overlooked.
      if (weight(kind) > weight(known.kind)) {
        known.kind = kind;
        known.name = word + " " + descriptor.digest;
      }
      if (known.size == descriptor.size) return at->second;
      return fail(Code::integrity, in_quotes(artifact.name) + " names " + descriptor.digest +
                                       " with two sizes, " + std::to_string(known.size) + " and " +
                                       std::to_string(descriptor.size) + "; one must be wrong");
    }
    artifact.units.push_back({.kind = kind,
                              .name = word + " " + descriptor.digest,
                              .digest = descriptor.digest,
                              .size = descriptor.size,
                              .media_type = descriptor.media_type});
    return at->second;
  }

  void gap(Step unit, GapReason reason, std::string detail, std::uint64_t bytes) {
    Gap gap;
    gap.trail.steps = {std::move(unit)};
    gap.reason = reason;
    gap.detail = std::move(detail);
    gap.bytes = bytes;
    artifact.gaps.push_back(std::move(gap));
  }

  ImageSource& source_;
  const Options& options_;
  std::vector<Platform> wishes_;
  std::vector<Leaf> leaves_;
  std::map<std::string, std::size_t> units_;  // digest to index
  std::set<std::pair<std::string, std::optional<Platform>>> visited_;
  std::size_t documents_seen_ = 0;
  std::size_t document_bytes_ = 0;
  bool has_blobs_ = false;
};

}  // namespace

Result<Acquired> assemble(std::unique_ptr<ImageSource> source, const Options& options) {
  Assembler assembler(*source, options);
  MINESCAN_TRY(assembler.run());
  return Acquired{std::move(assembler.artifact),
                  std::make_unique<ImageOpener>(std::move(source), std::move(assembler.documents))};
}

}  // namespace minescan::acquire
