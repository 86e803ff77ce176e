#pragma once
// An image of a running engine (Docker, Podman), over its unix socket.

#include <memory>
#include <string>

#include "acquire/image_source.h"

namespace minescan::acquire {

// Asks $DOCKER_HOST or $CONTAINER_HOST when set (unix:// only), else the usual sockets.  The image
// is exported into a temporary file without a name.  Code::unreachable when no engine listens,
// not_found when it has no such image.
Result<std::unique_ptr<ImageSource>> open_daemon(const std::string& reference);

}  // namespace minescan::acquire
