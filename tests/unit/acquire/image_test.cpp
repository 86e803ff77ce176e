#include <doctest/doctest.h>

#include <algorithm>

#include "acquire/assemble.h"
#include "acquire/stored_image.h"
#include "base/digest.h"
#include "base/json.h"
#include "support/image_bytes.h"
#include "support/reading.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

// Blobs in memory; `asked` tells what anyone wanted.
class MemoryStore final : public BlobStore {
 public:
  explicit MemoryStore(const test::BlobSet& blobs) : blobs_(blobs) {}
  Result<std::unique_ptr<Source>> open(const std::string& digest) override {
    const auto at = blobs_.blobs.find(digest);
    if (at == blobs_.blobs.end()) return fail(Code::not_found, digest + " is not there");
    return std::make_unique<MemorySource>(as_bytes(at->second));
  }

 private:
  const test::BlobSet& blobs_;
};

// The image that a descriptor names.
Result<Acquired> take(const test::BlobSet& blobs, const std::string& descriptor,
                      const std::vector<std::string>& platforms = {}) {
  const Json json = parse_json(as_bytes(descriptor)).value();
  const Descriptor root{json_string(json, "mediaType"), json_string(json, "digest"),
                        json["size"].get<std::uint64_t>()};
  Options options;
  options.platforms = platforms;
  return assemble(std::make_unique<StoredImage>("test", StoredRoot{root, std::nullopt},
                                                std::make_unique<MemoryStore>(blobs)),
                  options);
}

Artifact artifact_of(const test::BlobSet& blobs, const std::string& descriptor,
                     const std::vector<std::string>& platforms = {}) {
  auto acquired = take(blobs, descriptor, platforms);
  REQUIRE_MESSAGE(acquired.has_value(), (acquired ? "" : acquired.error().what));
  return std::move(acquired->artifact);
}

Error error_of(const test::BlobSet& blobs, const std::string& descriptor,
               const std::vector<std::string>& platforms = {}) {
  const auto acquired = take(blobs, descriptor, platforms);
  REQUIRE_FALSE(acquired.has_value());
  return acquired.error();
}

const Unit* unit_of(const Artifact& artifact, const std::string& name) {
  const auto at = std::find_if(artifact.units.begin(), artifact.units.end(),
                               [&](const Unit& unit) { return unit.name == name; });
  return at == artifact.units.end() ? nullptr : &*at;
}

std::string platform(const std::string& descriptor, const std::string& os,
                     const std::string& architecture) {
  return test::with(
      descriptor, R"("platform":{"os":")" + os + R"(","architecture":")" + architecture + R"("})");
}

}  // namespace

TEST_CASE("image: manifest, config and layers become units, and layers know their commands") {
  test::BlobSet blobs;
  const std::string first = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const std::string second = blobs.add(test::kLayerType, test::tar_bytes({{"b", "2"}}));
  const std::string config =
      blobs.add_config("linux", "amd64", {"sha256:x", "sha256:y"}, {"ADD a", "#ENV b", "COPY c"});
  const std::string manifest = blobs.add_manifest(config, {first, second});
  const Artifact artifact = artifact_of(blobs, manifest);
  CHECK(artifact.digest == test::digest_of(manifest));
  REQUIRE(artifact.units.size() == 4);
  CHECK(artifact.units[0].name == "manifest " + test::digest_of(manifest));
  CHECK(artifact.units[0].kind == Unit::Kind::document);
  CHECK(artifact.units[1].name == "config " + test::digest_of(config));
  CHECK(artifact.units[1].kind == Unit::Kind::image_config);
  REQUIRE(artifact.images.size() == 1);
  const Image& image = artifact.images[0];
  CHECK(image.platform.text() == "linux/amd64");
  CHECK(image.config == 1);
  REQUIRE(image.layers.size() == 2);
  CHECK(artifact.units[image.layers[0].unit].name == "layer " + test::digest_of(first));
  CHECK(image.layers[0].command == "ADD a");
  CHECK(image.layers[1].command == "COPY c");
  CHECK(image.layers[1].diff_id == "sha256:y");
  CHECK(artifact.notes.empty());
  CHECK(artifact.gaps.empty());
}

