#include "acquire/reference.h"

#include <doctest/doctest.h>

#include <string>

using namespace minescan;
using namespace minescan::acquire;

namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string error_of(const std::string& text) {
  const auto reference = parse_reference(text);
  if (reference) return "accepted as " + reference->text();
  CHECK(reference.error().code == Code::usage);
  return reference.error().what;
}

bool says(const std::string& text, const std::string& part) {
  const std::string error = error_of(text);
  const bool found = error.find(part) != std::string::npos;
  if (!found) MESSAGE(error);
  return found;
}

}  // namespace

TEST_CASE("reference: a registry of one label is written so that it is read as one again") {
  const auto reference = parse_reference("HOST/x:1");
  REQUIRE(reference.has_value());
  CHECK(reference->text() == "Host/x:1");
  CHECK(parse_reference(reference->text())->registry == "host");
  CHECK(parse_reference(parse_reference("localhost/x")->text())->registry == "localhost");
}

TEST_CASE("reference: short names are Docker Hub's, as Docker reads them") {
  struct Case {
    const char* text;
    const char* registry;
    const char* host;
    const char* repository;
    const char* tag;
  };
  const Case cases[] = {
      {"alpine", "docker.io", "registry-1.docker.io", "library/alpine", "latest"},
      {"acme/api:1", "docker.io", "registry-1.docker.io", "acme/api", "1"},
      {"docker.io/alpine", "docker.io", "registry-1.docker.io", "library/alpine", "latest"},
      {"index.docker.io/alpine", "docker.io", "registry-1.docker.io", "library/alpine", "latest"},
      {"localhost/x", "localhost", "localhost", "x", "latest"},
      {"host:5000/x", "host:5000", "host:5000", "x", "latest"},
      {"host:5000", "docker.io", "registry-1.docker.io", "library/host", "5000"},
      {"Registry.Example/a/b__c--d.e:V1.0_x", "registry.example", "registry.example", "a/b__c--d.e",
       "V1.0_x"},
      {"[::1]:5000/x", "[::1]:5000", "[::1]:5000", "x", "latest"},
      {"Host/x", "host", "host", "x", "latest"},
      {"a.b/c/d/e/f:1", "a.b", "a.b", "c/d/e/f", "1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto reference = parse_reference(c.text);
    REQUIRE(reference.has_value());
    CHECK(reference->registry == c.registry);
    CHECK(reference->host == c.host);
    CHECK(reference->repository == c.repository);
    CHECK(reference->tag == c.tag);
    CHECK(reference->digest.empty());
  }
}

TEST_CASE("reference: a digest decides and makes no tag, a tag beside it is kept for display") {
  CHECK(parse_reference("x@" + kDigest)->text() == "docker.io/library/x@" + kDigest);
  CHECK(parse_reference("x@" + kDigest)->tag.empty());
  CHECK(parse_reference("h:1/x:2@" + kDigest)->text() == "h:1/x:2@" + kDigest);
  CHECK(parse_reference("x@sha512:" + std::string(128, '0')).has_value());
}

TEST_CASE("reference: what is none is refused with the reason") {
  CHECK(says("", "empty"));
  CHECK(says("a b", "a space"));
  CHECK(says("a\r\nHost: evil", "\\x0d"));
  CHECK(says(std::string("a\0b", 3), "\\x00"));
  CHECK(says("b\xc3\xbc", "which no reference may"));
  CHECK(says(std::string(64, 'a'), "image id"));
  CHECK(says("https://registry.example/x", "URL"));
  CHECK(says("registry.example/Team/app", "upper-case"));
  CHECK(says("registry.example/", "names no repository"));
  CHECK(says("registry.example//x", "no part of a repository name"));
  CHECK(says("a/../b", "no part of a repository name"));
  CHECK(says("a/b/", "no part of a repository name"));
  CHECK(says("a/-b", "no part of a repository name"));
  CHECK(says("a/b___c", "no part of a repository name"));
  CHECK(says("host:0/x", "no registry"));
  CHECK(says("host:65536/x", "no registry"));
  CHECK(says("host:99999999999999999999/x", "no registry"));
  CHECK(says("-host.example/x", "no registry"));
  CHECK(says("host..example/x", "no registry"));
  CHECK(says("[::1/x", "no registry"));
  CHECK(says("[dead]:1/x", "no registry"));
  CHECK(says("x:", "tag"));
  CHECK(says("x:.hidden", "tag"));
  CHECK(says("x:" + std::string(129, 'a'), "tag"));
  CHECK(says(std::string(250, 'a') + ".b/" + std::string(10, 'c'), "255"));
  CHECK(says("x@sha256:" + std::string(63, 'a'), "64"));
  CHECK(says("x@sha256:" + std::string(64, 'A'), "64"));
  CHECK(says("x@md5:" + std::string(32, 'a'), "sha256"));
}

TEST_CASE("reference: a password that stands where none belongs is not repeated") {
  for (const std::string text : {"user:hunter22@registry.example/app", "hunter22@host/app",
                                 "https://user:hunter22@registry.example/app"}) {
    CHECK(error_of(text).find("hunter22") == std::string::npos);
    CHECK(error_of(text).find("accepted") == std::string::npos);
  }
}

TEST_CASE("reference: 255 characters of registry and repository pass, one more does not") {
  const std::string host = "r.example/";
  CHECK(parse_reference(host + std::string(255 - host.size(), 'a')).has_value());
  CHECK_FALSE(parse_reference(host + std::string(256 - host.size(), 'a')).has_value());
}
