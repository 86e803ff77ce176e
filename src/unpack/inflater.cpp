#include "unpack/inflater.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <limits>

namespace minescan::unpack {
namespace {

std::uint32_t piece(std::size_t n) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(n, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

// Zeroed: with an incomplete Huffman code ISA-L may look at entries of its tables that it did not
// write, and the result must not depend on what the memory held before.
Inflater::Inflater(Checksum checksum)
    : state_(std::make_unique<inflate_state>()), checksum_(checksum) {
  reset();
}

void Inflater::reset() {
  isal_inflate_init(state_.get());
  state_->crc_flag = checksum_ == Checksum::crc32 ? ISAL_GZIP_NO_HDR : ISAL_ZLIB_NO_HDR;
  ahead_ = 0;
}

Inflater::Progress Inflater::run(ByteView in, std::span<std::byte> out) {
  const std::size_t ahead = std::min(ahead_, in.size());
  const ByteView fresh = in.subspan(ahead);
  // ISA-L does not write to its input; its interface only lacks the const.
  state_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(fresh.data()));
  state_->avail_in = piece(fresh.size());
  state_->next_out = reinterpret_cast<std::uint8_t*>(out.data());
  state_->avail_out = piece(out.size());
  const int result = isal_inflate(state_.get());
  const std::size_t taken = piece(fresh.size()) - state_->avail_in;
  const auto unread = static_cast<std::size_t>(std::max(state_->read_in_length, 0) / 8);
  ahead_ = std::min(unread, ahead + taken);
  Progress progress;
  progress.used = ahead + taken - ahead_;
  progress.made = piece(out.size()) - state_->avail_out;
  progress.bad = result < 0 || result == ISAL_NEED_DICT;
  progress.end = !progress.bad && state_->block_state == ISAL_BLOCK_FINISH;
  return progress;
}

DeflateTrial try_inflate(ByteView bytes, Inflater::Checksum checksum) {
  constexpr std::size_t kRoom = std::size_t{96} << 10;
  Inflater inflater(checksum);
  const auto room = std::make_unique_for_overwrite<std::byte[]>(kRoom);
  DeflateTrial trial;
  while (true) {
    const auto progress = inflater.run(bytes.subspan(trial.used), {room.get(), kRoom});
    trial.used += progress.used;
    trial.made += progress.made;
    trial.end = progress.end;
    trial.good = !progress.bad;
    if (progress.bad || progress.end || (progress.used == 0 && progress.made == 0)) break;
  }
  trial.checksum = inflater.checksum();
  return trial;
}

std::uint32_t crc32(std::uint32_t crc, ByteView bytes) {
  return crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace minescan::unpack
