#pragma once
// An OCI image layout in a directory: oci-layout, index.json, blobs/<algorithm>/<hex>.

#include <memory>
#include <string>

#include "acquire/image_source.h"

namespace minescan::acquire {

// `tag` chooses among several images; "" when there is one.  Links inside the layout are refused:
// they could make any file of this machine a layer.  The directory itself may be reached by one.
Result<std::unique_ptr<ImageSource>> open_layout(const std::string& directory,
                                                 const std::string& tag);

// Whether a directory claims to be one.
bool is_layout(const std::string& directory);

// What the file oci-layout must say.  `where` is for messages.
Result<void> check_layout_version(std::string_view bytes, const std::string& where);

}  // namespace minescan::acquire
