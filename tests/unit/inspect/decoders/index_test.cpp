#include <doctest/doctest.h>

#include "inspect/decoders.h"

namespace minescan::inspect {
namespace {

std::string table_of(std::string_view text) {
  Decoders decoders(ViewKind::script);
  std::vector<Decoded> found;
  decoders.window({.bytes = as_bytes(text), .from = 0, .to = text.size()}, true, found);
  for (const Decoded& part : found) {
    if (part.name == "string table") return part.bytes;
  }
  return {};
}

bool shows(std::string_view text, std::string_view want) {
  return table_of(text).find(want) != std::string::npos;
}

const std::string kTable = "var _0x1=['p:1','-u','./a','-o'];";

}  // namespace

TEST_CASE("string table: an index function with an offset, or none") {
  CHECK(shows(kTable + "function _0x2(i){return _0x1[i-0x10];}run(_0x2(0x12),_0x2(19),_0x2(0x10))",
              "run('./a','-o','p:1')"));
  CHECK(shows(kTable + "var _0x2=function(a,b){a=a-0x0;var c=_0x1[a];return c;};"
                       "run(_0x2('0x2'),_0x2('0x3'),_0x2(\"0x0\"))",
              "run('./a','-o','p:1')"));
  CHECK(shows(kTable + "run(_0x1[2],_0x1[0x3],_0x1[0])", "run('./a','-o','p:1')"));
  CHECK(
      shows("function _0x5(){var _0xa=['p:1','-u','./a','-o'];_0x5=function(){return _0xa;};return "
            "_0x5();}function _0x2(a,b){var t=_0x5();return _0x2=function(c,d){c=c-0x64;var e=t[c];"
            "return e;},_0x2(a,b);}run(_0x2(0x66),_0x2(0x67),_0x2(0x64))",
            "run('./a','-o','p:1')"));
}

TEST_CASE("string table: one that is turned first") {
  const std::string turned =
      "var _0x1=['-o','p:1','-u','./a'];(function(a,n){var f=function(m){"
      "while(--m){a['push'](a['shift']());}};f(++n);}(_0x1,0x1));";
  CHECK(shows(turned + "run(_0x1[2],_0x1[3],_0x1[0])", "run('./a','-o','p:1')"));
}

TEST_CASE("string table: what is none, or too large, stays") {
  CHECK(table_of("_0x2(0x10)+_0x2(0x11)+_0x2(0x12)").empty());
  CHECK(table_of(kTable + "run(_0x1[7],_0x1[8],_0x1[9])").empty());
  CHECK(table_of(kTable + "run(_0x1[1],_0x1[2])").empty());  // too few
  CHECK(table_of("var t=['p:1','-u','./a'];run(t[0],t[1],t[2])").empty());
  CHECK(table_of("var _$=[1,2,3];run(_$[0],_$[1],_$[2])").empty());
  // A long string that is used everywhere.
  std::string text = "var _0x1=['" + std::string(100'000, 'x') + "','b'];";
  for (int i = 0; i < 20'000; ++i) text += "_0x1[0];";
  CHECK(table_of(text).size() < 3 * text.size());
}

TEST_CASE("string table: a flood of names and functions ends") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    const std::string n = std::to_string(i);
    text += "var _0xa" + n + "=['b'];function _0xf" + n + "(i){return _0xa" + n + "[i-1]}_0xf" + n +
            "(1);";
    text += "_0xa" + n + "[0];";
  }
  CHECK(table_of(text).size() < 3 * text.size());
}

}  // namespace minescan::inspect
