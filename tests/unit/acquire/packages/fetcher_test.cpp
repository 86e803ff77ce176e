#include "acquire/packages/fetcher.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "acquire/packages/transfers.h"
#include "base/digest.h"
#include "support/http_stub.h"
#include "support/reading.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

using Pages = std::map<std::string, std::string>;  // by path

test::HttpStub::Handler serving(const Pages& pages) {
  return [&pages](const test::HttpStub::Request& request) -> test::HttpStub::Reply {
    const auto at = pages.find(request.path());
    if (at == pages.end()) return {.status = 404};
    return {.body = at->second};
  };
}

std::string sha(const std::string& bytes) { return sha256(as_bytes(bytes)).substr(7); }

// A fetcher that sees nothing of the machine.
struct Setting {
  test::TempDir home;
  Options options;
  HttpSettings http;

  explicit Setting(const std::string& registry) {
    http.environment.variables = {{"HOME", home.path()}};
    http.sleep = [](std::chrono::milliseconds) {};
    options.packages.npm_registry = registry;
    options.packages.project_files.emplace();
  }
  std::unique_ptr<PackageFetcher> fetcher() const {
    return std::move(*PackageFetcher::create(options, http));
  }
};

Dependency npm(const std::string& name, const std::string& version, const std::string& url = "",
               const std::string& sha256_hex = "") {
  Dependency dependency{.name = name, .version = version};
  if (!url.empty() || !sha256_hex.empty()) {
    PackageFile file{.url = url};
    if (!sha256_hex.empty()) file.integrity = {{"sha256", sha256_hex}};
    dependency.files.push_back(std::move(file));
  }
  return dependency;
}

Result<std::string> read(PackageFetcher& fetcher, const Unit& unit) {
  auto source = fetcher.opener()->open(unit);
  if (!source) return tl::unexpected<Error>(source.error());
  auto bytes = test::read_all(**source);
  if (bytes.fault) return tl::unexpected<Error>(*bytes.fault);
  return bytes.bytes;
}

std::string document(const std::string& url, const std::string& sri) {
  return R"({"dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"dist":{"tarball":")" + url +
         R"(","integrity":")" + sri + R"("}}}})";
}

}  // namespace

TEST_CASE("fetcher: an entry with a URL is fetched from there, and the registry is not asked") {
  const Pages pages = {{"/a.tgz", "bytes of a"}};
  const test::HttpStub stub(serving(pages));
  const Setting setting(stub.url("/"));
  const auto fetcher = setting.fetcher();
  const auto units = fetcher->units(npm("a", "1.0.0", stub.url("/a.tgz"), sha("bytes of a")));
  REQUIRE(units.has_value());
  REQUIRE(units->size() == 1);
  CHECK(units->at(0).name == "npm:a@1.0.0");
  CHECK(units->at(0).kind == Unit::Kind::file);
  CHECK(units->at(0).digest == "sha256:" + sha("bytes of a"));
  CHECK(stub.requests().empty());
  CHECK(read(*fetcher, units->at(0)) == "bytes of a");
  CHECK(stub.requests().size() == 1);
}

