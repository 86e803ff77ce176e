#pragma once
// Choosing an image from the index.json of an OCI layout, in a directory or in an archive.

#include <string>
#include <vector>

#include "acquire/manifest.h"

namespace minescan::acquire {

// The one entry that `tag` names (by org.opencontainers.image.ref.name or io.containerd.image.name,
// or by digest); without a tag the only entry there is.  `where` is for messages.  Code::not_found
// when there is none, usage when there are several: the message lists them.
Result<DescriptorEntry> choose_entry(const IndexBody& index, const std::string& tag,
                                     const std::string& where);

// Says which entries nobody can name, such as artifacts that are attached to an image (OCI 1.1):
// they are no part of the chosen one and are not scanned.  Nothing when there are none.
std::vector<std::string> unnamed_notes(const IndexBody& index, const DescriptorEntry& chosen);

// Whether two names of an image mean the same: "docker.io/library/alpine:3" and "alpine:3".
bool same_image_name(const std::string& one, const std::string& other);

}  // namespace minescan::acquire
