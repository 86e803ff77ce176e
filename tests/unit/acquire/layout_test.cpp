#include <doctest/doctest.h>
#include <sys/stat.h>

#include "acquire/acquire.h"
#include "base/digest.h"
#include "support/image_bytes.h"
#include "support/reading.h"

using namespace minescan;

namespace {

std::string named(const std::string& descriptor, const std::string& tag) {
  return test::with(descriptor,
                    R"("annotations":{"org.opencontainers.image.ref.name":")" + tag + R"("})");
}

Artifact artifact_of(const std::string& reference) {
  auto acquired = acquire::image(reference, {});
  REQUIRE_MESSAGE(acquired.has_value(), (acquired ? "" : acquired.error().what));
  return std::move(acquired->artifact);
}

Error error_of(const std::string& reference) {
  const auto acquired = acquire::image(reference, {});
  REQUIRE_FALSE(acquired.has_value());
  return acquired.error();
}

}  // namespace

TEST_CASE("layout: the only image needs no tag, and a bare path will do") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  test::write_layout(directory, "l", blobs, test::index_json({image}));
  const std::string path = directory.path("l");
  const Artifact artifact = artifact_of("oci:" + path);
  CHECK(artifact.name == "oci:" + path);
  CHECK(artifact.digest == test::digest_of(image));
  CHECK(artifact.images.size() == 1);
  CHECK(artifact_of(path).digest == artifact.digest);
}

TEST_CASE("layout: among several images the tag chooses, and without one they are listed") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string one = test::simple_image(blobs, "x");
  const std::string two = test::simple_image(blobs, "y");
  test::write_layout(directory, "l", blobs, test::index_json({named(one, "v1"), named(two, "v2")}));
  const std::string path = directory.path("l");
  CHECK(artifact_of("oci:" + path + ":v2").digest == test::digest_of(two));
  CHECK(artifact_of("oci:" + path + ":" + test::digest_of(one)).digest == test::digest_of(one));
  const Error several = error_of("oci:" + path);
  CHECK(several.code == Code::usage);
  CHECK(several.what.find("v1, v2") != std::string::npos);
  CHECK(error_of("oci:" + path + ":v3").code == Code::not_found);
}

TEST_CASE("layout: a blob that is a link is refused, and so is a linked directory of blobs") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  test::write_layout(directory, "l", blobs, test::index_json({image}));
  const std::string path = directory.path("l");
  auto acquired = acquire::image(path, {});
  REQUIRE(acquired.has_value());
  const Unit layer = acquired->artifact.units.back();
  const std::string file = path + "/blobs/sha256/" + layer.digest.substr(7);
  std::filesystem::rename(file, directory.path("outside"));
  std::filesystem::create_symlink(directory.path("outside"), file);
  const auto source = acquired->opener->open(layer);
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().code == Code::refused);
  std::filesystem::rename(path + "/blobs", directory.path("blobs"));
  std::filesystem::create_directory_symlink(directory.path("blobs"), path + "/blobs");
  CHECK(error_of(path).code == Code::refused);
}

TEST_CASE("layout: a blob that is a FIFO does not make anyone wait") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  test::write_layout(directory, "l", blobs, test::index_json({image}));
  auto acquired = acquire::image(directory.path("l"), {});
  REQUIRE(acquired.has_value());
  const Unit layer = acquired->artifact.units.back();
  const std::string file = directory.path("l/blobs/sha256/" + layer.digest.substr(7));
  std::filesystem::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(acquired->opener->open(layer).has_value());
}

TEST_CASE("layout: other versions, other directories and odd indexes are refused") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  test::write_layout(directory, "l", blobs, test::index_json({image}));
  directory.write("l/oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  CHECK(error_of(directory.path("l")).code == Code::unsupported);
  directory.write("l/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  directory.write("l/index.json", R"({"manifests":[],"manifests":[]})");
  CHECK(error_of(directory.path("l")).code == Code::corrupt);
  directory.write("l/index.json", test::index_json({}));
  CHECK(error_of(directory.path("l")).code == Code::not_found);
  directory.write("plain/file", "x");
  const Error plain = error_of("oci:" + directory.path("plain"));
  CHECK(plain.code == Code::usage);
  CHECK(plain.what.find("minescan repo") != std::string::npos);
  CHECK(error_of("oci:" + directory.path("missing")).code == Code::not_found);
}

TEST_CASE("image: a path that could be an image of a registry is not taken for it in silence") {
  const test::TempDirectory directory;
  test::BlobSet blobs;
  const std::string image = test::simple_image(blobs, "x");
  test::write_layout(directory, "alpine", blobs, test::index_json({image}));
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  const auto bare = acquire::image("alpine", {});
  const auto plain = acquire::image("./alpine", {});
  std::filesystem::current_path(before);
  REQUIRE_FALSE(bare.has_value());
  CHECK(bare.error().code == Code::usage);
  CHECK(bare.error().what.find("./alpine") != std::string::npos);
  CHECK(plain.has_value());
}

TEST_CASE("image: transports that are not read say so") {
  CHECK(error_of("containers-storage:alpine").code == Code::unsupported);
  CHECK(error_of("dir:/tmp").code == Code::unsupported);
  CHECK(error_of("").code == Code::usage);
}
