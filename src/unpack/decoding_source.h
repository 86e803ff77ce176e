#pragma once
// What all decoders share: an output buffer that grows to what peek() asks for, and a window onto
// the parent so that the parent stands exactly where the encoding ended.
//
// A decoder is fed from windows of at most kWindow bytes.  The parent is only moved when a window
// is used up or the encoding has ended, so after a failure the parent stands at the start of the
// failing window (but behind the encoding's magic): those bytes were not decoded to the end, and
// the caller can still look at them as they are.  Where that is does not depend on how the parent
// cuts its bytes.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/source.h"
#include "unpack/beside.h"

namespace minescan::unpack {

class DecodingSource : public Decoded {
 public:
  // Input is decoded in pieces of at most this many bytes.
  static constexpr std::size_t kWindow = std::size_t{256} << 10;
  // A decoder may count on at least this much room for its output.  ISA-L holds up to 64 KiB and a
  // few bytes back, which would be lost on an error if they did not fit.
  static constexpr std::size_t kLeastRoom = std::size_t{96} << 10;

  ByteView peek(std::size_t want) final;
  void skip(std::size_t n) final;
  std::size_t read(OutBytes out) final;
  [[nodiscard]] std::uint64_t position() const final { return position_; }
  [[nodiscard]] std::optional<Error> fault() const final { return fault_; }
  [[nodiscard]] const Beside* beside() const final { return &beside_; }

 protected:
  // `name` is for messages and must be a literal.  `magic_bytes` are skipped even when the first
  // window fails: otherwise a caller that looks at what is left would recognise the same again.
  DecodingSource(Source& parent, std::string_view name, std::size_t magic_bytes)
      : parent_(parent), name_(name), committed_(magic_bytes) {}

  enum class State { more, end, failed };
  struct Step {
    std::size_t used = 0;  // bytes of `in` that are done with
    std::size_t made = 0;  // bytes written to the front of `out`
    State state = State::more;
    bool boundary = false;  // the used bytes end a frame, member or header
    bool beside = false;  // the used bytes are what decoders pass over: a comment, a skipped frame
  };

  // Decodes some of `in` (what is left of a window) into `out`.  Using and making nothing asks for
  // more contiguous input; with `last` there is none, and the source ends as truncated.
  virtual Step decode(ByteView in, bool last, OutBytes out) = 0;

  // Keeps the first error; decoding goes on unless the step says `failed`.
  void report(Code code, std::string what);
  Step give_up(Code code, std::string what);
  // "after N decoded bytes", for messages.
  [[nodiscard]] std::string where() const;
  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  std::size_t decode_some(OutBytes out);
  OutBytes make_room(std::size_t want);
  void take(const Step& step, std::size_t window, bool last);
  void finish(std::size_t skip);

  Source& parent_;
  std::string_view name_;
  std::size_t committed_;  // bytes of the window that a failure does not give back
  std::size_t fed_ = 0;    // bytes of the window that are decoded
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // what peek shows is buffer_[begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t position_ = 0;
  bool ended_ = false;
  std::optional<Error> fault_;
  Beside beside_;
};

}  // namespace minescan::unpack
