#include "report/encode.h"

#include <doctest/doctest.h>

using namespace minescan;
using namespace minescan::report;

TEST_CASE("encode: UTF-8 is what the Unicode standard says it is") {
  CHECK(is_utf8("größe-日本-😀"));
  CHECK(is_utf8(""));
  CHECK_FALSE(is_utf8("\xff"));
  CHECK_FALSE(is_utf8("\xc0\xaf"));          // overlong
  CHECK_FALSE(is_utf8("\xe0\x9f\xbf"));      // overlong
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(is_utf8("a\xe2\x82"));         // cut short
}

TEST_CASE("encode: base64 as RFC 4648 has it") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe") == "//4=");
}

TEST_CASE("encode: bytes that are not UTF-8 stand beside their text") {
  Json json;
  put_text(json, "path", "a\xff");
  put_text(json, "name", "ä");
  CHECK(write_document(json) ==
        "{\n  \"path\": \"a\\ufffd\",\n  \"path_base64\": \"Yf8=\",\n  \"name\": \"\\u00e4\"\n}\n");
}

TEST_CASE("encode: no runner command survives in a document, and its text stays the same") {
  Json json = {{"x", "##vso[a]##[b]###teamcity[c]\\##[d]"}};
  const std::string text = write_document(json);
  CHECK(text.find("##[") == std::string::npos);
  CHECK(text.find("##vso[") == std::string::npos);
  CHECK(text.find("##teamcity[") == std::string::npos);
  CHECK(Json::parse(text) == json);
}

TEST_CASE("encode: a path becomes a relative URI, whatever it holds") {
  CHECK(uri_path("usr/bin/x") == "usr/bin/x");
  CHECK(uri_path("/usr//bin/./x/") == "usr/bin/x");
  CHECK(uri_path("../../a") == "a");
  CHECK(uri_path("https://e/x") == "https%3A/e/x");
  CHECK(uri_path("a b%20") == "a%20b%2520");
  CHECK(uri_path("\xff\xc3\xa4") == "%FF%C3%A4");
  CHECK(uri_path("a\\b[c]?d#e") == "a%5Cb%5Bc%5D%3Fd%23e");
  CHECK(uri_path("") == "");
}

TEST_CASE("encode: a path over 4,096 bytes is cut, and two such paths stay two") {
  const std::string one = uri_path(std::string(5000, 'a') + "1");
  const std::string two = uri_path(std::string(5000, 'a') + "2");
  CHECK(one.size() == 4096 + 17);
  CHECK(one != two);
}

TEST_CASE("encode: slugs") {
  CHECK(slug("Registry.example:5000/team/App") == "registry-example-5000-team-app");
  CHECK(slug("--x__y--") == "x-y");
  CHECK(slug("\xff/") == "");
}

TEST_CASE("encode: numbers for people") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(human_bytes(1) == "1 byte");
  CHECK(human_bytes(999) == "999 bytes");
  CHECK(human_bytes(13'600) == "14 KB");
  CHECK(human_bytes(512'345'678) == "512.3 MB");
  CHECK(human_bytes(999'999'999) == "1.0 GB");
  CHECK(human_bytes(UINT64_MAX) == "18446.7 PB");
  CHECK(counted(1, "gap") == "1 gap");
  CHECK(counted(2000, "gap") == "2,000 gaps");
}
