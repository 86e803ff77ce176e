#include "acquire/http.h"

#include <doctest/doctest.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>

#include "support/http_stub.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;
using std::chrono::milliseconds;
using test::HttpStub;

namespace {

// A client whose waits are kept in a list and not waited for.
struct Fixture {
  std::vector<milliseconds> waits;
  std::unique_ptr<HttpClient> http;

  explicit Fixture(HttpSettings settings = {}) {
    settings.sleep = [this](milliseconds time) { waits.push_back(time); };
    http = std::move(*HttpClient::create(std::move(settings)));
  }
  tl::expected<Response, HttpFailure> get(const std::string& url, int redirects = 5) const {
    return http->send({.url = *parse_url(url), .redirects = redirects});
  }
};

std::string error_of(const tl::expected<Response, HttpFailure>& result) {
  return result ? "no error, status " + std::to_string(result->status) : result.error().error.what;
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

struct Collect : BodySink {
  bool on_head(const Response& head) override {
    ++heads;
    status = head.status;
    return true;
  }
  bool on_bytes(ByteView bytes) override {
    text += as_text(bytes);
    return text.size() <= stop_after;
  }
  int heads = 0;
  int status = 0;
  std::string text;
  std::size_t stop_after = ~std::size_t{0};
};

}  // namespace

TEST_CASE(
    "http: status, headers of any case and repeated, and body come back; no compression is asked "
    "for") {
  HttpStub stub([](const auto&) {
    return HttpStub::Reply{.status = 404,
                           .headers = {{"WWW-Authenticate", "a"}, {"www-authenticate", "b"}},
                           .body = "gone"};
  });
  const Fixture f;
  const auto response = f.get(stub.url("/x"));
  REQUIRE(response.has_value());
  CHECK(response->status == 404);
  CHECK(response->body == "gone");
  CHECK(response->headers.at("www-authenticate") == std::vector<std::string>{"a", "b"});
  CHECK(response->network == AddressClass::loopback);
  CHECK(stub.requests().at(0).header("accept-encoding") == "identity");
  CHECK(stub.requests()[0].header("user-agent") == "minescan");
}

TEST_CASE("http: Authorization stays with its origin, wherever redirects lead") {
  HttpStub other([](const auto&) { return HttpStub::Reply{.body = "blob"}; });
  HttpStub home([&](const HttpStub::Request& request) {
    if (request.target == "/end") return HttpStub::Reply{.body = "here"};
    return HttpStub::Reply{
        .status = 307,
        .headers = {{"Location", request.target == "/same" ? "/end" : other.url("/x?sig=1")}}};
  });
  const Fixture f;
  const auto send = [&](const std::string& path) {
    return f.http->send({.url = *parse_url(home.url(path)),
                         .headers = {"Range: bytes=5-"},
                         .authorization = "Bearer t",
                         .redirects = 5});
  };
  CHECK(send("/same")->body == "here");
  CHECK(home.requests().at(1).header("authorization") == "Bearer t");
  const auto away = send("/away");
  CHECK(away->body == "blob");
  CHECK(away->url.text == other.url("/x?sig=1"));
  CHECK(other.requests().at(0).header("authorization").empty());
  CHECK(other.requests()[0].header("range") == "bytes=5-");
}

TEST_CASE(
    "http: five redirects are followed and a sixth is an error, as is any where none may be") {
  HttpStub stub([](const HttpStub::Request& request) {
    const int left = std::stoi(request.target.substr(1));
    if (left == 0) return HttpStub::Reply{.body = "end"};
    return HttpStub::Reply{.status = 302,
                           .headers = {{"Location", "/" + std::to_string(left - 1)}}};
  });
  const Fixture f;
  CHECK(f.get(stub.url("/5"))->body == "end");
  CHECK(has(error_of(f.get(stub.url("/6"))), "after 5 redirects"));
  CHECK(has(error_of(f.get(stub.url("/1"), 0)), "nothing may redirect"));
  CHECK(f.get(stub.url("/1"), Request::kRedirectIsAnswer)->status == 302);
}

TEST_CASE(
    "http: a redirect to another scheme, plain HTTP elsewhere or another network is not followed") {
  std::string location;
  HttpStub stub([&](const auto&) {
    return HttpStub::Reply{.status = 302, .headers = {{"Location", location}}};
  });
  const Fixture f;
  for (const char* target :
       {"file:///etc/passwd", "gopher://127.0.0.1/", "http://registry.example/", "", "https://",
        "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[fe80::1]/"}) {
    CAPTURE(target);
    location = target;
    const auto result = f.get(stub.url("/"));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error.code == Code::refused);
  }
}

