#include "match/runs.h"

namespace minescan::match {
namespace {

constexpr std::array<bool, 256> table(std::string_view characters) {
  std::array<bool, 256> members{};
  for (const char c : characters) members[static_cast<unsigned char>(c)] = true;
  return members;
}

// Bitcoin's: no 0, O, I, l.
constexpr auto kBase58 = table("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
constexpr auto kNone = table("");

}  // namespace

std::optional<Alphabet> alphabet_by_name(std::string_view name) {
  if (name == "base58") return Alphabet::base58;
  return std::nullopt;
}

const std::array<bool, 256>& members_of(Alphabet alphabet) {
  return alphabet == Alphabet::base58 ? kBase58 : kNone;
}

}  // namespace minescan::match