TEST_CASE("image: every unit can be opened, documents too") {
  test::BlobSet blobs;
  const std::string index = blobs.add_index({test::simple_image(blobs, "x")});
  auto acquired = take(blobs, index);
  REQUIRE(acquired.has_value());
  REQUIRE(acquired->artifact.units.size() == 4);
  for (const Unit& unit : acquired->artifact.units) {
    CAPTURE(unit.name);
    const auto source = acquired->opener->open(unit);
    REQUIRE(source.has_value());
    const auto read = test::read_all(**source);
    CHECK(sha256(as_bytes(read.bytes)) == unit.digest);
    CHECK(read.bytes.size() == unit.size);
    CHECK_FALSE(read.fault.has_value());
  }
}

TEST_CASE("image: a layer that several platforms share is one unit") {
  test::BlobSet blobs;
  const std::string layer = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const auto one = blobs.add_manifest(blobs.add_config("linux", "amd64", {"x"}), {layer});
  const auto two = blobs.add_manifest(blobs.add_config("linux", "arm64", {"x"}), {layer});
  const Artifact artifact = artifact_of(blobs, blobs.add_index({one, two}));
  REQUIRE(artifact.images.size() == 2);
  CHECK(artifact.images[0].layers[0].unit == artifact.images[1].layers[0].unit);
  CHECK(artifact.images[1].platform.text() == "linux/arm64");
  CHECK(artifact.units.size() == 1 + 2 + 2 + 1);
}

TEST_CASE("image: a layer listed 500 times is scanned once and listed 500 times") {
  test::BlobSet blobs;
  const std::string layer = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const std::vector<std::string> layers(500, layer);
  const std::vector<std::string> ids(500, "sha256:x");
  const Artifact artifact =
      artifact_of(blobs, blobs.add_manifest(blobs.add_config("linux", "amd64", ids), layers));
  CHECK(artifact.units.size() == 3);
  CHECK(artifact.images[0].layers.size() == 500);
}

TEST_CASE("image: a platform left out is a gap with its name, and its blobs are not asked for") {
  test::BlobSet blobs;
  const std::string amd = platform(test::simple_image(blobs, "x", "amd64"), "linux", "amd64");
  const std::string missing =
      platform(R"({"mediaType":")" + test::kManifestType + R"(","digest":"sha256:)" +
                   std::string(64, 'b') + R"(","size":9})",
               "linux", "arm64");
  const std::string index = blobs.add_index({amd, missing});
  const Artifact artifact = artifact_of(blobs, index, {"linux/x86_64"});
  CHECK(artifact.images.size() == 1);
  REQUIRE(artifact.gaps.size() == 1);
  CHECK(artifact.gaps[0].reason == GapReason::net_platform);
  CHECK(artifact.gaps[0].trail.text().find("linux/arm64") != std::string::npos);
}

TEST_CASE("image: without a platform in the index that of the config counts") {
  test::BlobSet blobs;
  const std::string index = blobs.add_index(
      {test::simple_image(blobs, "x", "amd64"), test::simple_image(blobs, "y", "s390x")});
  const Artifact artifact = artifact_of(blobs, index, {"linux/s390x"});
  REQUIRE(artifact.images.size() == 1);
  CHECK(artifact.images[0].platform.text() == "linux/s390x");
  REQUIRE(artifact.gaps.size() == 1);
  CHECK(artifact.gaps[0].trail.text().find("linux/amd64") != std::string::npos);
}

TEST_CASE("image: a platform that is not there is an error that lists those that are") {
  test::BlobSet blobs;
  const std::string index = blobs.add_index(
      {test::simple_image(blobs, "x", "amd64"), test::simple_image(blobs, "y", "s390x")});
  const Error error = error_of(blobs, index, {"linux/riscv64"});
  CHECK(error.code == Code::not_found);
  CHECK(error.what.find("linux/amd64, linux/s390x") != std::string::npos);
  CHECK(error_of(blobs, test::simple_image(blobs, "x"), {"linux/arm64"}).code == Code::not_found);
}