TEST_CASE("fetcher: an entry without a URL takes the registry's, and the lockfile's digest") {
  Pages pages = {{"/a.tgz", "bytes of a"}};
  const test::HttpStub stub(serving(pages));
  pages["/a"] = document("/a.tgz", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=");  // of nothing
  const Setting setting(stub.url("/"));
  const auto fetcher = setting.fetcher();
  const auto right = fetcher->units(npm("a", "1.0.0", "", sha("bytes of a")));
  REQUIRE(right.has_value());
  CHECK(read(*fetcher, right->at(0)) == "bytes of a");
  const Setting alone(stub.url("/"));
  const auto other = alone.fetcher();
  const auto wrong = other->units(npm("a", "1.0.0"));
  REQUIRE(wrong.has_value());
  const auto bytes = read(*other, wrong->at(0));
  REQUIRE_FALSE(bytes.has_value());
  CHECK(bytes.error().code == Code::integrity);
}

TEST_CASE("fetcher: with version and digest the usual place is tried, and the registry not asked") {
  const Pages pages = {{"/npm/@s/a/-/a-1.0.0.tgz", "bytes of a"}};
  const test::HttpStub stub(serving(pages));
  const Setting setting(stub.url("/npm"));
  const auto fetcher = setting.fetcher();
  const auto units = fetcher->units(npm("@s/a", "1.0.0", "", sha("bytes of a")));
  REQUIRE(units.has_value());
  CHECK(read(*fetcher, units->at(0)) == "bytes of a");
  CHECK(stub.requests().size() == 1);
  const auto missing = fetcher->units(npm("@s/b", "1.0.0", "", sha("bytes of b")));
  CHECK(read(*fetcher, missing->at(0)).error().code == Code::not_found);
  CHECK(stub.requests().back().path() == "/npm/@s%2fb");
}

TEST_CASE("fetcher: two entries of one name and other digests are two units, and both are read") {
  const Pages pages = {{"/a.tgz", "good"}, {"/b.tgz", "evil"}};
  const test::HttpStub stub(serving(pages));
  const Setting setting(stub.url("/"));
  const auto fetcher = setting.fetcher();
  const auto first = *fetcher->units(npm("a", "1.0.0", stub.url("/a.tgz"), sha("good")));
  const auto second = *fetcher->units(npm("a", "1.0.0", stub.url("/b.tgz"), sha("evil")));
  const auto third = *fetcher->units(npm("a", "1.0.0", stub.url("/b.tgz"), sha("other")));
  const auto again = *fetcher->units(npm("a", "1.0.0", stub.url("/a.tgz"), sha("good")));
  CHECK(first.at(0).name == again.at(0).name);
  CHECK(first.at(0).name != second.at(0).name);
  CHECK(second.at(0).name != third.at(0).name);
  CHECK(read(*fetcher, first.at(0)) == "good");
  CHECK(read(*fetcher, second.at(0)) == "evil");
  CHECK_FALSE(read(*fetcher, third.at(0)).has_value());
}

TEST_CASE("fetcher: a lockfile cannot lead to this machine or its network, --insecure can") {
  const Pages pages = {{"/a.tgz", "bytes"}};
  const test::HttpStub stub(serving(pages));
  Setting setting("https://npm.example/");
  const Dependency dependency = npm("a", "1.0.0", stub.url("/a.tgz"), sha("bytes"));
  {
    const auto fetcher = setting.fetcher();
    const auto units = fetcher->units(dependency);
    REQUIRE(units.has_value());
    const auto bytes = read(*fetcher, units->at(0));
    REQUIRE_FALSE(bytes.has_value());
    CHECK(bytes.error().code == Code::refused);
    CHECK(stub.requests().empty());
  }
  setting.options.insecure = {stub.host()};
  const auto fetcher = setting.fetcher();
  CHECK(read(*fetcher, fetcher->units(dependency)->at(0)) == "bytes");
}

TEST_CASE("fetcher: what nobody promises a digest for is scanned and noted") {
  const Pages pages = {{"/a.tgz", "bytes"}};
  const test::HttpStub stub(serving(pages));
  const Setting setting(stub.url("/"));
  const auto fetcher = setting.fetcher();
  const auto units = fetcher->units(npm("a", "1.0.0", stub.url("/a.tgz")));
  REQUIRE(units.has_value());
  CHECK(units->at(0).digest.empty());
  CHECK(read(*fetcher, units->at(0)) == "bytes");
  REQUIRE(fetcher->notes().size() == 1);
  CHECK(fetcher->notes().at(0).find("npm:a@1.0.0") != std::string::npos);
}

TEST_CASE("fetcher: what has to be scanned as something else is an error that says so") {
  const Setting setting("https://npm.example/");
  const auto fetcher = setting.fetcher();
  Dependency dependency = npm("a", "1.0.0");
  for (const auto source : {Dependency::Source::git, Dependency::Source::path}) {
    dependency.source = source;
    const auto units = fetcher->units(dependency);
    REQUIRE_FALSE(units.has_value());
    CHECK(units.error().code == Code::unsupported);
    CHECK(units.error().what.find("minescan repo") != std::string::npos);
  }
  dependency.source = Dependency::Source::bundled;
  CHECK(fetcher->units(dependency)->empty());
  dependency.source = Dependency::Source::registry;
  dependency.ecosystem = Ecosystem::gem;
  CHECK(fetcher->units(dependency).error().code == Code::unsupported);
}

TEST_CASE("fetcher: a host is asked for at most four files at once, and all of them come") {
  std::atomic<int> now = 0, most = 0;
  const test::HttpStub stub([&](const test::HttpStub::Request&) -> test::HttpStub::Reply {
    const int running = ++now;
    for (int seen = most; running > seen && !most.compare_exchange_weak(seen, running);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    --now;
    return {.body = "bytes"};
  });
  const Setting setting(stub.url("/"));
  const auto fetcher = setting.fetcher();
  constexpr int kFiles = 12;
  std::atomic<int> read_well = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kFiles; ++i) {
    threads.emplace_back([&, i] {
      const std::string name = "a" + std::to_string(i);
      const auto units = fetcher->units(npm(name, "1.0.0", stub.url("/" + name), sha("bytes")));
      if (units && read(*fetcher, units->at(0)) == "bytes") ++read_well;
    });
  }
  threads.clear();
  CHECK(read_well == kFiles);
  CHECK(most <= 4);
  CHECK(most > 1);
}

TEST_CASE("fetcher: waiting for a turn with a host ends when it is cancelled") {
  HostSlots slots;
  for (int i = 0; i < kTransfersPerHost; ++i) REQUIRE(slots.take("host", nullptr));
  Cancel cancel;
  const std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    cancel.cancel();
  });
  CHECK_FALSE(slots.take("host", &cancel));
  CHECK(slots.take("another", nullptr));
  slots.give("host");
  CHECK(slots.take("host", nullptr));
}

