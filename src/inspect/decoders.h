#pragma once
// What a file hides in encodings, found window by window: see decoders/decoder.h.

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/decoders/decoder.h"
#include "inspect/views.h"
#include "model/view.h"

namespace minescan::inspect {

// One per view of a file.  What it finds does not depend on how the windows are cut.
//
// Texts are decoded as a whole while they have up to 8 MiB (longer ones in blocks that end between
// what they hide); programs and other bytes as they pass, where only long runs of base64 and hex
// and XORed addresses are looked for.
class Decoders {
 public:
  explicit Decoders(ViewKind kind);
  Decoders(const Decoders&) = delete;
  Decoders& operator=(const Decoders&) = delete;
  ~Decoders();

  // Takes window.bytes[from, to) and appends what is complete.  Windows come in order, each begins
  // where the last ended.  `last`: nothing follows.  Not everything is decoded before that.
  void window(const Window& window, bool last, std::vector<Decoded>& found);

 private:
  void text(std::string_view bytes, bool last, std::vector<Decoded>& found);
  std::size_t block(std::string_view text, bool last, std::vector<Decoded>& found);
  void runs(std::string_view bytes, bool last, std::vector<Decoded>& found);
  void run(std::string_view bytes, std::uint64_t offset, std::vector<Decoded>& found);

  const bool is_text_;
  std::string kept_;          // of a text: from offset_ on; of other bytes: a run that goes on
  std::size_t enough_ = 0;    // how much text makes a block
  std::uint64_t offset_ = 0;  // of kept_, or of the next byte
  std::uint64_t done_ = 0;    // what was found before that is not found again
  std::uint32_t line_ = 1;    // at offset_
  std::uint32_t column_ = 1;
  std::uint64_t xor_done_ = 0;
};

}  // namespace minescan::inspect
