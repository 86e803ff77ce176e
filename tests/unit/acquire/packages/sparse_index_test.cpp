#include "acquire/packages/sparse_index.h"

#include <doctest/doctest.h>

using namespace minescan;
using namespace minescan::acquire;

TEST_CASE("sparse index: paths are those of Cargo") {
  CHECK(crate_path("a") == "1/a");
  CHECK(crate_path("ab") == "2/ab");
  CHECK(crate_path("Syn") == "3/s/syn");
  CHECK(crate_path("demo-dep") == "de/mo/demo-dep");
  CHECK(crate_path("RAND") == "ra/nd/rand");
}

TEST_CASE("sparse index: names that could change a URL are no names") {
  CHECK(is_crate_name("serde_json-1"));
  for (const char* bad : {"", ".", "..", "a/b", "a.b", "a b", "a%2f", "a?", "\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_crate_name(bad));
  }
  CHECK_FALSE(is_crate_name(std::string(65, 'a')));
}

TEST_CASE("sparse index: each line is a version") {
  const auto versions =
      parse_crate_lines(R"({"name":"demo","vers":"0.1.0","cksum":")" + std::string(64, 'A') +
                        "\",\"yanked\":false,\"deps\":[]}\r\n\n" +
                        R"({"name":"demo","vers":"0.2.0","cksum":"12","yanked":true})");
  REQUIRE(versions.has_value());
  REQUIRE(versions->size() == 2);
  CHECK(versions->at(0).version == "0.1.0");
  CHECK(versions->at(0).checksum == std::string(64, 'a'));
  CHECK_FALSE(versions->at(0).yanked);
  CHECK(versions->at(1).checksum.empty());
  CHECK(versions->at(1).yanked);
  CHECK(parse_crate_lines("")->empty());
}

TEST_CASE("sparse index: a line that is none is an error that counts lines") {
  for (const char* line :
       {"{", "[]", "null", "{}", R"({"name":"demo"})", R"({"vers":"1.0.0"})",
        R"({"name":"../x","vers":"1.0.0"})", R"({"name":7,"vers":"1"})", "<html>"}) {
    CAPTURE(line);
    const auto versions = parse_crate_lines(std::string("\n") + line);
    REQUIRE_FALSE(versions.has_value());
    CHECK(versions.error().code == Code::corrupt);
    CHECK(versions.error().what.find("line 2") != std::string::npos);
  }
}

TEST_CASE("sparse index: the place of a crate, with markers and without") {
  const CrateVersion crate{.name = "Demo-Dep", .version = "0.1.0", .checksum = "abc"};
  CHECK(crate_url("https://a.example/dl", crate) == "https://a.example/dl/Demo-Dep/0.1.0/download");
  CHECK(crate_url("https://a.example/{prefix}/{lowerprefix}/{crate}-{version}/{sha256-checksum}",
                  crate) == "https://a.example/De/mo/de/mo/Demo-Dep-0.1.0/abc");
  CHECK(crate_url("https://a.example/{other}", crate) ==
        "https://a.example/{other}/Demo-Dep/0.1.0/download");
  CHECK(parse_index_config(R"({"dl":"https://a.example"})") == "https://a.example");
  CHECK_FALSE(parse_index_config("{}").has_value());
  CHECK_FALSE(parse_index_config("<html>").has_value());
}
