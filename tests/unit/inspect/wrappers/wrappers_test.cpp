#include "inspect/wrappers/wrappers.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "inspect/file_type.h"
#include "inspect/whole.h"
#include "inspect/wrappers/marshal.h"
#include "inspect/wrappers/parts.h"
#include "support/compressors.h"
#include "support/wrapped.h"

namespace {

using namespace minescan;
using namespace minescan::test;
using inspect::wrappers::Python;

struct Seen final : inspect::ViewSink {
  std::vector<inspect::Decoded> parts;
  std::vector<std::string> limits;
  std::string views;

  void on_view(ViewKind kind, const Step& step, const inspect::Window& window,
               std::uint64_t /*offset*/) override {
    views += std::to_string(static_cast<int>(kind)) + " " + step.name + ": " +
             std::string(as_text(window.bytes));
  }
  void on_limit(const std::string& what) override { limits.push_back(what); }

  inspect::TakeDecoded take() {
    return [this](inspect::Decoded&& part) { parts.push_back(std::move(part)); };
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    for (const auto& part : parts) {
      if (part.name == name) return part.bytes;
    }
    return "(none)";
  }
  [[nodiscard]] bool limited(std::string_view what) const {
    return std::any_of(limits.begin(), limits.end(), [what](const std::string& limit) {
      return limit.find(what) != std::string::npos;
    });
  }
};

Seen unwrapped(std::string_view bytes, std::uint64_t offset = 0) {
  Seen seen;
  inspect::wrappers::unwrap(as_bytes(bytes), offset, seen, seen.take());
  for (const auto& part : seen.parts) {
    CHECK(part.begin >= offset);
    CHECK(part.begin < part.end);
    CHECK(part.end <= offset + bytes.size());
  }
  return seen;
}

const std::string kHost =
    "\x7f"
    "ELF" +
    std::string(4096, 'h');
const std::string kCode =
    py_code({py_text("./m -o pool.example:3333"),
             py_tuple({py_text("curl"), py_text("-s"), py_text("http://x.example")}),
             py_code({py_text("inner")})});

std::string cut_anywhere(std::string_view bytes, std::size_t step) {
  // Nothing that is cut may be read past its end; what comes is looked at by the sanitizers.
  for (std::size_t size = 0; size < bytes.size(); size += step) unwrapped(bytes.substr(0, size));
  return {};
}

}  // namespace

TEST_CASE("marshal: constants are lines, lists of arguments are one") {
  const auto read = inspect::wrappers::read_marshal(as_bytes(kCode), Python::later);
  CHECK(read.whole);
  CHECK(read.constants == "curl -s http://x.example\ninner\n./m -o pool.example:3333\n");
}

TEST_CASE("marshal: arguments that are loaded one by one are a line when there is an option") {
  const std::string code = py_code({py_text("a text"), py_text("./m"), py_text("-o"),
                                    py_text("pool.example:1"), "N", py_text("b"), py_text("c")});
  CHECK(inspect::wrappers::read_marshal(as_bytes(code), Python::later).constants ==
        "a text\n./m -o pool.example:1\nb\nc\n");
}

TEST_CASE("marshal: names and the code itself are no constants") {
  const auto read = inspect::wrappers::read_marshal(as_bytes(kCode), Python::later);
  CHECK(read.constants.find("system") == std::string::npos);
  CHECK(read.constants.find("code") == std::string::npos);
}

TEST_CASE("marshal: every layout of code") {
  const std::string none = py_tuple({});
  const auto old = [&](std::size_t numbers) {
    return 'c' + std::string(numbers * 4, '\0') + py_bytes("") + py_tuple({py_text("here")}) +
           none + none + none + none + py_text("f") + py_text("n") + little32(1) + py_bytes("");
  };
  for (const auto& [python, numbers] :
       {std::pair(Python::two, 4U), std::pair(Python::before_3_8, 5U),
        std::pair(Python::before_3_11, 6U)}) {
    const std::string bytes = old(numbers);
    const auto read = inspect::wrappers::read_marshal(as_bytes(bytes), python);
    CHECK(read.whole);
    CHECK(read.constants == "here\n");
  }
}

