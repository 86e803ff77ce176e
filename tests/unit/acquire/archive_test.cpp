#include <doctest/doctest.h>

#include "acquire/acquire.h"
#include "acquire/archive_index.h"
#include "acquire/files.h"
#include "base/digest.h"
#include "base/json.h"
#include "support/image_bytes.h"
#include "support/reading.h"
#include "unpack/format.h"

using namespace minescan;
using test::TarMember;

namespace {

Result<acquire::Acquired> take(const test::TempDirectory& directory,
                               const std::vector<TarMember>& members, const std::string& tag = "",
                               const std::string& transport = "docker-archive:") {
  const std::string path = directory.write("image.tar", test::tar_bytes(members));
  return acquire::image(transport + path + (tag.empty() ? "" : ":" + tag), {});
}

Error error_of(const test::TempDirectory& directory, const std::vector<TarMember>& members,
               const std::string& tag = "") {
  const auto acquired = take(directory, members, tag);
  REQUIRE_FALSE(acquired.has_value());
  return acquired.error();
}

Artifact artifact_of(const Result<acquire::Acquired>& acquired) {
  REQUIRE_MESSAGE(acquired.has_value(), (acquired ? "" : acquired.error().what));
  return acquired->artifact;
}

std::string config(const std::string& architecture = "amd64") {
  return R"({"os":"linux","architecture":")" + architecture +
         R"(","rootfs":{"diff_ids":["sha256:x"]},"history":[{"created_by":"ADD app"}]})";
}

std::string docker_image(const std::string& config_name, const std::string& layers,
                         const std::string& tags) {
  return R"({"Config":")" + config_name + R"(","RepoTags":)" + tags + R"(,"Layers":)" + layers +
         "}";
}

const std::string kLayer = test::tar_bytes({{"bin/app", "payload"}});

std::vector<TarMember> docker_archive(const std::string& tags = R"(["app:1"])") {
  return {{"c.json", config()},
          {"l/", "", '5'},
          {"l/layer.tar", kLayer},
          {"manifest.json", "[" + docker_image("c.json", R"(["l/layer.tar"])", tags) + "]"}};
}

}  // namespace

TEST_CASE("docker archive: config and layers become units with the digests of their bytes") {
  const test::TempDirectory directory;
  auto acquired = take(directory, docker_archive());
  const Artifact artifact = artifact_of(acquired);
  REQUIRE(artifact.images.size() == 1);
  CHECK(artifact.images[0].platform.text() == "linux/amd64");
  REQUIRE(artifact.images[0].layers.size() == 1);
  const acquire::Acquired& opened = *acquired;
  const Unit& layer = artifact.units[artifact.images[0].layers[0].unit];
  CHECK(layer.digest == sha256(as_bytes(kLayer)));
  CHECK(artifact.images[0].layers[0].command == "ADD app");
  const auto source = opened.opener->open(layer);
  REQUIRE(source.has_value());
  const auto read = test::read_all(**source);
  CHECK(read.bytes == kLayer);
  CHECK_FALSE(read.fault.has_value());
}

TEST_CASE("docker archive: members may begin with ./ and names of images may be missing") {
  const test::TempDirectory directory;
  auto members = docker_archive("null");
  for (TarMember& member : members) member.name = "./" + member.name;
  CHECK(artifact_of(take(directory, members)).images.size() == 1);
  // As a bare path, since what is in it decides.
  CHECK(artifact_of(acquire::image(directory.path("image.tar"), {})).images.size() == 1);
}

TEST_CASE("docker archive: a layer may be a link to another member, in circles it may not") {
  const test::TempDirectory directory;
  auto members = docker_archive();
  members[2] = {"l/layer.tar", "", '2', "../real.tar"};
  members.push_back({"real.tar", kLayer});
  CHECK(artifact_of(take(directory, members)).units.back().digest == sha256(as_bytes(kLayer)));
  members[2] = {"l/layer.tar", "", '1', "real.tar"};
  CHECK(artifact_of(take(directory, members)).units.back().digest == sha256(as_bytes(kLayer)));
  members[2] = {"l/layer.tar", "", '2', "layer.tar"};
  CHECK(error_of(directory, members).code == Code::not_found);
  members[2] = {"l/layer.tar", "", '2', "../../../etc/passwd"};
  CHECK(error_of(directory, members).code == Code::not_found);
}

TEST_CASE("docker archive: among several images the reference chooses") {
  const test::TempDirectory directory;
  auto members = docker_archive();
  members.push_back({"d.json", config("arm64")});
  members[3].body =
      "[" + docker_image("c.json", R"(["l/layer.tar"])", R"(["app:1"])") + "," +
      docker_image("d.json", R"(["l/layer.tar"])", R"(["docker.io/library/other:2"])") + "]";
  CHECK(artifact_of(take(directory, members, "other:2")).images[0].platform.text() ==
        "linux/arm64");
  const Error several = error_of(directory, members);
  CHECK(several.code == Code::usage);
  CHECK(several.what.find("app:1, docker.io/library/other:2") != std::string::npos);
  CHECK(error_of(directory, members, "app:3").code == Code::not_found);
}