TEST_CASE("http: a server on the internet cannot lead to loopback, whether by number or by name") {
  HttpStub stub([](const auto&) { return HttpStub::Reply{}; });
  const std::string port = stub.host().substr(stub.host().find(':'));
  const Fixture f;
  for (const std::string& url :
       {"http://127.0.0.1" + port, "http://localhost" + port, "https://x.localhost" + port,
        "http://[::ffff:127.0.0.1]" + port}) {
    CAPTURE(url);
    const auto result =
        f.http->send({.url = *parse_url(url), .led_from = AddressClass::open, .once = true});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().error.code == Code::refused);
  }
  CHECK(stub.connections() == 0);
}

TEST_CASE("http: a kept connection is used again, but not by someone who may not lead there") {
  HttpStub stub([](const auto&) { return HttpStub::Reply{.keep_alive = true}; });
  const std::string url = "http://localhost" + stub.host().substr(stub.host().find(':')) + "/";
  const Fixture f;
  CHECK(f.get(url)->status == 200);
  CHECK(f.get(url)->status == 200);
  CHECK(stub.connections() == 1);
  const auto result = f.http->send({.url = *parse_url(url), .led_from = AddressClass::open});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().error.code == Code::refused);
  CHECK(stub.requests().size() == 2);
}

TEST_CASE("http: plain HTTP goes to loopback and to hosts that are named for it, exactly") {
  HttpSettings settings;
  settings.insecure = {"registry.example:5000", "Other.example"};
  const Fixture f(std::move(settings));
  const auto plain = [&](const char* url) { return f.http->may_be_plain(*parse_url(url)); };
  CHECK(plain("http://registry.example:5000/"));
  CHECK_FALSE(plain("http://registry.example/"));
  CHECK_FALSE(plain("http://registry.example:5001/"));
  CHECK_FALSE(plain("http://sub.registry.example:5000/"));
  CHECK(plain("http://other.example/"));
  CHECK(plain("https://other.example/"));
  CHECK_FALSE(plain("https://other.example:5000/"));
  CHECK(plain("http://x.localhost:1/"));
  CHECK_FALSE(plain("http://10.0.0.1/"));
  CHECK(has(error_of(f.get("http://10.0.0.1/")), "--insecure 10.0.0.1"));
}

TEST_CASE(
    "http: 429 is tried five times and waits as long as Retry-After says, in seconds or to a "
    "date") {
  std::string after = "7";
  HttpStub stub([&](const auto&) {
    return HttpStub::Reply{.status = 429, .headers = {{"Retry-After", after}}};
  });
  Fixture f;
  CHECK(f.get(stub.url("/"))->status == 429);
  CHECK(stub.requests().size() == 5);
  REQUIRE(f.waits.size() == 4);
  for (const milliseconds wait : f.waits) {
    CHECK(wait >= milliseconds(7000));
    CHECK(wait <= milliseconds(7700));
  }
  f.waits.clear();
  const std::time_t when = std::time(nullptr) + 60;
  char date[64];
  std::tm utc{};
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", ::gmtime_r(&when, &utc));
  after = date;
  CHECK(f.get(stub.url("/"))->status == 429);
  REQUIRE(f.waits.size() == 4);
  CHECK(f.waits[0] >= milliseconds(50000));
  CHECK(f.waits[0] <= milliseconds(66000));
}

TEST_CASE("http: nobody waits for a Retry-After of more than two minutes") {
  for (const char* after : {"121", "1000000000", "99999999999999999999999"}) {
    HttpStub stub([&](const auto&) {
      return HttpStub::Reply{.status = 429, .headers = {{"Retry-After", after}}};
    });
    const Fixture f;
    CHECK(f.get(stub.url("/"))->status == 429);
    CHECK(stub.requests().size() == 1);
    CHECK(f.waits.empty());
  }
}

TEST_CASE("http: failures that pass are tried four times with growing waits, others once") {
  int status = 0;
  HttpStub stub([&](const auto&) { return HttpStub::Reply{.status = status}; });
  for (const int passing : {408, 499, 500, 502, 503, 504, 522}) {
    CAPTURE(passing);
    status = passing;
    Fixture f;
    const std::size_t before = stub.requests().size();
    CHECK(f.get(stub.url("/"))->status == passing);
    CHECK(stub.requests().size() - before == 4);
    REQUIRE(f.waits.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(f.waits[i] >= milliseconds(1000 << i));
      CHECK(f.waits[i] <= milliseconds(1100 << i));
    }
  }
  for (const int final : {400, 401, 403, 404, 501}) {
    status = final;
    const Fixture f;
    CHECK(f.get(stub.url("/"))->status == final);
    CHECK(f.waits.empty());
  }
}

