#include "acquire/auth.h"

#include <doctest/doctest.h>

#include <memory>

#include "base/base64.h"
#include "support/http_stub.h"

using namespace minescan;
using namespace minescan::acquire;
using test::HttpStub;

namespace {

const std::string kSecret = "hunter22";

std::unique_ptr<HttpClient> client() {
  HttpSettings settings;
  settings.retry_base = std::chrono::milliseconds(0);
  settings.sleep = [](std::chrono::milliseconds) {};
  return std::move(*HttpClient::create(std::move(settings)));
}

Challenge bearer(const HttpStub& stub) {
  return {.scheme = "bearer",
          .parameters = {{"realm", stub.url("/token")}, {"service", "the registry"}}};
}

Authenticator authenticator(HttpClient& http, Login login,
                            AddressClass network = AddressClass::loopback) {
  return {http,
          {.origin = *parse_url("https://r.example/v2/"), .network = network},
          {.login = std::move(login), .places = {"the command line"}},
          "team/app"};
}

HttpStub::Reply token(const std::string& value, const std::string& more = "") {
  return {.body = "{\"token\":\"" + value + "\"" + more + "}"};
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

}  // namespace

TEST_CASE("challenges: several in one header and several headers, commas in quotes, any case") {
  const auto all =
      parse_challenges({"Negotiate YIIKhg+/abc==, BEARER "
                        "Realm=\"https://a.example/t?x=1,2\",service=\"s \\\"q\\\"\" , "
                        "scope=repository, Basic realm=\"b, c\", charset=\"UTF-8\"",
                        "Digest", "Bearer realm = \"second\""});
  REQUIRE(all.size() == 5);
  CHECK(all[0].scheme == "negotiate");
  CHECK(all[0].parameters.empty());
  CHECK(all[1].scheme == "bearer");
  CHECK(all[1].get("realm") == "https://a.example/t?x=1,2");
  CHECK(all[1].get("service") == "s \"q\"");
  CHECK(all[1].get("scope") == "repository");
  CHECK(all[2].scheme == "basic");
  CHECK(all[2].get("realm") == "b, c");
  CHECK(all[2].get("charset") == "UTF-8");
  CHECK(all[3].scheme == "digest");
  CHECK(all[4].get("realm") == "second");
}

TEST_CASE("challenges: what cannot be read ends, and the first of two equal parameters counts") {
  CHECK(parse_challenges({""}).empty());
  CHECK(parse_challenges({"=,=,\"\"\""}).empty());
  CHECK(parse_challenges({"realm=\"x\""}).empty());
  CHECK(parse_challenges({"Bearer realm=\"unfinished"}).at(0).get("realm") == "unfinished");
  CHECK(parse_challenges({"Bearer realm=\"x\\"}).size() == 1);
  CHECK(parse_challenges({"Bearer realm=\"a\", realm=\"b\""}).at(0).get("realm") == "a");
  CHECK(parse_challenges({"\x01\x02 Bearer realm=a"}).at(0).get("realm") == "a");
}

TEST_CASE("auth: without login the token is asked for with service and scope and nothing else") {
  HttpStub stub([](const auto&) { return token("t1"); });
  const auto http = client();
  auto auth = authenticator(*http, {});
  CHECK(auth.header(nullptr) == "");
  REQUIRE(auth.remember({bearer(stub)}).has_value());
  CHECK(auth.header(nullptr) == "Bearer t1");
  CHECK(auth.header(nullptr) == "Bearer t1");
  REQUIRE(stub.requests().size() == 1);
  const auto request = stub.requests()[0];
  CHECK(request.method == "GET");
  CHECK(request.target == "/token?service=the%20registry&scope=repository%3ateam%2fapp%3apull");
  CHECK(request.header("authorization").empty());
}

TEST_CASE("auth: a password goes to the token server as Basic, and access_token is a token too") {
  HttpStub stub([](const auto&) {
    return HttpStub::Reply{.body = R"({"access_token":"t2","expires_in":1e300})"};
  });
  const auto http = client();
  auto auth = authenticator(*http, {.username = "org+me", .password = kSecret});
  REQUIRE(auth.remember({bearer(stub)}).has_value());
  CHECK(auth.header(nullptr) == "Bearer t2");
  const auto request = stub.requests().at(0);
  CHECK(request.header("authorization") == "Basic " + base64_encode("org+me:" + kSecret));
  CHECK(has(request.target, "account=org%2bme"));
}

TEST_CASE("auth: an identity token is posted, and a server that knows no OAuth2 is asked by GET") {
  for (const int status : {200, 404, 405}) {
    CAPTURE(status);
    HttpStub stub([&](const HttpStub::Request& request) {
      return request.method == "POST" && status != 200 ? HttpStub::Reply{.status = status}
                                                       : token("t3");
    });
    const auto http = client();
    auto auth = authenticator(*http, {.identity_token = kSecret});
    REQUIRE(auth.remember({bearer(stub)}).has_value());
    CHECK(auth.header(nullptr) == "Bearer t3");
    const auto requests = stub.requests();
    REQUIRE(requests.size() == (status == 200 ? 1 : 2));
    CHECK(requests[0].body ==
          "grant_type=refresh_token&refresh_token=hunter22&service=the%20registry&"
          "scope=repository%3Ateam%2Fapp%3Apull&client_id=minescan");
    CHECK(requests[0].header("content-type") == "application/x-www-form-urlencoded");
    if (status != 200) {
      CHECK(requests[1].method == "GET");
      CHECK(requests[1].header("authorization") == "Basic " + base64_encode("<token>:hunter22"));
    }
  }
}

TEST_CASE("auth: a registry token is used as it is, Basic only with a login") {
  HttpStub stub([](const auto&) { return token("never"); });
  const auto http = client();
  auto ready = authenticator(*http, {.registry_token = "ready"});
  REQUIRE(ready.remember({bearer(stub)}).has_value());
  CHECK(ready.header(nullptr) == "Bearer ready");
  CHECK(ready.renew("Bearer ready", {bearer(stub)}, nullptr)->has_value() == false);
  auto basic = authenticator(*http, {.username = "me", .password = kSecret});
  REQUIRE(basic.remember({{.scheme = "negotiate"}, {.scheme = "basic"}}).has_value());
  CHECK(basic.header(nullptr) == "Basic " + base64_encode("me:" + kSecret));
  auto nobody = authenticator(*http, {});
  REQUIRE(nobody.remember({{.scheme = "basic"}}).has_value());
  CHECK(nobody.header(nullptr) == "");
  CHECK(stub.requests().empty());
}

TEST_CASE("auth: a wider scope is asked for once it is named, but never a right to write") {
  HttpStub stub([&](const auto&) { return token("t" + std::to_string(stub.requests().size())); });
  const auto http = client();
  auto auth = authenticator(*http, {});
  REQUIRE(auth.remember({bearer(stub)}).has_value());
  CHECK(auth.header(nullptr) == "Bearer t1");
  Challenge more = bearer(stub);
  more.parameters["error"] = "insufficient_scope";
  more.parameters["scope"] = "repository:base/os:pull";
  CHECK(*auth.renew("Bearer t1", {more}, nullptr) == "Bearer t2");
  CHECK(has(stub.requests()[1].target,
            "scope=repository%3abase%2fos%3apull&scope=repository%3ateam%2fapp%3apull"));
  // Someone else has renewed meanwhile: that token is good.
  CHECK(*auth.renew("Bearer t1", {more}, nullptr) == "Bearer t2");
  CHECK(stub.requests().size() == 2);
  more.parameters["scope"] = "repository:other/app:pull,push";
  CHECK(*auth.renew("Bearer t2", {more}, nullptr) == "Bearer t3");
  CHECK(stub.requests()[2].target.find("push") == std::string::npos);
}

TEST_CASE("auth: a realm that leads into another network gets no connection and no login") {
  HttpStub stub([](const auto&) { return token("stolen"); });
  const std::string port = stub.host().substr(stub.host().find(':'));
  struct Case {
    std::string realm;
    AddressClass registry;
    const char* says;
  };
  const Case cases[] = {
      {"http://169.254.169.254/token", AddressClass::loopback, "not encrypted"},
      {"https://169.254.169.254/token", AddressClass::loopback, "another network"},
      {"https://[::ffff:169.254.169.254]/token", AddressClass::loopback, "another network"},
      {"https://2852039166/token", AddressClass::loopback, "another network"},
      {"https://0.0.0.0/token", AddressClass::loopback, "another network"},
      {"https://10.0.0.1/token", AddressClass::loopback, "another network"},
      {"https://10.0.0.1/token", AddressClass::open, "another network"},
      {"http://127.0.0.1" + port + "/token", AddressClass::open, "another network"},
      {"http://2130706433" + port + "/token", AddressClass::open, "another network"},
      {"http://127.0.0.1" + port + "/token", AddressClass::inside, "another network"},
      // Names are judged by what they resolve to.
      {"http://localhost" + port + "/token", AddressClass::open, "another network"},
      {"https://localhost" + port + "/token", AddressClass::open, "another network"},
      {"file:///etc/passwd", AddressClass::loopback, "file"},
      {"https://me:pw@a.example/", AddressClass::open, "user name"},
      {"token", AddressClass::open, "not a URL"},
      {"", AddressClass::open, "no realm"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.realm);
    const auto http = client();
    auto auth = authenticator(*http, {.username = "me", .password = kSecret}, c.registry);
    REQUIRE(auth.remember({{.scheme = "bearer", .parameters = {{"realm", c.realm}}}}).has_value());
    const auto header = auth.header(nullptr);
    REQUIRE_FALSE(header.has_value());
    CHECK(header.error().code == Code::refused);
    CHECK(has(header.error().what, c.says));
    CHECK(header.error().what.find(kSecret) == std::string::npos);
  }
  CHECK(stub.connections() == 0);
}

TEST_CASE("auth: what a token server says wrong is an error without the login in it") {
  struct Case {
    HttpStub::Reply reply;
    Code code;
    const char* says;
  };
  const std::string echo = "{\"details\":\"" + base64_encode("me:" + kSecret) + " hunter22\"}";
  const Case cases[] = {
      {{.status = 401, .body = echo}, Code::refused, "answered 401 to the login"},
      {{.status = 403, .body = echo}, Code::refused, "the command line"},
      {{.status = 500, .body = echo}, Code::unreachable, "answered 500"},
      {{.body = echo}, Code::corrupt, "no usable token"},
      {{.body = "<html>hunter22"}, Code::corrupt, "not the JSON"},
      {{.body = R"({"token":"a b"})"}, Code::corrupt, "no usable token"},
      {{.body = R"({"token":"a\r\nX-Evil: 1"})"}, Code::corrupt, "no usable token"},
      {{.body = R"({"token":17})"}, Code::corrupt, "no usable token"},
      {{.body = std::string(70000, ' ')}, Code::limit_bytes, "65536"},
      {{.status = 302, .headers = {{"Location", "/other"}}}, Code::refused, "redirect"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.says);
    HttpStub stub([&](const auto&) { return c.reply; });
    const auto http = client();
    auto auth = authenticator(*http, {.username = "me", .password = kSecret});
    REQUIRE(auth.remember({bearer(stub)}).has_value());
    const auto header = auth.header(nullptr);
    REQUIRE_FALSE(header.has_value());
    CHECK(header.error().code == c.code);
    CHECK(has(header.error().what, c.says));
    CHECK(header.error().what.find(kSecret) == std::string::npos);
    CHECK(header.error().what.find(base64_encode("me:" + kSecret)) == std::string::npos);
  }
}

TEST_CASE("auth: an unknown scheme is named, and secrets that a server echoes are taken out") {
  const auto http = client();
  auto auth = authenticator(*http, {.username = "me", .password = kSecret});
  const auto result = auth.remember({{.scheme = "negotiate"}, {.scheme = "ntlm"}});
  REQUIRE_FALSE(result.has_value());
  CHECK(has(result.error().what, "negotiate"));
  CHECK(auth.redacted("pw hunter22, hunter22 " + base64_encode("me:hunter22") + ".") ==
        "pw ***, *** ***.");
}