TEST_CASE("image: attestations are scanned but are no platform") {
  test::BlobSet blobs;
  const std::string image = platform(test::simple_image(blobs, "x"), "linux", "amd64");
  const std::string proof = blobs.add("application/vnd.in-toto+json", "{}");
  const std::string attestation = platform(
      test::with(blobs.add_manifest(blobs.add_config("unknown", "unknown", {"x"}), {proof}),
                 R"("annotations":{"vnd.docker.reference.type":"attestation-manifest",)"
                 R"("vnd.docker.reference.digest":")" +
                     test::digest_of(image) + R"("})"),
      "unknown", "unknown");
  const std::string other = platform(test::simple_image(blobs, "y", "arm64"), "linux", "arm64");
  const std::string index = blobs.add_index({attestation, image, other});
  const Artifact all = artifact_of(blobs, index);
  CHECK(all.images.size() == 2);
  CHECK(unit_of(all, "layer " + test::digest_of(proof)) != nullptr);
  // It goes with the platform that it is about.
  CHECK(unit_of(artifact_of(blobs, index, {"linux/amd64"}), "layer " + test::digest_of(proof)) !=
        nullptr);
  const Artifact arm = artifact_of(blobs, index, {"linux/arm64"});
  CHECK(unit_of(arm, "layer " + test::digest_of(proof)) == nullptr);
  CHECK(arm.gaps.size() == 2);
  // And when it is left out nobody asks for it.
  blobs.blobs.erase(test::digest_of(attestation));
  CHECK(artifact_of(blobs, index, {"linux/arm64"}).gaps == arm.gaps);
}

TEST_CASE("image: a config that is also named as something else stays a config") {
  test::BlobSet blobs;
  const std::string config = blobs.add_config("linux", "amd64", {"x"});
  const std::string layer = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const std::string attestation =
      test::with(blobs.add_manifest(config, {layer}),
                 R"("annotations":{"vnd.docker.reference.type":"attestation-manifest"})");
  const std::string image = blobs.add_manifest(config, {layer, layer});
  const Artifact artifact = artifact_of(blobs, blobs.add_index({attestation, image}));
  const Unit* unit = unit_of(artifact, "config " + test::digest_of(config));
  REQUIRE(unit != nullptr);
  CHECK(unit->kind == Unit::Kind::image_config);
}

TEST_CASE("image: foreign and encrypted layers are gaps, and nobody is asked for them") {
  test::BlobSet blobs;
  const std::string body = test::tar_bytes({{"a", "1"}});
  const std::string foreign =
      test::with(blobs.add("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", body),
                 R"("urls":["http://169.254.169.254/latest"])");
  const std::string secret = blobs.add(test::kLayerType + "+gzip+encrypted", body + "x");
  const std::string plain = blobs.add(test::kLayerType, body + "y");
  const std::string config = blobs.add_config("linux", "amd64", {"a", "b", "c"});
  const Artifact artifact =
      artifact_of(blobs, blobs.add_manifest(config, {foreign, secret, plain}));
  REQUIRE(artifact.gaps.size() == 2);
  CHECK(artifact.gaps[0].reason == GapReason::net_foreign);
  CHECK(artifact.gaps[0].bytes == body.size());
  CHECK(artifact.gaps[1].reason == GapReason::decode_encrypted);
  REQUIRE(artifact.images[0].layers.size() == 1);
  CHECK(artifact.images[0].layers[0].diff_id == "c");
  CHECK(artifact.units.size() == 3);
}

TEST_CASE("image: layers of unknown types are units, since content decides") {
  test::BlobSet blobs;
  const std::string odd = blobs.add("application/vnd.example.model", "weights");
  const Artifact artifact = artifact_of(
      blobs, blobs.add_manifest(blobs.add("application/vnd.example", "no json"), {odd}));
  CHECK(unit_of(artifact, "layer " + test::digest_of(odd)) != nullptr);
  REQUIRE(artifact.images.size() == 1);
  CHECK(artifact.images[0].platform.text() == "unknown");
  CHECK(artifact.notes.size() == 1);
}

TEST_CASE("image: a missing layer is a unit whose bytes are not found") {
  test::BlobSet blobs;
  const std::string manifest = test::simple_image(blobs, "x");
  const Artifact before = artifact_of(blobs, manifest);
  blobs.blobs.erase(before.units.back().digest);
  auto acquired = take(blobs, manifest);
  REQUIRE(acquired.has_value());
  const auto source = acquired->opener->open(acquired->artifact.units.back());
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().code == Code::not_found);
}

TEST_CASE("image: a missing manifest of an index is a gap, a missing config shows when opened") {
  test::BlobSet blobs;
  const std::string there = test::simple_image(blobs, "x");
  const std::string gone = test::simple_image(blobs, "y", "arm64");
  const std::string index = blobs.add_index({there, gone});
  blobs.blobs.erase(test::digest_of(gone));
  const Artifact artifact = artifact_of(blobs, index);
  CHECK(artifact.images.size() == 1);
  REQUIRE(artifact.gaps.size() == 1);
  CHECK(artifact.gaps[0].reason == GapReason::net_missing);
  blobs.blobs.erase(artifact.units[*artifact.images[0].config].digest);
  auto without = take(blobs, there);
  REQUIRE(without.has_value());
  CHECK(without->artifact.images[0].layers.size() == 1);
  CHECK_FALSE(without->opener->open(without->artifact.units[1]).has_value());
}

