#include "acquire/registry.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/base64.h"
#include "base/digest.h"
#include "support/http_stub.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;
using test::HttpStub;
using Reply = HttpStub::Reply;

namespace {

const std::string kManifest = R"({"schemaVersion":2,"layers":[]})";
const std::string kType = "application/vnd.oci.image.manifest.v1+json";
const std::string kSecret = "hunter22";
const std::string kLogin = "Basic " + base64_encode("me:" + kSecret);

std::string digest(const std::string& bytes) { return sha256(as_bytes(bytes)); }

HttpSettings quiet() {
  HttpSettings settings;
  settings.sleep = [](std::chrono::milliseconds) {};
  settings.environment.variables = {{"HOME", "/nonexistent-home"},
                                    {"XDG_RUNTIME_DIR", "/nonexistent-run"}};
  return settings;
}

Options login() { return {.username = "me", .password = kSecret}; }

Result<std::unique_ptr<ImageSource>> open(const HttpStub& stub, const std::string& rest,
                                          const Options& options = {}) {
  return open_registry(stub.host() + "/" + rest, options, quiet());
}

Reply manifest() { return {.headers = {{"Content-Type", kType}}, .body = kManifest}; }

Reply unauthorised(const std::string& challenge, const std::string& body = "") {
  return {.status = 401, .headers = {{"WWW-Authenticate", challenge}}, .body = body};
}

// Wants the token "good" for everything; gives it to anyone.
Reply with_token(const HttpStub::Request& request, const Reply& reply) {
  if (request.path() == "/token") return {.body = R"({"token":"good"})"};
  if (request.header("authorization") == "Bearer good") return reply;
  return unauthorised("Bearer realm=\"http://" + request.header("host") +
                      "/token\",service=\"s\",scope=\"repository:team/app:pull\"");
}

std::string read_all(Source& source) {
  std::string text;
  for (ByteView bytes = source.peek(1); !bytes.empty(); bytes = source.peek(1)) {
    text += as_text(bytes);
    source.skip(bytes.size());
  }
  return text;
}

template <class T>
Error error_of(const Result<T>& result) {
  if (result) return {Code::internal, "no error"};
  CHECK(result.error().what.find(kSecret) == std::string::npos);
  CHECK(result.error().what.find(kLogin.substr(6)) == std::string::npos);
  return result.error();
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

int count(const HttpStub& stub, const std::string& path) {
  int n = 0;
  for (const auto& request : stub.requests()) n += request.path() == path;
  return n;
}

}  // namespace

TEST_CASE("registry: a tag is fetched with every manifest type accepted, its digest is computed") {
  HttpStub stub([](const HttpStub::Request& request) {
    if (request.target == "/v2/") return Reply{.body = "{}"};
    return Reply{.headers = {{"Content-Type", kType + "; charset=utf-8"},
                             {"Docker-Content-Digest", digest(kManifest)}},
                 .body = kManifest};
  });
  const auto source = open(stub, "team/app:1");
  REQUIRE(source.has_value());
  CHECK((*source)->name() == stub.host() + "/team/app:1");
  const auto root = (*source)->root();
  REQUIRE(root.has_value());
  CHECK(root->bytes == kManifest);
  CHECK(root->media_type == kType);
  CHECK(root->digest == digest(kManifest));
  const auto request = stub.requests().at(1);
  CHECK(request.target == "/v2/team/app/manifests/1");
  for (const char* type : {"application/vnd.oci.image.index.v1+json", kType.c_str(),
                           "application/vnd.docker.distribution.manifest.list.v2+json",
                           "application/vnd.docker.distribution.manifest.v2+json",
                           "application/vnd.docker.distribution.manifest.v1+prettyjws"}) {
    CHECK(has(request.header("accept"), type));
  }
  CHECK(request.header("authorization").empty());
}

TEST_CASE("registry: HTTPS is tried before plain HTTP, and plain HTTP is told") {
  HttpStub stub([](const auto&) { return manifest(); });
  const auto source = *open(stub, "app");
  CHECK(stub.connections() == 2);
  CHECK(stub.requests().size() == 1);
  CHECK(source->notes() == std::vector<std::string>{"plain HTTP was used for " + stub.host()});
}

TEST_CASE("registry: a digest is verified over the raw bytes, and decides over a tag") {
  HttpStub stub([](const HttpStub::Request& request) {
    return request.target == "/v2/" ? Reply{} : manifest();
  });
  const auto right = *open(stub, "app:ignored@" + digest(kManifest));
  CHECK(right->root()->digest == digest(kManifest));
  CHECK(stub.requests().at(1).target == "/v2/app/manifests/" + digest(kManifest));
  const auto wrong = *open(stub, "app@" + digest("other"));
  CHECK(error_of(wrong->root()).code == Code::integrity);
}

TEST_CASE("registry: a Docker-Content-Digest that is not true is an integrity failure") {
  for (const std::string& claim :
       {digest("other"), std::string("sha256:zz"), std::string("x\x01y")}) {
    HttpStub stub([&](const HttpStub::Request& request) {
      return request.target == "/v2/"
                 ? Reply{}
                 : Reply{.headers = {{"Docker-Content-Digest", claim}}, .body = kManifest};
    });
    const auto source = *open(stub, "app");
    CHECK(error_of(source->root()).code == Code::integrity);
  }
}

TEST_CASE("registry: a manifest of 4 MiB is read, one byte more is a limit") {
  std::size_t size = 4 << 20;
  HttpStub stub([&](const HttpStub::Request& request) {
    return request.target == "/v2/" ? Reply{} : Reply{.body = std::string(size, ' ')};
  });
  const auto source = *open(stub, "app");
  CHECK(source->root()->bytes.size() == size);
  ++size;
  CHECK(error_of(source->root()).code == Code::limit_bytes);
}

TEST_CASE("registry: a manifest that comes compressed is refused with the reason") {
  HttpStub stub([](const HttpStub::Request& request) {
    return request.target == "/v2/" ? Reply{}
                                    : Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = "x"};
  });
  const auto source = *open(stub, "app");
  CHECK(has(error_of(source->root()).what, "Content-Encoding 'gzip'"));
}

