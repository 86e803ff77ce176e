#include "acquire/url.h"

#include <doctest/doctest.h>

#include "acquire/proxy.h"

using namespace minescan;
using namespace minescan::acquire;

TEST_CASE("url: what is compared is what is connected to") {
  const auto url = parse_url("HTTPS://Registry.Example.:443/v2/?sig=secret#x");
  REQUIRE(url.has_value());
  CHECK(url->host == "registry.example");
  CHECK(url->port == 443);
  CHECK(url->authority() == "registry.example");
  CHECK(url->shown() == "https://registry.example/v2/");
  CHECK(url->text.find('#') == std::string::npos);
  CHECK(parse_url("https://2130706433/")->host == "127.0.0.1");
  CHECK(parse_url("https://0x7f.1/")->host == "127.0.0.1");
  CHECK(parse_url("http://[::1]:5000/")->authority() == "[::1]:5000");
  CHECK_FALSE(url->same_origin(*parse_url("http://registry.example/")));
  CHECK_FALSE(url->same_origin(*parse_url("https://registry.example:8443/")));
  CHECK(url->same_origin(*parse_url("https://REGISTRY.example/other")));
}

TEST_CASE(
    "url: other schemes, user names and control characters are refused without repeating them") {
  for (const char* text : {"file:///etc/passwd", "gopher://host/", "ftp://host/", "//host/", "host",
                           "https://user:hunter22@host/", "https://host/\r\nX: y", "https://",
                           "https://host:99999/", "https://ho st/", ""}) {
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code == Code::refused);
    CHECK(url.error().what.find("hunter22") == std::string::npos);
  }
}

TEST_CASE("url: a redirect may be relative, and is checked like any URL") {
  const auto base = *parse_url("https://registry.example/v2/app/blobs/x");
  CHECK(resolve_url(base, "/other?a=b%2Fc")->text == "https://registry.example/other?a=b%2Fc");
  CHECK(resolve_url(base, "//cdn.example/x")->text == "https://cdn.example/x");
  CHECK(resolve_url(base, "http://cdn.example/x")->scheme == "http");
  CHECK_FALSE(resolve_url(base, "").has_value());
  CHECK_FALSE(resolve_url(base, "file:///etc/passwd").has_value());
  CHECK_FALSE(resolve_url(base, "https://a:b@cdn.example/").has_value());
}

TEST_CASE("url: parameters are encoded and join a query that is there") {
  const auto url = *parse_url("https://auth.example/token?x=1");
  CHECK(with_query(url, {{"scope", "repository:a/b:pull"}, {"account", "org+robot&x"}})->text ==
        "https://auth.example/token?x=1&scope=repository%3aa%2fb%3apull&account=org%2brobot%26x");
  CHECK(form({{"a", "b c"}, {"d", ""}}) == "a=b%20c&d=");
}

TEST_CASE("proxy: the environment is read as curl reads it") {
  const auto proxy = [](const char* url, std::map<std::string, std::string> variables) {
    return proxy_for(*parse_url(url), Environment{.variables = std::move(variables)});
  };
  const std::string p = "http://proxy.example:3128";
  CHECK(proxy("https://a.example/", {{"HTTPS_PROXY", p}}) == p);
  CHECK(proxy("https://a.example/", {{"https_proxy", p}, {"HTTPS_PROXY", "http://other"}}) == p);
  CHECK(proxy("https://a.example/", {{"all_proxy", p}}) == p);
  CHECK(proxy("http://a.example/", {{"http_proxy", p}}) == p);
  CHECK(proxy("http://a.example/", {{"HTTP_PROXY", p}}).empty());
  CHECK(proxy("https://a.example/", {{"http_proxy", p}}).empty());
  CHECK(proxy("https://localhost/", {{"https_proxy", p}}).empty());
  const auto without = [&](const char* url, const char* list) {
    return proxy(url, {{"https_proxy", p}, {"no_proxy", list}}).empty();
  };
  CHECK(without("https://a.example/", "*"));
  CHECK(without("https://a.example/", "b.example, A.Example"));
  CHECK(without("https://x.a.example/", ".a.example"));
  CHECK(without("https://x.a.example/", "a.example"));
  CHECK_FALSE(without("https://xa.example/", "a.example"));
  CHECK_FALSE(without("https://a.example/", "x.a.example"));
  CHECK(without("https://10.1.2.3/", "10.0.0.0/8"));
  CHECK_FALSE(without("https://11.1.2.3/", "10.0.0.0/8"));
  CHECK_FALSE(without("https://10.1.2.3/", "10.0.0.0/33"));
  CHECK(without("https://[fd00::1]/", "fd00::/8"));
  CHECK(without("https://10.1.2.3/", "10.1.2.3"));
}