TEST_CASE("archive: what belongs to no scanned image is told") {
  const test::TempDirectory directory;
  auto members = docker_archive();
  members.push_back({"repositories", "{}"});
  members.push_back({"l/VERSION", "1.0"});
  CHECK(artifact_of(take(directory, members)).notes.size() == 1);  // of the digest
  members.push_back({"more.tar", "payload"});
  const Artifact artifact = artifact_of(take(directory, members));
  REQUIRE(artifact.notes.size() == 2);
  CHECK(artifact.notes[1].find("1 members of 7 bytes") != std::string::npos);
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  auto layout = test::layout_members(blobs, test::index_json({image}));
  CHECK(artifact_of(take(directory, layout)).notes.empty());
  layout.push_back({"blobs/sha256/" + std::string(64, 'a'), "payload"});
  CHECK(artifact_of(take(directory, layout)).notes.size() == 1);
}

TEST_CASE("archive: a member below a link or a file is refused, wherever that lies") {
  const test::TempDirectory directory;
  for (const bool before : {true, false}) {
    for (const char type : {'2', '0'}) {
      auto members = docker_archive();
      const TarMember folder{"d", type == '0' ? "x" : "", type, type == '2' ? "." : ""};
      members.insert(before ? members.begin() : members.end(), folder);
      members.push_back({"d/manifest.json", "[]"});
      const Error error = error_of(directory, members);
      CHECK(error.code == Code::integrity);
      CHECK(error.what.find("below one that is no folder") != std::string::npos);
    }
  }
}

TEST_CASE("docker archive: names that leave the archive are refused") {
  const test::TempDirectory directory;
  for (const char* name : {"../../etc/passwd", "/etc/passwd", "l/../../x", ""}) {
    CAPTURE(name);
    auto members = docker_archive();
    members[3].body =
        "[" + docker_image("c.json", std::string(R"([")") + name + R"("])", "null") + "]";
    CHECK(error_of(directory, members).code == Code::integrity);
  }
  auto members = docker_archive();
  members.push_back({"../outside", "x"});
  CHECK(error_of(directory, members).code == Code::integrity);
}

TEST_CASE("docker archive: one name with two contents is refused, a mere copy is not") {
  const test::TempDirectory directory;
  auto members = docker_archive();
  members.push_back(members[3]);
  CHECK(artifact_of(take(directory, members)).images.size() == 1);
  members.back().body += " ";
  CHECK(error_of(directory, members).code == Code::integrity);
}

TEST_CASE("docker archive: what an honest tool never writes is an error, not an image") {
  const test::TempDirectory directory;
  auto members = docker_archive();
  for (const char* text : {"null", "{}", "[null]", "[{}]", R"([{"Config":"c.json","Layers":7}])",
                           R"([{"Config":"c.json","Layers":[],"layers":[]}])", "[", ""}) {
    CAPTURE(text);
    members[3].body = text;
    CHECK_FALSE(take(directory, members).has_value());
  }
  members[3].body = "[]";
  CHECK(error_of(directory, members).code == Code::not_found);
}

TEST_CASE("docker archive: a missing or cut off layer is an error") {
  const test::TempDirectory directory;
  auto members = docker_archive();
  members.erase(members.begin() + 2);
  CHECK(error_of(directory, members).code == Code::not_found);
  members = docker_archive();
  std::swap(members[2], members[3]);
  std::string bytes = test::tar_bytes(members);
  bytes.resize(bytes.size() - 1024 - 600);
  const auto acquired = acquire::image("docker-archive:" + directory.write("cut.tar", bytes), {});
  REQUIRE_FALSE(acquired.has_value());
  CHECK(acquired.error().code == Code::truncated);
}

TEST_CASE("docker archive: a layer of which the zeros are left out is refused") {
  // Engines put them in, and see other bytes than lie in the archive.
  const test::TempDirectory directory;
  auto members = docker_archive();
  members[2].type = 'S';
  const Error error = error_of(directory, members);
  CHECK(error.code == Code::unsupported);
  CHECK(error.what.find("sparse") != std::string::npos);
  // Nor is it a copy of one that has them.
  members.push_back(docker_archive()[2]);
  CHECK(error_of(directory, members).code == Code::integrity);
}

TEST_CASE("archive: forms without an image say what they are") {
  const test::TempDirectory directory;
  const Error old = error_of(directory, {{"repositories", "{}"}, {"a/json", "{}"}});
  CHECK(old.code == Code::unsupported);
  CHECK(old.what.find("1.10") != std::string::npos);
  CHECK(error_of(directory, {{"etc/passwd", "root"}}).what.find("minescan package") !=
        std::string::npos);
  const auto text = acquire::image("docker-archive:" + directory.write("t", "no tar"), {});
  REQUIRE_FALSE(text.has_value());
  CHECK(text.error().code == Code::unsupported);
}

TEST_CASE("oci archive: index.json decides, whatever the transport is called") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  const auto members = test::layout_members(blobs, test::index_json({image}));
  for (const char* transport : {"oci-archive:", "docker-archive:"}) {
    auto acquired = take(directory, members, "", transport);
    const Artifact artifact = artifact_of(acquired);
    CHECK(artifact.digest == test::digest_of(image));
    const auto source = acquired->opener->open(artifact.units.back());
    REQUIRE(source.has_value());
    const auto read = test::read_all(**source);
    CHECK(sha256(as_bytes(read.bytes)) == artifact.units.back().digest);
    CHECK_FALSE(read.fault.has_value());
  }
}