TEST_CASE(
    "registry: documents come from manifests/ or blobs/ by their type, with size and digest "
    "checked") {
  const std::string config = "{\"os\":\"linux\"}";
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.target == "/v2/") return Reply{};
    return Reply{.body = request.path().find("/blobs/") != std::string::npos ? config : kManifest};
  });
  const auto source = *open(stub, "app");
  const Descriptor m{.media_type = kType, .digest = digest(kManifest), .size = kManifest.size()};
  const Descriptor c{.media_type = "application/vnd.oci.image.config.v1+json",
                     .digest = digest(config),
                     .size = config.size()};
  CHECK(source->document(m)->bytes == kManifest);
  CHECK(source->document(c)->bytes == config);
  CHECK(count(stub, "/v2/app/manifests/" + m.digest) == 1);
  CHECK(count(stub, "/v2/app/blobs/" + c.digest) == 1);
  const auto before = stub.requests().size();
  Descriptor bad = c;
  bad.size = (4 << 20) + 1;
  CHECK(error_of(source->document(bad)).code == Code::limit_bytes);
  bad.digest = "sha256:../../secret";
  bad.size = 1;
  CHECK(error_of(source->document(bad)).code == Code::unsupported);
  CHECK(error_of(source->blob(bad)).code == Code::unsupported);
  CHECK(stub.requests().size() == before);
  bad = c;
  bad.size = config.size() + 1;
  CHECK(error_of(source->document(bad)).code == Code::integrity);
  bad = c;
  bad.digest = digest("other");
  CHECK(error_of(source->document(bad)).code == Code::integrity);
}

TEST_CASE("registry: one token serves the ping's challenge, the manifest and the blobs") {
  HttpStub stub([](const HttpStub::Request& request) { return with_token(request, manifest()); });
  const auto source = *open(stub, "team/app", login());
  CHECK(source->root().has_value());
  CHECK(source->root().has_value());
  CHECK(count(stub, "/token") == 1);
  for (const auto& request : stub.requests()) {
    CHECK(request.header("authorization") == (request.path() == "/token" ? kLogin
                                              : request.target == "/v2/" ? ""
                                                                         : "Bearer good"));
  }
}

TEST_CASE("registry: Basic is sent on each request, and only to the registry") {
  HttpStub storage([](const auto&) { return Reply{.body = "layer"}; });
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.header("authorization") != kLogin) return unauthorised("Basic realm=\"r\"");
    if (request.path().find("/blobs/") == std::string::npos) return manifest();
    return Reply{.status = 307, .headers = {{"Location", storage.url("/data?sig=1")}}};
  });
  const auto source = *open(stub, "app", login());
  CHECK(source->root().has_value());
  auto blob = source->blob({.digest = digest("layer"), .size = 5});
  REQUIRE(blob.has_value());
  CHECK(read_all(**blob) == "layer");
  CHECK_FALSE((*blob)->fault().has_value());
  CHECK(storage.requests().at(0).header("authorization").empty());
}

