#pragma once
// Further views of a file, made window by window from its bytes: wide text as UTF-8, the wide
// strings of Windows programs.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "inspect/file_type.h"
#include "model/trail.h"
#include "model/view.h"

namespace minescan::inspect {

// A part of a file: bytes[from, to) is new, what lies before and after was or will be shown again
// so that nothing falls into a seam.
struct Window {
  ByteView bytes;
  std::size_t from = 0;
  std::size_t to = 0;
  std::uint32_t line = 0;  // 1-based line of bytes[0] in the file; 0 where that means nothing
};

class ViewSink {
 public:
  virtual ~ViewSink() = default;
  // A view to match.  window.bytes die on return.  `offset` is where window.from lies in the whole
  // view: its bytes so far.
  virtual void on_view(ViewKind kind, const Step& step, const Window& window,
                       std::uint64_t offset) = 0;
  // Some of what there is to see is not shown: a limit was reached.  The bytes themselves are
  // matched all the same.  `what` is a clause for the report.
  virtual void on_limit(const std::string& what) = 0;
};

// One per file; windows come in order and their `from` must follow the last `to` (multiples of 4
// from the start of the file, but for the last).
class Views {
 public:
  explicit Views(const FileType& type) : type_(type) {}
  void window(const Window& window, ViewSink& sink);

 private:
  void wide_text(const Window& window, ViewSink& sink);
  void wide_strings(const Window& window, ViewSink& sink);

  FileType type_;
  std::uint64_t offset_ = 0;  // bytes of the view so far
  std::string text_;          // kept for its capacity
};

}  // namespace minescan::inspect
