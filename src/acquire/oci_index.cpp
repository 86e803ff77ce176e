#include "acquire/oci_index.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "acquire/quoted.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::array<const char*, 2> kNameKeys = {"org.opencontainers.image.ref.name",
                                                  "io.containerd.image.name"};

// What a person can write after the colon to mean the entry.
std::string shown_name(const DescriptorEntry& entry) {
  // containerd's name says more: with it two repositories may have the same tag.
  for (auto key = kNameKeys.rbegin(); key != kNameKeys.rend(); ++key) {
    const auto at = entry.annotations.find(*key);
    if (at != entry.annotations.end()) return at->second;
  }
  return entry.descriptor.digest;
}

bool is_named(const DescriptorEntry& entry, const std::string& tag) {
  if (entry.descriptor.digest == tag) return true;
  return std::any_of(kNameKeys.begin(), kNameKeys.end(), [&](const char* key) {
    const auto at = entry.annotations.find(key);
    return at != entry.annotations.end() && same_image_name(at->second, tag);
  });
}

std::string_view short_name(std::string_view name) {
  for (const std::string_view prefix : {"docker.io/library/", "docker.io/"}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

}  // namespace

std::vector<std::string> unnamed_notes(const IndexBody& index, const DescriptorEntry& chosen) {
  constexpr std::size_t kListed = 5;
  std::set<std::string> digests;
  for (const DescriptorEntry& entry : index.manifests) {
    const bool named = std::any_of(kNameKeys.begin(), kNameKeys.end(), [&](const char* key) {
      return entry.annotations.contains(key);
    });
    if (!named && entry.descriptor.digest != chosen.descriptor.digest) {
      digests.insert(entry.descriptor.digest);
    }
  }
  if (digests.empty()) return {};
  std::string note = "not scanned: " + std::to_string(digests.size()) +
                     " manifests without a name, such as artifacts attached to an image:";
  std::size_t listed = 0;
  for (const std::string& digest : digests) {
    if (++listed > kListed) break;
    note += " " + digest;
  }
  if (digests.size() > kListed) note += " and more";
  return {note};
}

bool same_image_name(const std::string& one, const std::string& other) {
  const auto a = short_name(one);
  const auto b = short_name(other);
  return a == b || a == std::string(b) + ":latest" || std::string(a) + ":latest" == b;
}

Result<DescriptorEntry> choose_entry(const IndexBody& index, const std::string& tag,
                                     const std::string& where) {
  std::vector<const DescriptorEntry*> fitting;
  std::set<std::string> digests;
  std::set<std::string> names;
  for (const DescriptorEntry& entry : index.manifests) {
    names.insert(printable(shown_name(entry), 200));
    if (!tag.empty() && !is_named(entry, tag)) continue;
    // The same image under several tags is one image.
    if (digests.insert(entry.descriptor.digest).second) fitting.push_back(&entry);
  }
  if (fitting.size() == 1) return *fitting.front();
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  if (names.empty()) return fail(Code::not_found, in_quotes(where) + " holds no image");
  if (fitting.empty()) {
    return fail(Code::not_found,
                in_quotes(where) + " has no image '" + printable(tag, 200) + "'; it has: " + list);
  }
  return fail(Code::usage, in_quotes(where) + " holds " + std::to_string(fitting.size()) +
                               " images that fit; add one of these after a colon: " + list);
}

}  // namespace minescan::acquire
