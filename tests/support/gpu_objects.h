#pragma once
// Reads testdata/gpu, and says what is in an object's words.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "inspect/gpu/gpu_object.h"

namespace minescan::test {

inline std::string gpu_file(const std::string& name) {
  std::ifstream file(MINESCAN_SOURCE_DIR "/testdata/gpu/" + name, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// SHA-256, and what remains of it in a search over headers of 80 bytes once constants are folded.
inline constexpr std::array<std::uint32_t, 64> kSha256 = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
inline constexpr std::array<std::uint32_t, 15> kFolded = {
    0xc19bf3f4, 0x00a00055, 0x01100000, 0xb956c25b, 0x5807aa98, 0xc19bf274, 0x00400022, 0x00a00000,
    0x11002000, 0x98c7e2a2, 0xfc08884d, 0x90bb1e3c, 0x50c6645b, 0x3ac42e24, 0xd16e48e2};
// Halves of Keccak's round constants that are wider than a byte.
inline constexpr std::array<std::uint32_t, 15> kKeccak = {
    0x00008082, 0x0000808a, 0x80008000, 0x0000808b, 0x80000001, 0x80008081, 0x00008009, 0x80008009,
    0x8000000a, 0x8000808b, 0x00008089, 0x00008003, 0x00008002, 0x0000800a, 0x80008008};
inline constexpr std::uint32_t kFnvPrime = 0x01000193;

inline bool has_word(const std::vector<std::uint32_t>& words, std::uint32_t word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <std::size_t N>
std::size_t count_words(const std::vector<std::uint32_t>& words,
                        const std::array<std::uint32_t, N>& wanted) {
  return static_cast<std::size_t>(std::count_if(
      wanted.begin(), wanted.end(), [&](std::uint32_t word) { return has_word(words, word); }));
}

inline std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : " ") + part;
  return all;
}

inline bool has_part(const std::vector<std::string>& sentences, std::string_view part) {
  return std::any_of(sentences.begin(), sentences.end(), [part](const std::string& sentence) {
    return sentence.find(part) != std::string::npos;
  });
}

template <class T>
std::string little_bytes(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff));
  }
  return bytes;
}

}  // namespace minescan::test