TEST_CASE("fetcher: an opener outlives the fetcher, and does not open what nobody asked for") {
  const Pages pages = {{"/a.tgz", "bytes"}};
  const test::HttpStub stub(serving(pages));
  const Setting setting(stub.url("/"));
  auto fetcher = setting.fetcher();
  const auto unit = fetcher->units(npm("a", "1.0.0", stub.url("/a.tgz"), sha("bytes")))->at(0);
  const auto opener = fetcher->opener();
  fetcher.reset();
  const auto source = opener->open(unit);
  REQUIRE(source.has_value());
  CHECK(test::read_all(**source).bytes == "bytes");
  CHECK(opener->open({.name = "npm:b@1.0.0"}).error().code == Code::not_found);
}

TEST_CASE("fetcher: a Python release is a unit for each of its files, newest and not yanked") {
  Pages pages = {{"/f/demo-1.0.tar.gz", "source"}, {"/f/demo-1.0-py3-none-any.whl", "wheel"}};
  const test::HttpStub stub(serving(pages));
  const auto file = [](const std::string& name, const std::string& hash, bool yanked = false) {
    return R"({"filename":")" + name + R"(","url":"/f/)" + name + R"(","hashes":{"sha256":")" +
           hash + R"("},"yanked":)" + (yanked ? "true" : "false") + "}";
  };
  pages["/simple/demo/"] = R"({"files":[)" + file("demo-1.0.tar.gz", sha("source")) + "," +
                           file("demo-1.0-py3-none-any.whl", sha("wheel")) + "," +
                           file("demo-0.9.tar.gz", sha("old")) + "," +
                           file("demo-2.0rc1.tar.gz", sha("rc")) + "," +
                           file("demo-3.0.tar.gz", sha("yanked"), true) + "]}";
  Setting setting("");
  setting.options.packages.pypi_index = stub.url("/simple");
  const auto fetcher = setting.fetcher();
  Dependency dependency{.ecosystem = Ecosystem::pypi, .name = "demo"};
  const auto fetched = fetcher->fetch(dependency);
  REQUIRE(fetched.has_value());
  CHECK(fetched->version == "1.0");
  REQUIRE(fetched->units.size() == 2);
  CHECK(fetched->units[0].name == "pypi:demo@1.0/demo-1.0.tar.gz");
  CHECK(read(*fetcher, fetched->units[0]) == "source");
  CHECK(read(*fetcher, fetched->units[1]) == "wheel");

  SUBCASE("a lockfile's file names choose among them, with the lockfile's digests") {
    dependency.version = "1.0";
    dependency.files = {{.name = "demo-1.0.tar.gz", .integrity = {{"sha256", sha("other")}}}};
    const auto units = fetcher->units(dependency);
    REQUIRE(units.has_value());
    REQUIRE(units->size() == 1);
    CHECK(read(*fetcher, units->at(0)).error().code == Code::integrity);
    dependency.files[0].name = "demo-1.0.zip";
    CHECK(fetcher->units(dependency).error().code == Code::not_found);
  }
  SUBCASE("a lockfile's digests choose among them too") {
    dependency.version = "1.0.0";
    dependency.files = {{.integrity = {{"sha256", sha("wheel")}}},
                        {.integrity = {{"sha256", sha("gone")}}}};
    const auto units = fetcher->units(dependency);
    REQUIRE(units.has_value());
    REQUIRE(units->size() == 1);
    CHECK(read(*fetcher, units->at(0)) == "wheel");
    CHECK(fetcher->notes().back().find("of 2 digests") != std::string::npos);
    dependency.files.erase(dependency.files.begin());
    CHECK(fetcher->units(dependency).error().code == Code::integrity);
  }
  SUBCASE("a yanked release is fetched when it is asked for, and noted") {
    dependency.version = "3.0";
    REQUIRE(fetcher->units(dependency).has_value());
    CHECK(fetcher->notes().back().find("yanked") != std::string::npos);
  }
}

