#include "match/hosts.h"

#include <doctest/doctest.h>

#include <string>

using minescan::match::Captures;
using minescan::match::check_host_port;
using minescan::match::check_pool_host;

namespace {

// "host:port" as the validator reads it from the text alone, "" when it refuses.
std::string host_port(std::string_view text) {
  Captures captures;
  if (!check_host_port(text, captures)) return "";
  return captures["host"] + ":" + captures["port"];
}

std::string named(const std::string& host, const std::string& port) {
  Captures captures = {{"host", host}, {"port", port}};
  if (!check_host_port("ignored", captures)) return "";
  return captures["host"] + ":" + captures["port"];
}

}  // namespace

TEST_CASE("host-port: the text's authority is read when no groups are named") {
  CHECK(host_port("stratum+tcp://Pool.Example.org:3333") == "pool.example.org:3333");
  CHECK(host_port("stratum+tcp://0xabc.rig:x@pool.example:3333/path:9") == "pool.example:3333");
  CHECK(host_port("pool.example:3333 -u x") == "pool.example:3333");
  CHECK(host_port("192.0.2.7:443") == "192.0.2.7:443");
  CHECK(host_port("[2001:db8::7]:443") == "[2001:db8::7]:443");
  CHECK(host_port("xmrig-proxy:3333") == "xmrig-proxy:3333");
  CHECK(host_port("pool.example.:03333") == "pool.example.:3333");
}

TEST_CASE("host-port: named groups win over the text") {
  CHECK(named("POOL.example", "3333") == "pool.example:3333");
  CHECK(named("a.com.py", "3333") == "a.com.py:3333");
  CHECK(named("xn--fiqs8s.xn--fiqs8s", "1") == "xn--fiqs8s.xn--fiqs8s:1");
}

TEST_CASE("host-port: ports are 1 to 65535") {
  CHECK(named("pool.example", "1") == "pool.example:1");
  CHECK(named("pool.example", "65535") == "pool.example:65535");
  for (const char* port : {"0", "00000", "65536", "99999", "123456", "-1", "+1", "3a", " 1"}) {
    CAPTURE(port);
    CHECK(named("pool.example", port).empty());
  }
}

TEST_CASE("host-port: a place in a source file is no host") {
  for (const char* file : {"index.js", "main.py", "src.main.go", "a.c", "app.ts", "x.yaml"}) {
    CAPTURE(file);
    CHECK(named(file, "12").empty());
  }
}

TEST_CASE("host-port: what no resolver takes is no host") {
  const std::string label(63, 'a');
  CHECK(named(label + ".example", "1") == label + ".example:1");
  for (const std::string& host :
       {std::string("a.") + label + "b.example", label + "." + label + "." + label + "." + label,
        std::string("12"), std::string("300.1.1.1"), std::string("1.2.3"), std::string("a..b"),
        std::string(".example"), std::string("-a.example"), std::string("a-.example"),
        std::string("a b.example"), std::string("pool.example\0", 13), std::string("[1.2.3.4]"),
        std::string("[]"), std::string("::1"), std::string("a.1"), std::string("pööl.example")}) {
    CAPTURE(host);
    CHECK(named(host, "3333").empty());
  }
}

TEST_CASE("host-port: text without host or port is refused") {
  for (const char* text : {"", ":", "pool.example", "pool.example:", ":3333", "://:1", "@:1",
                           "10:30", "https://pool.example/a:1"}) {
    CAPTURE(text);
    CHECK(host_port(text).empty());
  }
}

TEST_CASE("pool-host: a name that goes on to the left or right is another name") {
  const auto check = [](const std::string& before, const std::string& host,
                        const std::string& after) {
    Captures captures = {{"before", before}, {"host", host}, {"after", after}};
    const bool is_pool = check_pool_host("text", captures);
    if (is_pool) CHECK(captures == Captures{{"host", host}});
    return is_pool;
  };
  CHECK(check("", "pool.example", ""));
  CHECK(check("\"", "pool.example", "\""));
  CHECK(check(".", "pool.example", ":3333"));
  CHECK(check("//", "eu.pool.example", ". "));
  CHECK_FALSE(check("z", "pool.example", ""));
  CHECK_FALSE(check("-", "pool.example", ""));
  CHECK_FALSE(check("_", "pool.example", ""));
  CHECK_FALSE(check("", "zpool.ca", "ch"));
  CHECK_FALSE(check("", "pool.support", ".x"));
  CHECK_FALSE(check("", "pool.example", "-x"));
}

TEST_CASE("pool-host: without groups the text itself must be a DNS name") {
  Captures captures;
  CHECK(check_pool_host("EU.Pool.Example", captures));
  CHECK(captures["host"] == "eu.pool.example");
  for (const std::string& text :
       {std::string(), std::string("pool"), std::string("192.0.2.1"), std::string("pool.js"),
        std::string("a..example"), std::string("pool.example "), std::string("\0.example", 9)}) {
    CAPTURE(text);
    captures.clear();
    CHECK_FALSE(check_pool_host(text, captures));
  }
}
