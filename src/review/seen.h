#pragma once
// What was seen of an artifact's files, for comparing it with another one.  Filled while the
// artifact is examined.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/digest.h"
#include "model/artifact.h"
#include "model/observer.h"
#include "model/trail.h"

namespace minescan::review {

struct SeenFile {
  std::string type;      // "ELF", "JSON", "zip", as inspect and unpack name it
  Trail trail;           // where it is
  bool program = false;  // ELF, PE, Mach-O, wasm and the like
  bool gpu = false;      // kernels were seen in it
  std::string digest;    // of its bytes; "" of a container
  std::string text;      // of a file that says what runs (facts.h), up to kMostText
};
inline constexpr std::size_t kMostText = std::size_t{4} << 20;

// By path in the artifact.  The first folder of an npm package or a crate, which carries the
// version or says nothing, is left out (`strip`).
using SeenFiles = std::map<std::string, SeenFile>;

// Called by several threads, one unit on each.
class Seen final : public Observer {
 public:
  Seen(const Artifact& artifact, bool strip_first_folder);

  void on_node(const Trail& trail, std::string_view type, ViewKind view) override;
  void on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) override;
  void on_view(const Trail& trail, ViewKind kind, ByteView bytes) override;
  void on_words(const Trail& trail, ViewKind kind, const std::string& indicator,
                const std::string& words) override;

  // What was seen; ends the collecting.
  SeenFiles take();
  // Whether there were more files than are remembered.
  [[nodiscard]] bool full() const { return full_; }

 private:
  struct Open {
    SeenFile file;
    std::optional<Hasher> hasher;  // once bytes came
  };
  Open* at(const Trail& trail);
  [[nodiscard]] std::string path_of(const Trail& trail) const;

  const bool strip_;
  std::unordered_map<std::string, std::size_t> units_;  // name to index: later ones lie above
  std::mutex mutex_;
  std::map<std::string, Open> files_;
  bool full_ = false;
};

}  // namespace minescan::review