TEST_CASE("registry: 200 to the ping and 401 to the manifest is one more way to ask for a token") {
  HttpStub stub([](const HttpStub::Request& request) {
    return request.target == "/v2/" ? Reply{} : with_token(request, manifest());
  });
  CHECK((*open(stub, "team/app"))->root().has_value());
}

TEST_CASE("registry: a 401 without challenge is answered by what the ping asked for") {
  HttpStub stub([](const HttpStub::Request& request) {
    Reply reply = with_token(request, manifest());
    if (reply.status == 401 && request.target != "/v2/") reply.headers.clear();
    return reply;
  });
  CHECK((*open(stub, "team/app"))->root().has_value());
}

TEST_CASE(
    "registry: insufficient scope is asked for once more with the scope that is named, and no "
    "oftener") {
  std::atomic<int> tokens = 0;
  std::atomic<bool> generous = true;
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.path() == "/token") {
      ++tokens;
      const bool wide = request.target.find("base%2fos") != std::string::npos;
      return Reply{.body = std::string("{\"token\":\"") + (wide ? "wide" : "narrow") + "\"}"};
    }
    if (generous && request.header("authorization") == "Bearer wide") return manifest();
    return unauthorised("Bearer realm=\"http://" + request.header("host") +
                        "/token\",error=\"insufficient_scope\"" +
                        (request.target == "/v2/" ? "" : ",scope=\"repository:base/os:pull\""));
  });
  CHECK((*open(stub, "team/app"))->root().has_value());
  CHECK(tokens == 2);
  generous = false;
  tokens = 0;
  const Error error = error_of((*open(stub, "team/app"))->root());
  CHECK(error.code == Code::refused);
  CHECK(tokens == 2);
}

TEST_CASE(
    "registry: who is not let in learns what was said and where credentials were looked for") {
  const std::string body = R"({"errors":[{"code":"DENIED","message":"go \u001b[31maway )" +
                           kSecret + R"(","detail":{}}]})";
  for (const int status : {401, 403}) {
    HttpStub stub([&](const HttpStub::Request& request) {
      if (request.target == "/v2/") return Reply{};
      return status == 401 ? unauthorised("Basic realm=\"r\"", body)
                           : Reply{.status = 403, .body = body};
    });
    // Who has no login cannot know that the server tells one.
    const Error anonymous = (*open(stub, "app"))->root().error();
    CHECK(anonymous.code == Code::refused);
    CHECK(has(anonymous.what, "not found or is not authorised"));
    CHECK(has(anonymous.what, "answered " + std::to_string(status) + ": DENIED: go \\x1b[31maway"));
    CHECK(has(anonymous.what, "/nonexistent-run/containers/auth.json (absent)"));
    CHECK(has(anonymous.what, "/nonexistent-home/.docker/config.json (absent)"));
    const Error known = error_of((*open(stub, "app", login()))->root());
    CHECK(has(known.what, "the login from the command line was used"));
    CHECK(has(known.what, "away ***"));
  }
}

TEST_CASE("registry: what is not there, and what does not work, are told apart") {
  int status = 404;
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.target == "/v2/") return Reply{};
    return Reply{.status = status,
                 .headers = {{"Retry-After", "5000"}},
                 .body = status == 404 ? R"({"errors":[{"code":"MANIFEST_UNKNOWN"}]})"
                                       : "<html>\x1b[2J busy</html>"};
  });
  const auto source = *open(stub, "app");
  Error error = error_of(source->root());
  CHECK(error.code == Code::not_found);
  CHECK(has(error.what, "answered 404: MANIFEST_UNKNOWN"));
  CHECK(error_of(source->blob({.digest = digest("x"), .size = 1})).code == Code::not_found);
  for (const int busy : {429, 503}) {
    status = busy;
    error = error_of(source->root());
    CHECK(error.code == Code::unreachable);
    CHECK(has(error.what,
              "answered " + std::to_string(busy) + "; it asks to be left alone for 5000"));
  }
}