TEST_CASE("oci archive: a blob whose bytes are not those of its name is an integrity fault") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  const std::string layer = sha256(as_bytes(test::tar_bytes({{"bin/app", "x"}})));
  blobs.blobs[layer][600] = 'Z';
  auto acquired = take(directory, test::layout_members(blobs, test::index_json({image})));
  REQUIRE(acquired.has_value());
  const auto source = acquired->opener->open(acquired->artifact.units.back());
  REQUIRE(source.has_value());
  const auto read = test::read_all(**source);
  REQUIRE(read.fault.has_value());
  CHECK(read.fault->code == Code::integrity);
}

TEST_CASE("archive: with both forms index.json is taken, if manifest.json means the same") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string layer = blobs.add(test::kLayerType, kLayer);
  const std::string conf = blobs.add(test::kConfigType, config());
  const std::string image = blobs.add_manifest(conf, {layer});
  const auto blob = [](const std::string& descriptor) {
    return "blobs/sha256/" + test::digest_of(descriptor).substr(7);
  };
  auto members = test::layout_members(blobs, test::index_json({blobs.add_index({image})}));
  members.push_back({"blobs/sha256/" + test::digest_of(blobs.add_index({image})).substr(7),
                     test::index_json({image})});
  const auto manifest = [&](const std::string& layers) {
    return TarMember{"manifest.json", "[" + docker_image(blob(conf), layers, R"(["app:1"])") + "]"};
  };
  members.push_back(manifest(R"([")" + blob(layer) + R"("])"));
  CHECK(artifact_of(take(directory, members)).images.size() == 1);
  // Another layer for those engines that read manifest.json.
  const std::string other = blobs.add(test::kLayerType, "other");
  members.push_back({blob(other), "other"});
  members[members.size() - 2] = manifest(R"([")" + blob(other) + R"("])");
  const Error error = error_of(directory, members);
  CHECK(error.code == Code::integrity);
  CHECK(error.what.find("different images") != std::string::npos);
}

TEST_CASE("archive: compressed as a whole it is the same image") {
  const test::TempDirectory directory;
  const std::string path =
      directory.write("image.tar.gz", test::gzip_bytes(test::tar_bytes(docker_archive())));
  const auto acquired = acquire::image(path, {});
  const Artifact artifact = artifact_of(acquired);
  const auto source = acquired->opener->open(artifact.units.back());
  REQUIRE(source.has_value());
  CHECK(test::read_all(**source).bytes == kLayer);
}

TEST_CASE("archive: a compressed archive that is cut off or has a tail is an error") {
  const test::TempDirectory directory;
  const std::string bytes = test::gzip_bytes(test::tar_bytes(docker_archive()));
  const auto cut =
      acquire::image(directory.write("cut.tar.gz", bytes.substr(0, bytes.size() / 2)), {});
  REQUIRE_FALSE(cut.has_value());
  CHECK(cut.error().code == Code::truncated);
  const auto tail = acquire::image(directory.write("tail.tar.gz", bytes + "hidden"), {});
  REQUIRE_FALSE(tail.has_value());
  CHECK(tail.error().code == Code::corrupt);
  CHECK(acquire::image(directory.write("pad.tar.gz", bytes + std::string(512, '\0')), {})
            .has_value());
}

TEST_CASE("archive: names are cleaned, and links resolved, inside the archive only") {
  using acquire::clean_name;
  CHECK(clean_name("./a//b/./c") == "a/b/c");
  CHECK_FALSE(clean_name("a/../b").has_value());
  CHECK_FALSE(clean_name("/a").has_value());
  CHECK(clean_name("../x.tar", "layers/one", true) == "layers/x.tar");
  CHECK_FALSE(clean_name("../../../x", "layers/one", true).has_value());
}
