#pragma once
// Makes squashfs images for tests in which nothing is packed, so that they can be damaged by hand.
// Small ones only: each table is one block.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::test {

struct SquashfsEntry {
  std::string name;
  std::string body;
};

struct SquashfsFile {
  std::string bytes;
  std::size_t inodes = 0;          // where the tables' blocks begin; their bytes are 2 further
  std::size_t listing = 0;         // where the root's listing begins
  std::vector<std::size_t> inode;  // of each file, then of the root
  std::vector<std::size_t> entry;  // of each file in the listing

  void put(std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  }
};

// All entries are files in the root, in blocks of 4 KiB and without shared tails.
inline SquashfsFile squashfs(const std::vector<SquashfsEntry>& entries) {
  constexpr std::size_t kBlock = 4096;
  const auto add = [](std::string& to, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) to += static_cast<char>(value >> (8 * i));
  };
  SquashfsFile file;
  file.bytes = std::string(96, '\0');
  std::string inodes, listing;
  add(listing, entries.size() - 1, 4);
  add(listing, 0, 4);  // all inodes are in the first block
  add(listing, 1, 4);
  std::vector<std::size_t> inode_at, entry_at;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SquashfsEntry& entry = entries[i];
    inode_at.push_back(inodes.size());
    entry_at.push_back(listing.size());
    add(listing, inodes.size(), 2);
    add(listing, i, 2);
    add(listing, 2, 2);
    add(listing, entry.name.size() - 1, 2);
    listing += entry.name;
    add(inodes, 2, 2);  // a file
    add(inodes, 0644, 2);
    add(inodes, 0, 8);
    add(inodes, i + 1, 4);
    add(inodes, file.bytes.size(), 4);
    add(inodes, 0xffffffff, 4);
    add(inodes, 0, 4);
    add(inodes, entry.body.size(), 4);
    for (std::size_t at = 0; at < entry.body.size(); at += kBlock) {
      const std::string block = entry.body.substr(at, kBlock);
      add(inodes, block.size() | 1U << 24, 4);
      file.bytes += block;
    }
  }
  const std::size_t root = inodes.size();
  inode_at.push_back(root);
  add(inodes, 1, 2);  // a directory
  add(inodes, 0755, 2);
  add(inodes, 0, 8);
  add(inodes, entries.size() + 1, 4);
  add(inodes, 0, 4);
  add(inodes, 2, 4);
  add(inodes, listing.size() + 3, 2);
  add(inodes, 0, 2);
  add(inodes, 0, 4);
  file.inodes = file.bytes.size();
  add(file.bytes, inodes.size() | 0x8000, 2);
  file.bytes += inodes;
  const std::size_t directories = file.bytes.size();
  file.listing = directories + 2;
  add(file.bytes, listing.size() | 0x8000, 2);
  file.bytes += listing;
  for (const std::size_t at : inode_at) file.inode.push_back(file.inodes + 2 + at);
  for (const std::size_t at : entry_at) file.entry.push_back(file.listing + at);
  file.bytes.replace(0, 4, "hsqs");
  file.put(4, entries.size() + 1, 4);
  file.put(12, kBlock, 4);
  file.put(20, 1, 2);   // gzip
  file.put(22, 12, 2);  // of the size of a block
  file.put(28, 4, 2);
  file.put(32, root, 8);
  file.put(40, file.bytes.size(), 8);
  file.put(48, ~std::uint64_t{0}, 8);
  file.put(56, ~std::uint64_t{0}, 8);
  file.put(64, file.inodes, 8);
  file.put(72, directories, 8);
  file.put(80, ~std::uint64_t{0}, 8);
  file.put(88, ~std::uint64_t{0}, 8);
  return file;
}

}  // namespace minescan::test
