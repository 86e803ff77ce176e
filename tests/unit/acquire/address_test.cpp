#include "acquire/address.h"

#include <doctest/doctest.h>

using namespace minescan::acquire;

TEST_CASE("address: every way to write an inner address is one") {
  const auto is = [](const char* text, AddressClass what) {
    CAPTURE(text);
    CHECK(classify_literal(text) == what);
  };
  is("8.8.8.8", AddressClass::open);
  is("2606:4700::1111", AddressClass::open);
  is("127.0.0.1", AddressClass::loopback);
  is("127.255.255.254", AddressClass::loopback);
  is("::1", AddressClass::loopback);
  is("::ffff:127.0.0.1", AddressClass::loopback);
  is("10.0.0.1", AddressClass::inside);
  is("172.16.0.1", AddressClass::inside);
  is("172.31.255.255", AddressClass::inside);
  is("172.32.0.0", AddressClass::open);
  is("192.168.1.1", AddressClass::inside);
  is("100.64.0.1", AddressClass::inside);
  is("100.128.0.1", AddressClass::open);
  is("fd12::1", AddressClass::inside);
  is("::ffff:10.0.0.1", AddressClass::inside);
  is("64:ff9b::a00:1", AddressClass::inside);
  is("2002:a00:1::", AddressClass::inside);
  is("169.254.169.254", AddressClass::closed);
  is("::ffff:169.254.169.254", AddressClass::closed);
  is("fe80::1", AddressClass::closed);
  is("fe80::1%eth0", AddressClass::closed);
  is("fd00:ec2::254", AddressClass::closed);
  is("100.100.100.200", AddressClass::closed);
  is("0.0.0.0", AddressClass::closed);
  is("::", AddressClass::closed);
  is("224.0.0.1", AddressClass::closed);
  is("255.255.255.255", AddressClass::closed);
  is("ff02::1", AddressClass::closed);
  is("192.0.0.192", AddressClass::closed);
  CHECK_FALSE(classify_literal("registry.example").has_value());
  CHECK_FALSE(classify_literal("").has_value());
}

TEST_CASE(
    "address: a server leads out or stays in its own kind of network, and never into a closed "
    "one") {
  using A = AddressClass;
  for (const A from : {A::open, A::loopback, A::inside, A::closed}) {
    CHECK(may_lead(from, A::open));
    CHECK_FALSE(may_lead(from, A::closed));
  }
  CHECK(may_lead(A::loopback, A::loopback));
  CHECK(may_lead(A::inside, A::inside));
  CHECK_FALSE(may_lead(A::open, A::loopback));
  CHECK_FALSE(may_lead(A::open, A::inside));
  CHECK_FALSE(may_lead(A::inside, A::loopback));
  CHECK_FALSE(may_lead(A::loopback, A::inside));
}

TEST_CASE(
    "address: loopback by name is localhost and what lies below it, nothing that looks like it") {
  CHECK(is_loopback_name("localhost"));
  CHECK(is_loopback_name("registry.localhost"));
  CHECK(is_loopback_name("127.8.8.8"));
  CHECK(is_loopback_name("::1"));
  CHECK_FALSE(is_loopback_name("localhost.example"));
  CHECK_FALSE(is_loopback_name("notlocalhost"));
  CHECK_FALSE(is_loopback_name("127.0.0.1.example"));
  CHECK_FALSE(is_loopback_name("10.0.0.1"));
}
