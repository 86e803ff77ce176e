#include "acquire/manifest.h"

#include <doctest/doctest.h>

#include "acquire/platform.h"
#include "base/digest.h"
#include "support/image_bytes.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& type = "application/x", const std::string& more = "") {
  return R"({"mediaType":")" + type + R"(","digest":")" + kDigest + R"(","size":7)" + more + "}";
}

Result<DocumentBody> parse(const std::string& bytes, const std::string& type = "") {
  return parse_document({bytes, type, sha256(as_bytes(bytes))});
}

Code code_of(const std::string& bytes, const std::string& type = "") {
  const auto body = parse(bytes, type);
  REQUIRE_FALSE(body.has_value());
  return body.error().code;
}

std::string manifest(const std::string& config, const std::string& layers) {
  return R"({"schemaVersion":2,"config":)" + config + R"(,"layers":)" + layers + "}";
}

}  // namespace

TEST_CASE("manifest: structure decides when nobody says what it is") {
  const auto image = parse(manifest(descriptor(), "[" + descriptor() + "]"));
  REQUIRE(image.has_value());
  const auto& body = std::get<ManifestBody>(*image);
  CHECK(body.config.descriptor.digest == kDigest);
  REQUIRE(body.layers.size() == 1);
  CHECK(body.layers[0].descriptor.size == 7);
  const auto index = parse(R"({"manifests":[)" + descriptor() + "]}");
  REQUIRE(index.has_value());
  CHECK(std::holds_alternative<IndexBody>(*index));
}

TEST_CASE("manifest: the type in the body counts before that of the transport") {
  const std::string bytes =
      R"({"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})";
  const auto index = parse(bytes, "application/vnd.oci.image.manifest.v1+json");
  REQUIRE(index.has_value());
  CHECK(std::holds_alternative<IndexBody>(*index));
  // And that of the transport before structure, whatever parameters and case it has.
  const auto other = parse(manifest(descriptor(), "null"),
                           "Application/vnd.docker.distribution.manifest.v2+json; charset=utf-8");
  REQUIRE(other.has_value());
  CHECK(std::get<ManifestBody>(*other).layers.empty());
}

TEST_CASE("manifest: index and image at once is refused") {
  CHECK(code_of(R"({"manifests":[],"layers":[],"config":)" + descriptor() + "}") ==
        Code::integrity);
  CHECK(
      code_of(
          R"({"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"layers":[]})") ==
      Code::integrity);
  CHECK(code_of(R"({"fsLayers":[],"layers":[]})") == Code::integrity);
}

TEST_CASE("manifest: a key that Go reads as another one is refused") {
  CHECK(code_of(R"({"config":)" + descriptor() + R"(,"layers":[],"Layers":[]})") ==
        Code::integrity);
  CHECK(code_of(R"({"config":)" + descriptor() + R"(,"layer\u017f":[]})") == Code::integrity);
  CHECK(code_of(manifest(R"({"mediaType":"x","Digest":")" + kDigest + R"(","size":1})", "[]")) ==
        Code::integrity);
  CHECK_FALSE(parse_config(R"({"rootfs":{"diff_ids":[],"Diff_IDs":["x"]}})").has_value());
  CHECK_FALSE(parse_config(R"({"RootFS":{}})").has_value());
}

TEST_CASE("manifest: a repeated key is refused") {
  CHECK(code_of(R"({"layers":[],"layers":[],"config":)" + descriptor() + "}") == Code::corrupt);
}

TEST_CASE("manifest: schema 1 is named as what it is") {
  CHECK(code_of(R"({"schemaVersion":1,"fsLayers":[]})") == Code::unsupported);
  CHECK(code_of("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws") ==
        Code::unsupported);
  CHECK(code_of(R"({"mediaType":"application/vnd.oci.artifact.manifest.v1+json"})") ==
        Code::unsupported);
}

