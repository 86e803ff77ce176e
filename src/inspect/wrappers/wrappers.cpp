#include "inspect/wrappers/wrappers.h"

#include <array>
#include <optional>

#include "base/anchors.h"
#include "inspect/decoders/worth.h"
#include "inspect/wrappers/marshal.h"
#include "inspect/wrappers/net_bundle.h"
#include "inspect/wrappers/node.h"
#include "inspect/wrappers/parts.h"
#include "inspect/wrappers/pyinstaller.h"

namespace minescan::inspect::wrappers {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kCookie("MEI\x0c\x0b\x0a\x0b\x0e");

enum Wrapper : std::uint8_t { pyinstaller, nexe, pkg, net, bun, deno, kWrappers };

struct Mark {
  std::string_view text;
  std::size_t anchor;  // where the four bytes are that are looked for: rare ones
};
constexpr std::array<Mark, kWrappers> kMarks{
    Mark{kCookie, 2},  Mark{kNexeSentinel, 4}, Mark{kPkgPrelude, 8},
    Mark{kNetMark, 9}, Mark{kBunTrailer, 7},   Mark{kDenoMark, 1},
};

constexpr std::array<Anchor, kWrappers> anchors_of_marks() {
  std::array<Anchor, kWrappers> anchors{};
  for (std::size_t i = 0; i < kMarks.size(); ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      anchors[i][k] = static_cast<std::uint8_t>(kMarks[i].text[kMarks[i].anchor + k]);
    }
  }
  return anchors;
}
constexpr std::array<Anchor, kWrappers> kAnchors = anchors_of_marks();

const auto& finder() {
  static const AnchorFinder kFinder(kAnchors);
  return kFinder;
}

// What runs takes the last of them: boot loaders search from the end.
constexpr std::size_t kMostMarks = 8;

// Where each mark came last, the latest first.
struct Places {
  std::array<std::vector<std::size_t>, kWrappers> at;
};

Places find_marks(ByteView block) {
  Places places;
  const std::string_view text = as_text(block);
  for (auto hit = finder().find(block, 0); hit; hit = finder().find(block, *hit + 1)) {
    for (std::size_t i = 0; i < kMarks.size(); ++i) {
      const Mark& mark = kMarks[i];
      if (*hit < mark.anchor || text.compare(*hit - mark.anchor, mark.text.size(), mark.text) != 0)
        continue;
      std::vector<std::size_t>& at = places.at[i];
      at.insert(at.begin(), *hit - mark.anchor);
      if (at.size() > kMostMarks) at.pop_back();
    }
  }
  return places;
}

template <class Unpack>
void first_that_holds(const std::vector<std::size_t>& places, const Wrapped& block, Parts& parts,
                      Unpack unpack) {
  for (const std::size_t at : places) {
    if (unpack(block, at, parts)) return;
  }
}

}  // namespace

void unwrap(ByteView block, std::uint64_t offset, ViewSink& sink, const TakeDecoded& hidden) {
  const Places places = find_marks(block);
  const Wrapped wrapped{.bytes = block, .offset = offset};
  Parts parts(sink, hidden);
  first_that_holds(places.at[pyinstaller], wrapped, parts, unpack_pyinstaller);
  first_that_holds(places.at[nexe], wrapped, parts, unpack_nexe);
  first_that_holds(places.at[pkg], wrapped, parts, unpack_pkg);
  first_that_holds(places.at[net], wrapped, parts, unpack_net_bundle);
  first_that_holds(places.at[bun], wrapped, parts, unpack_bun);
  if (const auto& marks = places.at[deno]; !marks.empty()) {
    const auto before = marks.size() > 1 ? std::optional(marks[1]) : std::nullopt;
    unpack_deno(wrapped, before, marks[0], parts);
  }
}

void show_python(ByteView file, ViewSink& sink, const TakeDecoded& hidden) {
  const Pyc pyc = read_pyc(file);
  if (!pyc.constants.empty()) {
    const ByteView text = as_bytes(pyc.constants);
    sink.on_view(ViewKind::script, {Step::Kind::view, "constants"},
                 {.bytes = text, .from = 0, .to = text.size(), .line = 1}, 0);
  }
  Parts parts(sink, hidden);
  for (const std::string_view raw : pyc.raw) {
    // Anything else is matched with the file.
    if (decoders::worth_of(raw) != decoders::Worth::known) continue;
    const auto at = static_cast<std::uint64_t>(as_bytes(raw).data() - file.data());
    if (!parts.add("constant", at, at + raw.size(), raw)) return;
  }
}

}  // namespace minescan::inspect::wrappers
