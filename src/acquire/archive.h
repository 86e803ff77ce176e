#pragma once
// An image in one tar file, as `docker save`, `podman save` and `skopeo copy` write them: an OCI
// layout (index.json), Docker's own form (manifest.json), or both.  What is in it decides, not what
// the caller takes it for.  May be compressed as a whole: then it is unpacked once into a temporary
// file without a name, since layers are read in any order.

#include <memory>
#include <string>

#include "acquire/image_source.h"
#include "base/handle.h"
#include "model/task.h"

namespace minescan::acquire {

// `tag` chooses among several images; "" when there is one.  `tasks` unpacks the archive and reads
// its headers, and is not kept; nullptr = that is done here.
Result<std::unique_ptr<ImageSource>> open_archive(const std::string& path, const std::string& tag,
                                                  TaskRunner* tasks);

// The same over an open file.  `name` is what reports call the image, "" = after transport, path
// and tag; `path` is for messages.
Result<std::unique_ptr<ImageSource>> open_archive(Fd file, const std::string& path,
                                                  const std::string& name, const std::string& tag,
                                                  TaskRunner* tasks);

}  // namespace minescan::acquire
