#include "acquire/packages/npm_registry.h"

#include <doctest/doctest.h>

#include "base/bytes.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

const std::string kDocument = R"({
  "dist-tags": {"latest": "1.2.0", "next": "2.0.0-rc.1", "gone": "7.0.0"},
  "versions": {
    "1.0.0": {"dist": {"tarball": "https://npm.example/a-1.0.0.tgz",
                       "shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}},
    "1.2.0": {"dist": {"tarball": "https://npm.example/a-1.2.0.tgz",
                       "shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                       "integrity": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}},
    "1.10.0": {"dist": {"shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}},
    "2.0.0-rc.1": {"dist": {"tarball": "/a-2.tgz"}}
  }})";

Result<NpmVersion> choose(const std::string& document, const std::string& wanted) {
  return choose_npm_version(*parse_json(as_bytes(document)), wanted, "npm:a");
}

}  // namespace

TEST_CASE("npm registry: a version, a tag, or neither") {
  CHECK(choose(kDocument, "1.0.0")->version == "1.0.0");
  CHECK(choose(kDocument, "next")->version == "2.0.0-rc.1");
  CHECK(choose(kDocument, "")->version == "1.2.0");
}

TEST_CASE("npm registry: without the tag latest the highest release counts, then what there is") {
  CHECK(choose(R"({"versions":{"1.9.0":{"dist":{"tarball":"x"}},"1.10.0":{"dist":{"tarball":"x"}},
                   "2.0.0-a":{"dist":{"tarball":"x"}}}})",
               "")
            ->version == "1.10.0");
  CHECK(choose(R"({"versions":{"2.0.0-a":{"dist":{"tarball":"x"}}}})", "")->version == "2.0.0-a");
}

TEST_CASE("npm registry: integrity counts more than shasum, which counts when there is no other") {
  CHECK(choose(kDocument, "1.2.0")->integrity.at(0).algorithm == "sha256");
  CHECK(choose(kDocument, "1.0.0")->integrity.at(0).algorithm == "sha1");
}

TEST_CASE("npm registry: what is not there is named, with what is") {
  for (const char* wanted : {"1.3.0", "gone", "^1.0.0", "", "__proto__"}) {
    CAPTURE(wanted);
    const auto chosen = choose(*wanted == '\0' ? "{\"versions\":{}}" : kDocument, wanted);
    REQUIRE_FALSE(chosen.has_value());
    CHECK(chosen.error().code == Code::not_found);
    CHECK(chosen.error().what.find("npm:a") == 0);
  }
  const auto bare = choose(kDocument, "1.10.0");
  REQUIRE_FALSE(bare.has_value());
  CHECK(bare.error().code == Code::corrupt);
}

TEST_CASE("npm registry: documents of any other shape are errors") {
  for (const char* document :
       {"[]", "null", "{}", "\"x\"", R"({"versions":[]})", R"({"versions":{"1.0.0":1}})",
        R"({"versions":{"1.0.0":{"dist":[]}},"dist-tags":{"latest":[]}})",
        R"({"versions":{"1.0.0":{"dist":{"tarball":7}}},"dist-tags":[]})"}) {
    CAPTURE(document);
    CHECK_FALSE(choose(document, "").has_value());
    CHECK_FALSE(choose(document, "1.0.0").has_value());
  }
}

TEST_CASE("npm registry: names that could change a URL are no names") {
  for (const char* good : {"a", "left-pad", "@scope/name", "JSONStream", "a.b_c~d", "rules!"}) {
    CAPTURE(good);
    CHECK(is_npm_name(good));
  }
  for (const char* bad : {"", ".", "..", ".a", "@", "@/a", "@a", "@a/", "@a/b/c", "a/b", "a?b",
                          "a#b", "a%2fb", "a b", "a\\b", "@a/..", "a\n", "\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_npm_name(bad));
  }
  CHECK_FALSE(is_npm_name(std::string(215, 'a')));
  CHECK(npm_path("@scope/name") == "@scope%2fname");
}
