#pragma once
// How to get to some bytes, outermost first: unit › member › decoder › view.  Printed for people,
// SARIF's nesting, key of suppressions.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace minescan {

struct Step {
  enum class Kind {
    unit,     // name of the Unit: "layer sha256:…", "config sha256:…", a file's name
    member,   // path inside an archive, exactly the bytes that the archive says
    decoder,  // "gzip", "zstd", "base64", "utf-16le"
    view,     // a part with a meaning: "Entrypoint", ".rodata", "strings"
    offset,   // where inside the parent, "@0x1f40"
  };
  Kind kind = Kind::unit;
  std::string name;
  auto operator<=>(const Step&) const = default;
};

std::string_view step_kind_name(Step::Kind kind);  // "unit", "member" … as in reports

struct Trail {
  std::vector<Step> steps;

  Trail operator/(Step step) const {
    Trail longer = *this;
    longer.steps.push_back(std::move(step));
    return longer;
  }
  auto operator<=>(const Trail&) const = default;

  // The file: everything up to the last member (or the unit when there is none).  Decoders and
  // views inside one file share it.
  [[nodiscard]] Trail file() const;
  // The first member's path: in a layer the path in the image, in a tree the path in the tree.  ""
  // when the unit itself is meant.
  [[nodiscard]] std::string top_path() const;
  // Steps joined by " › ", raw bytes: escape before showing.
  [[nodiscard]] std::string text() const;
};

}  // namespace minescan