TEST_CASE("registry: a ping that is hidden does not matter, one that fails does") {
  int status = 404;
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.target != "/v2/") return manifest();
    return Reply{.status = status, .headers = {{"Location", "/login"}}};
  });
  for (const int hidden : {404, 403, 302}) {
    status = hidden;
    CHECK((*open(stub, "app"))->root().has_value());
  }
  status = 503;
  CHECK(error_of(open(stub, "app")).code == Code::unreachable);
}

TEST_CASE("registry: a challenge that nobody can answer is an error that names it") {
  HttpStub stub([](const auto&) { return unauthorised("Negotiate"); });
  CHECK(has(error_of(open(stub, "app")).what, "'negotiate'"));
}

TEST_CASE(
    "registry: another registry behind a redirect is asked as nobody, and never sees the login") {
  HttpStub other([](const HttpStub::Request& request) {
    if (request.path() == "/token") return Reply{.body = R"({"token":"stranger"})"};
    if (request.header("authorization") == "Bearer stranger") return manifest();
    return unauthorised("Bearer realm=\"http://" + request.header("host") + "/token\"");
  });
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.target == "/v2/") return unauthorised("Basic realm=\"r\"");
    return Reply{.status = 307, .headers = {{"Location", other.url("/v2/mirror/app/manifests/1")}}};
  });
  CHECK((*open(stub, "app:1", login()))->root().has_value());
  REQUIRE(other.requests().size() == 3);
  CHECK(other.requests()[1].target == "/token?scope=repository%3amirror%2fapp%3apull");
  for (const auto& request : other.requests()) {
    CHECK(request.header("authorization").find("Basic") == std::string::npos);
  }
}

TEST_CASE(
    "registry: a blob that breaks off goes on from the registry's own address, not the storage's") {
  const std::string layer(300000, 'l');
  std::atomic<int> served = 0;
  HttpStub storage([&](const HttpStub::Request& request) {
    if (++served == 1) return Reply{.body = layer.substr(0, 100000), .length = layer.size()};
    return Reply{.status = 206,
                 .headers = {{"Content-Range", "bytes 100000-299999/300000"}},
                 .body = request.header("range") == "bytes=100000-" ? layer.substr(100000) : "?"};
  });
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.target == "/v2/") return Reply{};
    return Reply{.status = 302,
                 .headers = {{"Location", storage.url("/x?sig=" + std::to_string(served))}}};
  });
  const Descriptor what{.digest = digest(layer), .size = layer.size()};
  auto blob = *(*open(stub, "app"))->blob(what);
  CHECK(read_all(*blob) == layer);
  CHECK_FALSE(blob->fault().has_value());
  CHECK(count(stub, "/v2/app/blobs/" + what.digest) == 2);
  CHECK(storage.requests().at(1).target == "/x?sig=1");
}

TEST_CASE("registry: a server without ranges starts anew, chunked or without length") {
  const std::string layer(300000, 'l');
  std::atomic<int> served = 0;
  HttpStub stub([&](const HttpStub::Request& request) {
    if (request.target == "/v2/") return Reply{};
    if (++served == 1) return Reply{.body = layer.substr(0, 100000), .length = layer.size()};
    return Reply{.body = layer, .no_length = true};
  });
  auto blob = *(*open(stub, "app"))->blob({.digest = digest(layer), .size = layer.size()});
  CHECK(read_all(*blob) == layer);
  CHECK_FALSE(blob->fault().has_value());
  CHECK(served == 2);
}

TEST_CASE("registry: a blob with wrong bytes, too many or too few is an integrity fault") {
  std::string body;
  HttpStub stub([&](const HttpStub::Request& request) {
    return request.target == "/v2/" ? Reply{} : Reply{.body = body};
  });
  const auto source = *open(stub, "app");
  for (const char* bytes : {"layex", "layer!", "laye"}) {
    CAPTURE(bytes);
    body = bytes;
    auto blob = *source->blob({.digest = digest("layer"), .size = 5});
    read_all(*blob);
    REQUIRE(blob->fault().has_value());
    CHECK(blob->fault()->code == Code::integrity);
  }
}

TEST_CASE("registry: an old token is replaced in the middle of a scan") {
  std::atomic<int> generation = 1;
  HttpStub stub([&](const HttpStub::Request& request) {
    const std::string good = "t" + std::to_string(generation);
    if (request.path() == "/token") return Reply{.body = "{\"token\":\"" + good + "\"}"};
    if (request.header("authorization") == "Bearer " + good) return manifest();
    return unauthorised("Bearer realm=\"http://" + request.header("host") + "/token\"");
  });
  const auto source = *open(stub, "app");
  CHECK(source->root().has_value());
  generation = 2;
  CHECK(source->root().has_value());
  CHECK(count(stub, "/token") == 2);
}