TEST_CASE("manifest: sizes and digests are claims that must be possible") {
  const auto layer = [](const std::string& json) {
    return manifest(descriptor(), "[" + json + "]");
  };
  CHECK(code_of(layer(R"({"digest":")" + kDigest + R"(","size":-1})")) == Code::integrity);
  CHECK(code_of(layer(R"({"digest":")" + kDigest + R"(","size":1.5})")) == Code::integrity);
  CHECK(code_of(layer(R"({"digest":")" + kDigest + R"(","size":"7"})")) == Code::integrity);
  CHECK(code_of(layer(R"({"digest":")" + kDigest + R"("})")) == Code::integrity);
  CHECK(code_of(layer(R"({"size":7})")) == Code::integrity);
  CHECK(code_of(layer(R"({"digest":"sha256:../../../../etc/passwd","size":7})")) ==
        Code::integrity);
  CHECK(code_of(layer(R"({"digest":"md5:d41d8cd98f00b204e9800998ecf8427e","size":0})")) ==
        Code::integrity);
  CHECK(code_of(layer("[]")) == Code::integrity);
}

TEST_CASE("manifest: inline data must be what its descriptor promises") {
  const std::string digest = sha256(as_bytes("hello"));
  const auto index = [](const std::string& digest_text, int size, const std::string& data) {
    return R"({"manifests":[{"digest":")" + digest_text + R"(","size":)" + std::to_string(size) +
           R"(,"data":")" + data + R"("}]})";
  };
  const auto good = parse(index(digest, 5, "aGVsbG8="));
  REQUIRE(good.has_value());
  CHECK(std::get<IndexBody>(*good).manifests[0].data == "hello");
  CHECK(code_of(index(digest, 5, "aGVsbG9v")) == Code::integrity);  // six bytes
  CHECK(code_of(index(digest, 5, "aGVsbGE=")) == Code::integrity);  // "hella"
  CHECK(code_of(index(digest, 5, "a*")) == Code::integrity);
}

TEST_CASE("manifest: lists and documents beyond any honest size are refused") {
  std::string layers = "[" + descriptor();
  for (std::size_t i = 1; i < kMaxLayers; ++i) layers += "," + descriptor();
  CHECK(parse(manifest(descriptor(), layers + "]")).has_value());
  CHECK(code_of(manifest(descriptor(), layers + "," + descriptor() + "]")) == Code::limit_entries);
  CHECK(code_of(std::string(kMaxDocument + 1, ' ')) == Code::limit_bytes);
}

TEST_CASE("config: platform, diff_ids and history are read, oddities are not fatal") {
  const auto config = parse_config(
      R"({"os":"linux","architecture":"arm","variant":"v7","rootfs":{"diff_ids":["a",3]},)"
      R"("history":[{"created_by":"ADD x"},{"created_by":"ENV y","empty_layer":true},7]})");
  REQUIRE(config.has_value());
  CHECK(config->platform.text() == "linux/arm/v7");
  CHECK(config->diff_ids == std::vector<std::string>{"a", ""});
  REQUIRE(config->history.size() == 3);
  CHECK(config->history[0].created_by == "ADD x");
  CHECK(config->history[1].empty_layer);
  CHECK_FALSE(config->history[2].empty_layer);
  CHECK_FALSE(parse_config("[]").has_value());
}

TEST_CASE("platform: names that other tools use are understood, others refused") {
  CHECK(parse_platform("linux/x86_64").value().text() == "linux/amd64");
  CHECK(parse_platform("linux/aarch64").value().text() == "linux/arm64");
  CHECK(parse_platform("linux/armhf").value().text() == "linux/arm/v7");
  CHECK(parse_platform("linux/i386").value().text() == "linux/386");
  for (const char* wrong : {"linux", "", "linux/", "/amd64", "a/b/c/d", "windows/amd64:10.0"}) {
    CAPTURE(wrong);
    const auto platform = parse_platform(wrong);
    REQUIRE_FALSE(platform.has_value());
    CHECK(platform.error().code == Code::usage);
  }
}

TEST_CASE("platform: a wish takes all variants, or the best one that its machine runs") {
  const std::vector<Platform> there = {{"linux", "arm", "v6"},
                                       {"linux", "arm", "v5"},
                                       {"linux", "arm64", "v8"},
                                       {"linux", "arm64", ""},
                                       {"windows", "arm64", ""}};
  using Taken = std::vector<bool>;
  CHECK(select({"linux", "arm", ""}, there) == Taken{true, true, false, false, false});
  CHECK(select({"linux", "arm", "v7"}, there) == Taken{true, false, false, false, false});
  CHECK(select({"linux", "arm", "v5"}, there) == Taken{false, true, false, false, false});
  CHECK(select({"linux", "arm64", "v8"}, there) == Taken{false, false, true, true, false});
  CHECK(select({"linux", "amd64", ""}, there) == Taken{false, false, false, false, false});
}
