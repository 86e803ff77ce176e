#include "inspect/views.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inspect/image_config.h"

using namespace minescan;
using namespace minescan::inspect;

namespace {

struct Shown {
  ViewKind kind;
  std::string name, text;
  std::uint64_t offset;
};

class Collecting final : public ViewSink {
 public:
  void on_view(ViewKind kind, const Step& step, const Window& window,
               std::uint64_t offset) override {
    const auto text = as_text(window.bytes);
    shown.push_back(
        {kind, step.name, std::string(text.substr(window.from, window.to - window.from)), offset});
  }
  void on_limit(const std::string& /*what*/) override { ++limits; }
  std::vector<Shown> shown;
  int limits = 0;
};

std::string wide(std::string_view text, bool big) {
  std::string out;
  for (const char c : text) {
    if (big) out += '\0';
    out += c;
    if (!big) out += '\0';
  }
  return out;
}

}  // namespace

TEST_CASE("views: wide text is shown as UTF-8, and windows join without seam") {
  const std::string text = "\xff\xfe" + wide("stratum over the seam", false);
  Views views({.view = ViewKind::script, .name = "script", .encoding = Encoding::utf16le});
  Collecting sink;
  views.window({.bytes = as_bytes(text), .from = 0, .to = 20}, sink);
  views.window({.bytes = as_bytes(text).subspan(16), .from = 4, .to = text.size() - 16}, sink);
  REQUIRE(sink.shown.size() == 2);
  CHECK(sink.shown[0].text + sink.shown[1].text == "\xef\xbb\xbfstratum over the seam");
  CHECK(sink.shown[1].offset == sink.shown[0].text.size());
  CHECK(sink.shown[0].name == "utf-16le");
}

TEST_CASE("views: surrogate pairs are one character, lone surrogates are replaced") {
  const std::string text("\xd8\x3d\xde\x00\x00\x41\xd8\x00", 8);
  Views views({.encoding = Encoding::utf16be});
  Collecting sink;
  views.window({.bytes = as_bytes(text), .from = 0, .to = 8}, sink);
  REQUIRE(sink.shown.size() == 1);
  CHECK(sink.shown[0].text ==
        "\xf0\x9f\x98\x80"
        "A"
        "\xef\xbf\xbd");
}

TEST_CASE("views: wide strings of Windows programs are gathered") {
  const std::string text = std::string("MZ\x90") + wide("--donate-level", false) + "\x01\x02" +
                           wide("abc", false) + "zzzz";
  Views views({.view = ViewKind::executable, .name = "PE"});
  Collecting sink;
  views.window({.bytes = as_bytes(text), .from = 0, .to = text.size()}, sink);
  REQUIRE(sink.shown.size() == 1);
  CHECK(sink.shown[0].text == "--donate-level\n");
}

TEST_CASE("image config: what runs is argv, what surrounds it is image_config") {
  Collecting sink;
  const auto done = image_config(as_bytes(R"({
    "architecture": "amd64",
    "config": {
      "Entrypoint": ["/usr/bin/x", "-o", "a b"], "Cmd": ["--go"],
      "Env": ["PATH=/bin", "POOL=p.example:1"], "Labels": {"k": "v"},
      "Healthcheck": {"Test": ["CMD-SHELL", "check me"]}, "OnBuild": ["RUN later"]
    },
    "history": [{"created_by": "RUN this"}, {"created_by": "CMD that", "comment": "said"}]
  })"),
                                 sink);
  REQUIRE(done.has_value());
  REQUIRE(sink.shown.size() == 8);
  CHECK(sink.shown[0].name == "Entrypoint + Cmd");
  CHECK(sink.shown[0].text == "/usr/bin/x -o 'a b' --go");
  CHECK(sink.shown[0].kind == ViewKind::argv);
  CHECK(sink.shown[1].text == "check me");
  CHECK(sink.shown[2].text == "RUN later");
  CHECK(sink.shown[3].text == "PATH=/bin\nPOOL=p.example:1\n");
  CHECK(sink.shown[4].text == "k=v\n");
  CHECK(sink.shown[5].text == "RUN this");
  CHECK(sink.shown[7].name == "history 2 comment");
}

TEST_CASE("image config: odd types are passed over, what is no config is an error") {
  Collecting sink;
  CHECK(image_config(as_bytes(R"({"config": {"Entrypoint": 5, "Env": {"a": 1}}, "history": 3})"),
                     sink)
            .has_value());
  CHECK(sink.shown.empty());
  CHECK_FALSE(image_config(as_bytes("[]"), sink).has_value());
  CHECK_FALSE(image_config(as_bytes("{"), sink).has_value());
}