TEST_CASE("image: wrong bytes of a layer are an integrity fault when they are read") {
  test::BlobSet blobs;
  const std::string manifest = test::simple_image(blobs, "x");
  const std::string layer = artifact_of(blobs, manifest).units.back().digest;
  blobs.blobs[layer][600] = 'Z';
  auto acquired = take(blobs, manifest);
  REQUIRE(acquired.has_value());
  const auto source = acquired->opener->open(acquired->artifact.units.back());
  REQUIRE(source.has_value());
  const auto read = test::read_all(**source);
  REQUIRE(read.fault.has_value());
  CHECK(read.fault->code == Code::integrity);
}

TEST_CASE("image: wrong bytes of a document are an error at once") {
  test::BlobSet blobs;
  const std::string manifest = test::simple_image(blobs, "x");
  const std::string index = blobs.add_index({manifest});
  blobs.blobs[test::digest_of(manifest)] += " ";
  CHECK(error_of(blobs, index).code == Code::integrity);
}

TEST_CASE("image: one digest with two sizes is refused") {
  test::BlobSet blobs;
  const std::string layer = blobs.add(test::kLayerType, "12345");
  const std::string lie =
      R"({"mediaType":"x","digest":")" + test::digest_of(layer) + R"(","size":4})";
  const std::string config = blobs.add_config("linux", "amd64", {"a", "b"});
  CHECK(error_of(blobs, blobs.add_manifest(config, {layer, lie})).code == Code::integrity);
}

TEST_CASE("image: indexes nested too deep are a gap that names the depth") {
  test::BlobSet blobs;
  std::string chain = test::simple_image(blobs, "x");
  for (int i = 0; i < 3; ++i) chain = blobs.add_index({chain});
  CHECK(artifact_of(blobs, chain).images.size() == 1);
  for (int i = 0; i < 61; ++i) chain = blobs.add_index({chain});
  const Artifact artifact = artifact_of(blobs, chain);
  CHECK(artifact.images.empty());
  REQUIRE(artifact.gaps.size() == 1);
  CHECK(artifact.gaps[0].reason == GapReason::limit_depth);
  CHECK(artifact.gaps[0].detail.find("3 levels") != std::string::npos);
}

TEST_CASE("image: an index without images is nothing to scan") {
  test::BlobSet blobs;
  CHECK(error_of(blobs, blobs.add_index({})).code == Code::not_found);
}

TEST_CASE("image: history and diff_ids that do not fit are noted, and commands are not guessed") {
  test::BlobSet blobs;
  const std::string layer = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const std::string config = blobs.add_config("linux", "amd64", {"x", "y"}, {"ADD a", "ADD b"});
  const Artifact artifact = artifact_of(blobs, blobs.add_manifest(config, {layer}));
  CHECK(artifact.images[0].layers[0].command.empty());
  CHECK(artifact.images[0].layers[0].diff_id == "x");
  CHECK(artifact.notes.size() == 2);
}

TEST_CASE("image: blobs that an index lists like images are scanned too") {
  test::BlobSet blobs;
  const std::string layer = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const Artifact artifact = artifact_of(blobs, blobs.add_index({layer}));
  CHECK(unit_of(artifact, "blob " + test::digest_of(layer)) != nullptr);
}

TEST_CASE("image: inline content stands for a request") {
  test::BlobSet blobs;
  const std::string config = blobs.add("application/vnd.oci.image.config.v1+json", "{}");
  const std::string inline_config = test::with(config, R"("data":"e30=")");
  const std::string layer = blobs.add(test::kLayerType, test::tar_bytes({{"a", "1"}}));
  const std::string manifest = blobs.add_manifest(inline_config, {layer});
  blobs.blobs.erase(test::digest_of(config));
  auto acquired = take(blobs, manifest);
  REQUIRE(acquired.has_value());
  const auto source = acquired->opener->open(acquired->artifact.units[1]);
  REQUIRE(source.has_value());
  CHECK(test::read_all(**source).bytes == "{}");
}