TEST_CASE("http: a broken connection is tried again, but never after the sink has seen bytes") {
  std::atomic<int> broken = 2;
  HttpStub stub([&](const auto&) {
    if (broken-- > 0) return HttpStub::Reply{.raw = ""};
    return HttpStub::Reply{.body = "abc", .length = 10};
  });
  const Fixture f;
  Collect sink;
  const auto result = f.http->send({.url = *parse_url(stub.url("/")), .sink = &sink});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().error.code == Code::unreachable);
  CHECK(result.error().delivered);
  CHECK(sink.heads == 1);
  CHECK(sink.text == "abc");
  CHECK(stub.requests().size() == 3);
  CHECK(f.waits.size() == 2);
}

TEST_CASE(
    "http: bodies and headers have their limits, and of an error's body the beginning is enough") {
  HttpStub stub([](const HttpStub::Request& request) {
    if (request.target == "/headers") {
      return HttpStub::Reply{
          .headers = {{"X-A", std::string(40000, 'a')}, {"X-B", std::string(40000, 'b')}}};
    }
    return HttpStub::Reply{.status = request.target == "/good" ? 200 : 400,
                           .body = std::string(100000, 'x'),
                           .no_length = true};
  });
  const Fixture f;
  CHECK(has(error_of(f.get(stub.url("/good"))), "longer than 65536"));
  CHECK(f.get(stub.url("/good")).error().error.code == Code::limit_bytes);
  CHECK(has(error_of(f.get(stub.url("/headers"))), "headers longer than 65536"));
  CHECK(f.get(stub.url("/bad"))->body.size() == 65536);
}

TEST_CASE("http: a sink sees only the body of a success, and may end it") {
  HttpStub stub([](const HttpStub::Request& request) {
    return HttpStub::Reply{.status = request.target == "/bad" ? 404 : 200,
                           .body = std::string(1 << 20, 'x')};
  });
  const Fixture f;
  Collect sink;
  CHECK(f.http->send({.url = *parse_url(stub.url("/bad")), .sink = &sink})->status == 404);
  CHECK(sink.heads == 0);
  CHECK(sink.text.empty());
  sink.stop_after = 1000;
  CHECK_FALSE(f.http->send({.url = *parse_url(stub.url("/good")), .sink = &sink}).has_value());
  CHECK(sink.text.size() < 1 << 20);
}

TEST_CASE("http: a server that says nothing is given up, and cancelling does not wait for it") {
  HttpStub stub([](const auto&) { return HttpStub::Reply{.raw = "", .stall_ms = 60000}; });
  HttpSettings settings;
  settings.stall = std::chrono::seconds(1);
  const Fixture f(std::move(settings));
  auto result = f.http->send({.url = *parse_url(stub.url("/")), .once = true});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().error.code == Code::unreachable);

  const Fixture patient;
  Cancel cancel;
  std::thread canceller([&] {
    while (stub.requests().size() < 2) std::this_thread::sleep_for(milliseconds(5));
    cancel.cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  result = patient.http->send({.url = *parse_url(stub.url("/")), .cancel = &cancel});
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(900));
  canceller.join();
  CHECK_FALSE(result.has_value());
}

TEST_CASE("http: a CA file that cannot be used is an error before any connection") {
  const test::TempDir dir;
  const auto problem = [](const std::string& file) {
    const auto made = HttpClient::create({.ca_file = file});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Code::usage);
    return made.error().what;
  };
  CHECK(has(problem(dir.path() + "/absent.pem"), "absent.pem cannot be read"));
  CHECK(has(problem(dir.write("a.pem", "text")), "no PEM certificate"));
}

TEST_CASE("http: nothing listens there is told soon and by name") {
  std::string url;
  {
    HttpStub gone([](const auto&) { return HttpStub::Reply{}; });
    url = gone.url("/");
  }
  const Fixture f;
  const auto result = f.get(url);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().error.code == Code::unreachable);
  CHECK(f.waits.size() == 2);
  CHECK(has(error_of(result), url.substr(0, url.size() - 1)));
}

TEST_CASE("http: a POST carries its form, and a HEAD waits for no body") {
  HttpStub stub([](const auto&) { return HttpStub::Reply{.body = "abc"}; });
  const Fixture f;
  const Url url = *parse_url(stub.url("/"));
  CHECK(f.http->send({.method = Request::Method::post, .url = url, .body = "a=b"})->body == "abc");
  CHECK(stub.requests().at(0).body == "a=b");
  const auto head = f.http->send({.method = Request::Method::head, .url = url});
  REQUIRE(head.has_value());
  CHECK(head->header("content-length") == "3");
  CHECK(head->body.empty());
  // A kept handle forgets what it did before.
  CHECK(f.get(stub.url("/"))->body == "abc");
  CHECK(stub.requests().at(2).method == "GET");
}
