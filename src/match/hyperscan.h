#pragma once
// Hyperscan's objects with owners, and the databases of a set.  Vectorscan offers the same API on
// Arm.

#include <hs/hs.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/handle.h"
#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

using DatabaseHandle = std::unique_ptr<hs_database_t, Freer<hs_free_database>>;
using ScratchHandle = std::unique_ptr<hs_scratch_t, Freer<hs_free_scratch>>;

// Views are matched by three databases, so that patterns which only make sense in texts cost
// nothing on binaries, which are most bytes of an image.
inline constexpr std::size_t kGroups = 3;
std::size_t group_of(ViewKind kind);
ViewMask group_views(std::size_t group);

// Where a database is to run.
enum class Cpu : std::uint8_t {
  native,   // this machine
  generic,  // any machine of this architecture
  avx2,     // x86-64 with AVX2
};

// Fills in least and widest of every pattern; refuses what is unbounded, empty, anchored or not in
// Hyperscan's language, naming the indicator's place.
Result<void> measure(std::vector<Indicator>& indicators);

// One expression of a database.
struct Expression {
  std::uint32_t indicator = 0;
  std::uint32_t pattern = 0;
};

// The expressions of a group in the order of their Hyperscan ids; behind them come its words.
std::vector<Expression> expressions(const std::vector<Indicator>& indicators, std::size_t group);

// The runs of a group: not Hyperscan's business, see runs.h.
std::vector<Expression> runs(const std::vector<Indicator>& indicators, std::size_t group);

// Whether words are looked for in the bytes of a group's views.  They are in the database of its
// expressions: looked for by one of their own they took as long again.
constexpr bool has_words(std::size_t group) { return group == 0; }

// `words` (of a group that has them): looked for as 4 bytes in little-endian order, at any place.
// nullptr when there is neither an expression nor a word.
Result<DatabaseHandle> compile_group(const std::vector<Indicator>& indicators, std::size_t group,
                                     const std::vector<std::uint32_t>& words, Cpu cpu);

Result<std::string> serialise(const hs_database_t& database);
// Code::unsupported when it was made for another processor.
Result<DatabaseHandle> deserialise(ByteView bytes);

// Whether this processor can run databases made for Cpu::avx2.
bool has_avx2();

}  // namespace minescan::match
