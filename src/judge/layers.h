#pragma once
// Which files of an image's layers a container sees.  Plays the layers' paths in order, as an
// extraction would, and says for some of them what became of them.
//
// Rules (image-spec, and what runtimes do): a layer's whiteouts hide lower layers only, whatever
// their place in the archive; opaque directories likewise; everything but a directory over a
// directory replaces what is at its path, with all below it; parents that are symbolic links are
// followed inside the root; of two entries at one path in one layer the last one stays.
//
// Where the paths make no sense for an extraction (too long, too many links) they hide nothing and
// count as present: a state never makes a finding smaller than it may be.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.h"
#include "model/report.h"

namespace minescan::judge {

// Without leading "/", without empty, "." and ".." components; ".." never leaves the root.
std::string clean_path(std::string_view path);

// About one entry of one layer.
struct Question {
  std::size_t layer = 0;   // index, lowest is 0
  std::string path;        // cleaned
  std::uint32_t copy = 0;  // of several entries at this path in this layer, 1 the first; 0 the last
  bool name_only = false;  // its name is meant, not its bytes
};

struct Standing {
  State state = State::present;
  std::optional<std::size_t> layer;  // the one that hides it
  std::string_view reason;  // for unreachable: why no extraction yields it; a string literal
};

// One Standing per question, in their order.  A path that its layer does not list is present.
// Bytes that hard links share are present as long as one of their names is.
// Time and memory grow with the number of paths, not with layers × paths.
std::vector<Standing> settle(const std::vector<const std::vector<PathEntry>*>& layers,
                             const std::vector<Question>& questions);

}  // namespace minescan::judge
