#include "judge/mask.h"

#include <doctest/doctest.h>

using minescan::judge::masked;

// The credentials are put together at run time so that no scanner of secrets stumbles over them.
namespace {
std::string many(char c, std::size_t n) { return std::string(n, c); }
}  // namespace

TEST_CASE("mask: tokens with a known prefix are hidden, the prefix stays") {
  CHECK(masked("id " + ("AKIA" + many('Q', 16)) + " x") == "id AKIA*** x");
  CHECK(masked("ghp_" + many('a', 36)) == "ghp_***");
  CHECK(masked("notAKIA" + many('Q', 16)) == "notAKIA" + many('Q', 16));
  CHECK(masked("AKIA too short") == "AKIA too short");
}

TEST_CASE("mask: JSON web tokens are hidden, other base64 of JSON is not") {
  CHECK(masked("jwt eyJhbGciOi.eyJzdWIi.c2ln end") == "jwt eyJ*** end");
  CHECK(masked("eyJhdXRvc2F2ZSI6dHJ1ZX0=") == "eyJhdXRvc2F2ZSI6dHJ1ZX0=");
}

TEST_CASE("mask: text made to cost time does not") {
  std::string text;
  while (text.size() < 1'000'000) text += "eyJ";
  CHECK(masked(text) == text);
  text.clear();
  while (text.size() < 1'000'000) text += "://token=PRIVATE KEY-----";
  CHECK(masked(text).size() < text.size());
}

TEST_CASE("mask: passwords in URLs are hidden, those that pools are sent are not") {
  CHECK(masked("git clone https://me:hunter22@git.example/x") ==
        "git clone https://me:***@git.example/x");
  CHECK(masked("stratum+tcp://wallet.rig:x@pool.example:3333") ==
        "stratum+tcp://wallet.rig:x@pool.example:3333");
  CHECK(masked("http://host.example:8080/a@b") == "http://host.example:8080/a@b");
}

TEST_CASE("mask: values assigned to telling names are hidden") {
  CHECK(masked("DB_PASSWORD=correcthorse next") == "DB_PASSWORD=*** next");
  CHECK(masked("{\"api_key\": \"0123456789\", \"x\": 1}") == "{\"api_key\": \"***\", \"x\": 1}");
  CHECK(masked("Authorization: Bearer abcdef123456") == "Authorization: Bearer ***");
  CHECK(masked("aws_secret_access_key = " + many('s', 40)) == "aws_secret_access_key = ***");
  CHECK(masked("the token is used: no") == "the token is used: no");
}

TEST_CASE("mask: private keys are hidden to their end or the excerpt's") {
  CHECK(masked("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA") ==
        "-----BEGIN RSA PRIVATE KEY-----***-----END RSA");
  CHECK(masked("-----BEGIN PRIVATE KEY-----\nMIIE") == "-----BEGIN PRIVATE KEY-----***");
}

TEST_CASE("mask: what is evidence stays") {
  const std::string config =
      R"("url": "pool.example:3333", "user": "44wallet", "pass": "x", "rig-id": null)";
  CHECK(masked(config) == config);
  CHECK(masked(std::string_view("\0\xff\x1b", 3)) == std::string("\0\xff\x1b", 3));
  CHECK(masked("") == "");
}