TEST_CASE("marshal: references, also ones that nobody can follow") {
  // A tuple in which a string comes again.
  const std::string again = py_code({py_tuple({"\xda\3abc", std::string("r\1\0\0\0", 5)})});
  CHECK(inspect::wrappers::read_marshal(as_bytes(again), Python::later).constants == "abc abc\n");
  const std::string self = std::string("\xa9\1r\0\0\0\0", 7);
  CHECK(inspect::wrappers::read_marshal(as_bytes(self), Python::later).whole);
  const std::string wild = std::string("r\7\0\0\0", 5);
  CHECK_FALSE(inspect::wrappers::read_marshal(as_bytes(wild), Python::later).whole);
}

TEST_CASE("marshal: what repeats a string without end is cut") {
  std::string bytes = "\xe3" + std::string(20, '\0') + py_bytes("") + '(' + little32(200'000);
  bytes += '\xf3' + little32(100'000) + std::string(100'000, 'a');
  for (int i = 1; i < 200'000; ++i) bytes += std::string("r\1\0\0\0", 5);
  const auto read = inspect::wrappers::read_marshal(as_bytes(bytes), Python::later);
  CHECK(read.constants.size() <= 4 * bytes.size());
  CHECK(read.constants.size() >= 100'000);
}

TEST_CASE("marshal: too deep, too long and unknown objects end it without a crash") {
  const std::string deep(100'000, '[');
  CHECK_FALSE(inspect::wrappers::read_marshal(as_bytes(deep), Python::later).whole);
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += std::string(")\1", 2);
  CHECK_FALSE(inspect::wrappers::read_marshal(as_bytes(nested), Python::later).whole);
  const std::string claims = '(' + little32(0xffffffff) + "N";
  CHECK_FALSE(inspect::wrappers::read_marshal(as_bytes(claims), Python::later).whole);
  CHECK_FALSE(
      inspect::wrappers::read_marshal(as_bytes(std::string_view("?")), Python::later).whole);
}

TEST_CASE("marshal: what was read before a fault stays") {
  const std::string cut = kCode.substr(0, kCode.find("inner") + 2);
  const auto read = inspect::wrappers::read_marshal(as_bytes(cut), Python::later);
  CHECK_FALSE(read.whole);
  CHECK(read.constants.starts_with("curl -s http://x.example\n"));
}

TEST_CASE("pyc: constants are a script, compressed ones become parts") {
  const std::string file =
      pyc(py_code({py_text("./m --coin x"), py_bytes(gzip(std::string(100, 'x') + "hidden"))}));
  CHECK(inspect::file_type(as_bytes(file), "").name == "Python bytecode");
  Seen seen;
  inspect::BlockViews({.view = ViewKind::executable, .name = "Python bytecode"})
      .show({.bytes = as_bytes(file), .last = true}, seen, seen.take());
  CHECK(seen.views.find("constants: ./m --coin x\n") != std::string::npos);
  REQUIRE(seen.parts.size() == 1);
  CHECK(seen.parts.at(0).name == "constant");
  CHECK(file.substr(seen.parts.at(0).begin, 2) == "\x1f\x8b");
}

TEST_CASE("pyc: a module's code without the header of a file is bytecode too") {
  // Behind the counts of arguments: the stack's size, or before it how many locals there are.
  std::string later = py_code({py_text("./m --coin x")});
  later[13] = 2;
  std::string before = later;
  before.insert(13, 4, '\0');
  for (const std::string& code : {later, before}) {
    CHECK(inspect::file_type(as_bytes(code), "").name == "Python bytecode");
    CHECK(inspect::wrappers::read_pyc(as_bytes(code)).constants.find("./m --coin x") !=
          std::string::npos);
  }
  later[1] = 1;
  CHECK_FALSE(inspect::wrappers::is_bare_code(as_bytes(later)));
  for (std::size_t size = 0; size < 26; ++size) {
    CHECK_FALSE(inspect::wrappers::is_bare_code(as_bytes(before.substr(0, size))));
    CHECK_FALSE(inspect::wrappers::is_bare_code(as_bytes(std::string(size, 'c'))));
  }
  CHECK_FALSE(inspect::wrappers::is_bare_code(as_bytes(std::string(64, '\0'))));
}

TEST_CASE("pyc: text with the same line end is none") {
  CHECK_FALSE(
      inspect::wrappers::is_pyc(as_bytes(std::string_view("ab\r\ncdefghijklmnopqrstuvwx"))));
  CHECK(inspect::file_type(as_bytes(std::string_view("ab\r\ncdefghijklmncpqrstuvwx")), "").name ==
        "text");
}

TEST_CASE("pyinstaller: scripts and modules are bytecode, other entries as they are stored") {
  const std::string file =
      kHost +
      pyinstaller({{.type = 's', .name = "mine", .body = kCode},
                   {.type = 'b',
                    .name = "lib.so",
                    .body = "\x7f"
                            "ELF library"},
                   {.type = 'x', .name = "data/run.sh", .body = "sh text", .compressed = false},
                   {.type = 'o', .name = "option", .body = "v"},
                   {.type = 'z',
                    .name = "PYZ",
                    .body = pyz({{"pool.client", kCode}}),
                    .compressed = false}});
  const Seen seen = unwrapped(file);
  CHECK(seen.limits.empty());
  CHECK(seen.parts.size() == 4);
  CHECK(seen.text("pyinstaller mine.pyc").ends_with(kCode));
  for (const auto& part : seen.parts) CHECK_FALSE(part.cut);
  CHECK(inspect::file_type(as_bytes(seen.text("pyinstaller mine.pyc")), "").name ==
        "Python bytecode");
  CHECK(inspect::wrappers::read_pyc(as_bytes(seen.text("pyinstaller pool.client.pyc"))).whole);
  CHECK(seen.text("pyinstaller lib.so").starts_with("\x78\x9c"));
  CHECK(seen.text("pyinstaller data/run.sh") == "sh text");
}

TEST_CASE("pyinstaller: the last package that holds is taken") {
  const std::string one =
      pyinstaller({{.type = 'x', .name = "one", .body = "1", .compressed = false}});
  const std::string two =
      pyinstaller({{.type = 'x', .name = "two", .body = "2", .compressed = false}});
  CHECK(unwrapped(kHost + one + two).text("pyinstaller two") == "2");
  CHECK(unwrapped(kHost + one + two).text("pyinstaller one") == "(none)");
  CHECK(unwrapped(kHost + one + "MEI\x0c\x0b\x0a\x0b\x0e" + std::string(100, 'x'))
            .text("pyinstaller one") == "1");
}

TEST_CASE("pyinstaller: of a package that begins before the block, what is there is seen") {
  const std::string file =
      kHost + pyinstaller({{.type = 'x', .name = "first", .body = "11111111", .compressed = false},
                           {.type = 'x', .name = "second", .body = "2222", .compressed = false}});
  const std::size_t from = kHost.size() + 4;
  const Seen seen = unwrapped(std::string_view(file).substr(from), from);
  CHECK(seen.text("pyinstaller first") == "(none)");
  CHECK(seen.text("pyinstaller second") == "2222");
  CHECK(seen.limited("within one block"));
}

TEST_CASE("pyinstaller: sizes that are claimed are not believed") {
  std::string file = kHost + pyinstaller({{.type = 's', .name = "mine", .body = kCode}});
  // The entry's inflated size: behind the package's bodies, at 12 of its table.
  const std::size_t table = kHost.size() + zlib_of(kCode).size();
  file.replace(table + 12, 4, big32(0xffffffff));
  CHECK(unwrapped(file).text("pyinstaller mine.pyc").ends_with(kCode));
  file.replace(table + 12, 4, big32(40));
  CHECK(unwrapped(file).text("pyinstaller mine.pyc").size() == 16 + 40);
  CHECK(unwrapped(file).parts.at(0).cut);
}

TEST_CASE("nexe: the script lies between the program and its resources") {
  const std::string file = kHost + nexe("require('x')", "RESOURCES");
  CHECK(unwrapped(file).text("nexe") == "require('x')");
  CHECK(unwrapped(kHost + nexe("s", "", -1.0)).parts.empty());
  CHECK(unwrapped(kHost + nexe("s", "", 1e300)).parts.empty());
  CHECK(unwrapped(kHost + nexe("s", "", 0.5)).parts.empty());
  const std::string_view late = std::string_view(file).substr(kHost.size() + 3);
  CHECK(unwrapped(late, kHost.size() + 3).limited("nexe"));
}

TEST_CASE("pkg: contents of the snapshot, not its bytecode") {
  const std::string file =
      kHost + pkg("BYTECODEconst a = 1;", R"({"/snapshot/app/index.js":{"0":[0,8],"1":[8,12],)"
                                          R"("3":[0,8]},"C:\\snapshot\\}{.txt":{"2":[0,3]}})");
  const Seen seen = unwrapped(file);
  CHECK(seen.text("pkg index.js") == "const a = 1;");
  CHECK(seen.parts.size() == 1);
  CHECK(unwrapped(kHost + pkg("x", R"({"/a":{"1":[0,99999999]}})")).limited("pkg"));
  CHECK(unwrapped(kHost + pkg("x", R"({"/a":{"1":[-1,2],"x":7},"b":[1,2]})")).parts.empty());
}

TEST_CASE("pkg: what brotli packed comes back, and other files of such a package are told") {
  const std::string script = "const pool = '" + numbers(400) + "';";
  const std::string packed = brotli(script);
  const std::string size = std::to_string(packed.size());
  const std::string odd = "\x91\xff\x12\xfe\x80\x99\xf1\xc3";
  const std::string table = "{\"/0/1\":{\"1\":[0," + size + "]},\"/0/2\":{\"1\":[" + size + ",8]}}";
  const Seen seen = unwrapped(kHost + pkg(packed + odd, table));
  CHECK(seen.text("pkg 1") == script);
  CHECK(seen.text("pkg 2") == odd);
  CHECK(seen.limited("not known: 1"));
}

TEST_CASE("brotli: nothing but a whole stream, or the first bytes of one that makes too many") {
  using inspect::wrappers::inflate_brotli;
  const std::string text = numbers(100'000);
  const std::string packed = brotli(text);
  const auto whole = inflate_brotli(as_bytes(packed), 1'000'000);
  REQUIRE(whole.has_value());
  CHECK(whole->whole);
  CHECK(whole->bytes == text);
  const auto cut = inflate_brotli(as_bytes(packed), 10'000);
  REQUIRE(cut.has_value());
  CHECK_FALSE(cut->whole);
  CHECK(cut->bytes == text.substr(0, 10'000));
  CHECK_FALSE(inflate_brotli(as_bytes(packed + "x"), 1'000'000));
  CHECK_FALSE(inflate_brotli(as_bytes(packed).first(packed.size() - 1), 1'000'000));
  CHECK_FALSE(inflate_brotli(as_bytes(brotli("")), 1'000'000));
  CHECK_FALSE(inflate_brotli(as_bytes(text), 1'000'000));
  CHECK_FALSE(inflate_brotli({}, 1'000'000));
}

TEST_CASE("pkg: scripts that are packed in a way that is not read are told, other files are not") {
  const std::string table = R"({"/a.js":{"1":[0,8]},"/b.node":{"1":[8,8]},"/c.js":{"1":[16,8]}})";
  const std::string payload = std::string("\x0b\x02\x80\x91\x03\xff\xfe\x03", 8) +
                              std::string(
                                  "\x7f"
                                  "ELF\0\1\2\3",
                                  8) +
                              std::string("\x1f\x8b\x08\0\0\0\0\0", 8);
  CHECK(unwrapped(kHost + pkg(payload, table)).limited("not known: 1"));
}

TEST_CASE("bun: the texts between the numbers") {
  const std::string script(100, 's');
  const std::string blob = "name" + std::string(1, '\0') + script + std::string(1, '\0');
  const std::string file =
      kHost + blob + little64(blob.size()) + std::string(24, '\0') + "\n---- Bun! ----\n";
  CHECK(unwrapped(file).text("bun") == script);
  CHECK(unwrapped(kHost + std::string(32, '\xff') + "\n---- Bun! ----\n").parts.empty());
}

TEST_CASE("deno: the texts before the positions, or between two marks") {
  const std::string script(100, 's');
  std::string at = little64(kHost.size());
  std::reverse(at.begin(), at.end());
  CHECK(unwrapped(kHost + '\0' + script + '\0' + "d3n0l4nd" + at + at).text("deno") == script);
  CHECK(unwrapped(kHost + "d3n0l4nd" + '\0' + script + '\0' + "d3n0l4nd").text("deno") == script);
  CHECK(unwrapped(kHost + script + "d3n0l4nd").parts.empty());
}

TEST_CASE("net bundle: files as they are, compressed ones inflated") {
  for (const std::uint32_t major : {1U, 2U, 6U}) {
    const Seen seen = unwrapped(net_bundle(
        kHost, {{.name = "App.dll", .body = "MZ app", .compressed = major >= 6}, {"b.json", "{}"}},
        major));
    CHECK(seen.limits.empty());
    CHECK(seen.text("net bundle App.dll") == "MZ app");
    CHECK(seen.text("net bundle b.json") == "{}");
  }
}

TEST_CASE("net bundle: a host without a bundle is nothing, a broken one is told") {
  CHECK(unwrapped(kHost + little64(0) + kNetHostMark).parts.empty());
  CHECK(unwrapped(kHost + little64(0) + kNetHostMark).limits.empty());
  CHECK(unwrapped(kHost + little64(1'000'000) + kNetHostMark).limited(".NET"));
  const std::string file = net_bundle(kHost, {{"a", "A"}, {"b", "B"}});
  CHECK(unwrapped(std::string_view(file).substr(0, file.size() - 3)).limited("manifest"));
}

TEST_CASE("wrappers: cut anywhere, nothing is read past the end") {
  cut_anywhere(pyinstaller({{.type = 's', .name = "mine", .body = kCode},
                            {.type = 'z', .name = "PYZ", .body = pyz({{"a", kCode}})}}),
               3);
  cut_anywhere(net_bundle("host", {{"App.dll", "MZ app", true}, {"b.json", "{}"}}), 1);
  cut_anywhere(nexe("require('x')", "RESOURCES"), 1);
  cut_anywhere(pkg("const a = 1;", R"({"/snapshot/a":{"1":[0,12]}})"), 1);
}

TEST_CASE("parts: no more bytes than a block may hold, and none larger than one may be") {
  using inspect::wrappers::Parts;
  Seen seen;
  std::uint64_t taken = 0;
  const inspect::TakeDecoded take = [&](inspect::Decoded&& part) { taken += part.bytes.size(); };
  Parts parts(seen, take);
  const std::string one(std::size_t{64} << 20, 'x');
  while (taken < Parts::kMostBytes) REQUIRE(parts.add("part", 0, 1, one));
  CHECK_FALSE(parts.add("part", 0, 1, "x"));
  CHECK_FALSE(parts.add("part", 0, 1, "x"));
  CHECK(seen.limits.size() == 1);
  CHECK(taken == Parts::kMostBytes);
  Parts fresh(seen, take);
  CHECK_FALSE(fresh.add("part", 0, 1, std::string(Parts::kMostPart + 1, 'x')));
}

TEST_CASE("parts: what inflates far beyond the usual comes whole, up to what is wanted") {
  const std::string text(1'000'000, 'x');
  const std::string packed = raw_deflate(text);
  const auto whole = inspect::wrappers::inflate(as_bytes(packed), 2'000'000);
  REQUIRE(whole.has_value());
  CHECK(whole->whole);
  CHECK(whole->bytes == text);
  const auto exact = inspect::wrappers::inflate(as_bytes(packed), text.size());
  CHECK((exact && exact->whole && exact->bytes == text));
  const auto cut = inspect::wrappers::inflate(as_bytes(packed), 999'999);
  CHECK((cut && !cut->whole && cut->bytes.size() == 999'999));
  CHECK_FALSE(inspect::wrappers::inflate(as_bytes(std::string("\xff\xff\xff")), 100).has_value());
}

TEST_CASE("parts: long paths keep their end") {
  const std::string name = inspect::wrappers::part_name("pkg", std::string(500, 'a') + "/mine.js");
  CHECK(name.size() < 110);
  CHECK(name.ends_with("/mine.js"));
}
