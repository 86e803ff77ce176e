#pragma once
// What paths of a changed tree are, and how they are told.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minescan::app {

// Bytes of a lockfile, and of a configuration or registry's settings.
inline constexpr std::uint64_t kMostLockfile = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kMostPolicy = std::uint64_t{1} << 20;
// A pointer file of Git LFS is smaller (its specification says below 1,024 bytes).
inline constexpr std::uint64_t kMostPointer = 1024;

// Whether a file's text is such a pointer.
bool is_pointer(std::string_view text);

// Installed packages carry lockfiles of their own, which nobody installs from.
bool is_reviewed_lockfile(const std::string& path);

// Lists of packages that minescan cannot read.
bool is_unread_lockfile(const std::string& path);

// The path that a relative one names, seen from a folder of the tree; nullopt when it leaves it.
std::optional<std::string> path_below(const std::string& folder, std::string_view relative);

// "package-lock.json:412"; without the line when it is 0.
std::string place(const std::string& file, std::uint32_t line);

}  // namespace minescan::app
