#include "base/json.h"

#include <doctest/doctest.h>

#include <string>

using namespace minescan;

TEST_CASE("json: a plain document is read") {
  const auto json = parse_json(as_bytes(R"({"a":[1,{"b":"c"}]})"));
  REQUIRE(json.has_value());
  CHECK((*json)["a"][1]["b"] == "c");
}

TEST_CASE("json: repeated keys in one object are refused, in two objects they are not") {
  const auto twice = parse_json(as_bytes(R"({"layers":1,"layers":2})"));
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().what == "the key 'layers' is repeated in one object");
  CHECK(parse_json(as_bytes(R"([{"a":1},{"a":2},{"b":{"a":1}}])")).has_value());
}

TEST_CASE("json: depth is bounded and deep input does not overflow the stack") {
  const std::string deep(100'000, '[');
  const auto json = parse_json(as_bytes(deep));
  REQUIRE_FALSE(json.has_value());
  CHECK(json.error().what == "nested deeper than 64 levels");
}

TEST_CASE("json: members and items come in the order of the text, at every depth") {
  const std::string text = R"({"b":[{"z":1,"a":[2,{"c":null}]},-3],"a":{"y":true,"x":1.5}})";
  const auto json = parse_json(as_bytes(text));
  REQUIRE(json.has_value());
  CHECK(write_json(*json) == text);
  CHECK(parse_json(as_bytes("7")).value() == 7);
}

TEST_CASE("json: the keys of one object take no time with the square of their number") {
  std::string text = "{\"first\":0";
  for (int i = 0; i < 200'000; ++i) text += ",\"k" + std::to_string(i) + "\":1";
  const auto json = parse_json(as_bytes(text + "}"));
  REQUIRE(json.has_value());
  CHECK(json->size() == 200'001);
  CHECK(json->begin().key() == "first");
}

TEST_CASE("json: broken text says where") {
  const auto json = parse_json(as_bytes("{\"a\": tru}"));
  REQUIRE_FALSE(json.has_value());
  CHECK(json.error().code == Code::corrupt);
  CHECK(json.error().what == "not JSON at byte 10");
}

TEST_CASE("json: size is bounded") {
  CHECK(parse_json(as_bytes("[1,2,3]"), {.bytes = 3}).error().code == Code::limit_bytes);
}

TEST_CASE("json: writing never throws on bytes that are not UTF-8") {
  Json json;
  json["x"] = "a\xff";
  CHECK(write_json(json) == "{\"x\":\"a\xef\xbf\xbd\"}");
}