TEST_CASE("fetcher: an index that says no digests takes the lockfile's, whichever it is") {
  const Pages pages = {{"/simple/demo/", "<a href='demo-1.0.zip'>x</a>"},
                       {"/simple/demo/demo-1.0.zip", "source"}};
  const test::HttpStub stub(serving(pages));
  Setting setting("");
  setting.options.packages.pypi_index = stub.url("/simple");
  const auto fetcher = setting.fetcher();
  Dependency dependency{.ecosystem = Ecosystem::pypi, .name = "demo", .version = "1.0"};
  dependency.files = {{.integrity = {{"sha256", sha("wheel")}, {"sha256", sha("source")}}}};
  CHECK(read(*fetcher, fetcher->units(dependency)->at(0)) == "source");
  dependency.files = {{.integrity = {{"sha256", sha("wheel")}}}};
  const auto second = fetcher->units(dependency);
  CHECK(read(*fetcher, second->at(0)).error().code == Code::integrity);
}

TEST_CASE("fetcher: a crate comes from where config.json says, checked by the index's checksum") {
  Pages pages = {{"/dl/demo-dep/0.1.0/download", "crate"}};
  const test::HttpStub stub(serving(pages));
  pages["/config.json"] = R"({"dl":")" + stub.url("/dl") + "\"}";
  const auto line = [](const std::string& version, const std::string& checksum, bool yanked) {
    return R"({"name":"demo-dep","vers":")" + version + R"(","cksum":")" + checksum +
           R"(","yanked":)" + (yanked ? "true}\n" : "false}\n");
  };
  pages["/de/mo/demo-dep"] = line("0.1.0", sha("crate"), false) +
                             line("0.2.0-alpha", sha("x"), false) + line("0.3.0", sha("x"), true);
  Setting setting("");
  setting.options.packages.cargo_registry = stub.url("/");
  const auto fetcher = setting.fetcher();
  Dependency dependency{.ecosystem = Ecosystem::cargo, .name = "demo-dep"};
  const auto fetched = fetcher->fetch(dependency);
  REQUIRE(fetched.has_value());
  CHECK(fetched->version == "0.1.0");
  CHECK(fetched->units.at(0).name == "crate:demo-dep@0.1.0");
  CHECK(fetched->units.at(0).digest == "sha256:" + sha("crate"));
  CHECK(read(*fetcher, fetched->units.at(0)) == "crate");

  dependency.version = "0.1.0";
  dependency.files = {{.integrity = {{"sha256", sha("locked")}}}};
  const auto locked = fetcher->units(dependency);
  CHECK(read(*fetcher, locked->at(0)).error().code == Code::integrity);

  dependency.version = "0.1.5";
  const Error missing = fetcher->units(dependency).error();
  CHECK(missing.code == Code::not_found);
  CHECK(missing.what.find("the newest is 0.1.0") != std::string::npos);
}

TEST_CASE("fetcher: an index out of a lockfile cannot lead to this machine") {
  Pages pages;
  const test::HttpStub stub(serving(pages));
  Setting setting("");
  setting.options.packages.cargo_registry = "https://crates.example/";
  setting.options.packages.pypi_index = "https://pypi.example/";
  setting.options.packages.npm_registry = "https://npm.example/";
  const auto fetcher = setting.fetcher();
  for (const auto ecosystem : {Ecosystem::npm, Ecosystem::cargo, Ecosystem::pypi}) {
    const Dependency dependency{
        .ecosystem = ecosystem,
        .name = "demo",
        .version = "1.0.0",
        .registry = (ecosystem == Ecosystem::cargo ? "sparse+" : "") + stub.url("/")};
    CHECK(fetcher->units(dependency).error().code == Code::refused);
  }
  CHECK(stub.requests().empty());
}