TEST_CASE("registry: warnings of the registry are notes, each once and harmless") {
  HttpStub stub([](const HttpStub::Request& request) {
    Reply reply = request.target == "/v2/" ? Reply{} : manifest();
    reply.headers.emplace_back("Warning", "299 - \"goes \\\"away\\\" \x1b[31msoon\"");
    reply.headers.emplace_back("Warning", "110 - \"stale\"");
    return reply;
  });
  const auto source = *open(stub, "app");
  CHECK(source->root().has_value());
  CHECK(source->notes() ==
        std::vector<std::string>{stub.host() + " says: goes \"away\" \\x1b[31msoon",
                                 "plain HTTP was used for " + stub.host()});
}

TEST_CASE("registry: several blobs download at once over one token, and outlive their image") {
  constexpr int kBlobs = 8;
  std::vector<std::string> layers;
  for (int i = 0; i < kBlobs; ++i) layers.emplace_back(200000 + i, static_cast<char>('a' + i));
  HttpStub stub([&](const HttpStub::Request& request) {
    for (const std::string& layer : layers) {
      if (request.target == "/v2/team/app/blobs/" + digest(layer)) {
        return with_token(request, {.body = layer});
      }
    }
    return with_token(request, manifest());
  });
  auto image = *open(stub, "team/app");
  std::vector<std::unique_ptr<Source>> sources(kBlobs);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kBlobs; ++i) {
    threads.emplace_back([&, i] {
      auto blob = image->blob({.digest = digest(layers[i]), .size = layers[i].size()});
      if (blob) sources[i] = std::move(*blob);
    });
  }
  for (std::thread& thread : threads) thread.join();
  image.reset();
  for (std::size_t i = 0; i < kBlobs; ++i) {
    REQUIRE(sources[i] != nullptr);
    CHECK(read_all(*sources[i]) == layers[i]);
    CHECK_FALSE(sources[i]->fault().has_value());
  }
  CHECK(count(stub, "/token") == 1);
}

TEST_CASE("registry: who stops reading does not wait for a server that has stopped sending") {
  HttpStub stub([](const HttpStub::Request& request) {
    if (request.target == "/v2/") return Reply{};
    return Reply{.body = "lay", .length = 5, .stall_ms = 60000};
  });
  const auto source = *open(stub, "app");
  const auto begin = std::chrono::steady_clock::now();
  {
    auto blob = *source->blob({.digest = digest("layer"), .size = 5});
    CHECK(as_text(blob->peek(1)) == "lay");
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(900));
}

TEST_CASE("registry: a login for one registry is not shown to another") {
  const test::TempDir dir;
  HttpStub stub([](const HttpStub::Request& request) {
    return request.header("authorization").empty() ? unauthorised("Basic realm=\"r\"") : manifest();
  });
  const auto write = [&](const std::string& key) {
    dir.write(".docker/config.json",
              "{\"auths\":{\"" + key + "\":{\"auth\":\"" + kLogin.substr(6) + "\"}}}");
  };
  HttpSettings settings = quiet();
  settings.environment.variables["HOME"] = dir.path();
  write(stub.host() + "1");
  auto source = *open_registry("docker://" + stub.host() + "/app", {}, settings);
  CHECK(has(error_of(source->root()).what, "no entry for " + stub.host()));
  for (const auto& request : stub.requests()) CHECK(request.header("authorization").empty());
  write(stub.host());
  source = *open_registry("docker://" + stub.host() + "/app", {}, settings);
  CHECK(source->root().has_value());
}

TEST_CASE(
    "registry: a broken reference, CA file or credentials file is an error before any connection") {
  HttpStub stub([](const auto&) { return manifest(); });
  CHECK(error_of(open_registry("UPPER/case/App", {}, quiet())).code == Code::usage);
  CHECK(error_of(open(stub, "app", {.ca_file = "/nonexistent.pem"})).code == Code::usage);
  HttpSettings settings = quiet();
  settings.environment.variables["REGISTRY_AUTH_FILE"] = "/nonexistent.json";
  CHECK(error_of(open_registry(stub.host() + "/app", {}, settings)).code == Code::usage);
  CHECK(stub.connections() == 0);
}
