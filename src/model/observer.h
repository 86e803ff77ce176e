#pragma once
// Someone who wants to see what examining sees, beside the Record: `minescan inspect`, and
// what compares two artifacts.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "model/trail.h"
#include "model/view.h"

namespace minescan {

// Called on the thread that examines, in the order of the bytes.  Bytes and texts die on return.
class Observer {
 public:
  virtual ~Observer() = default;
  // What a stream is taken for, before its parts come: a file's type ("ELF") and kind of view, or a
  // format ("zip") and ViewKind::binary.
  virtual void on_node(const Trail& trail, std::string_view type, ViewKind view) = 0;
  // The bytes of a file that is no container, up to 48 MiB at a time, in order.
  virtual void on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) = 0;
  // A further view of a file: names of kernels, what packed it, a command.
  virtual void on_view(const Trail& trail, ViewKind kind, ByteView bytes) = 0;
  // An indicator's words that are in one place of a view.
  virtual void on_words(const Trail& trail, ViewKind kind, const std::string& indicator,
                        const std::string& words) = 0;
};

}  // namespace minescan
