#pragma once
// Choosing an image from the index.json of an OCI layout, in a directory or in an archive.

#include <string>

#include "acquire/manifest.h"

namespace minescan::acquire {

// The one entry that `tag` names (by org.opencontainers.image.ref.name or io.containerd.image.name,
// or by digest); without a tag the only entry there is.  `where` is for messages.  Code::not_found
// when there is none, usage when there are several: the message lists them.
Result<DescriptorEntry> choose_entry(const IndexBody& index, const std::string& tag,
                                     const std::string& where);

// Whether two names of an image mean the same: "docker.io/library/alpine:3" and "alpine:3".
bool same_image_name(const std::string& one, const std::string& other);

}  // namespace minescan::acquire
