#pragma once
// An image of a running engine (Docker, Podman), over its unix socket.

#include <memory>
#include <string>

#include "acquire/image_source.h"
#include "model/task.h"

namespace minescan::acquire {

// Asks $DOCKER_HOST or $CONTAINER_HOST when set (unix:// only), else the usual sockets.  The image
// is exported into a temporary file without a name.  Code::unreachable when no engine listens,
// not_found when it has no such image.  `tasks` as open_archive() takes it.
Result<std::unique_ptr<ImageSource>> open_daemon(const std::string& reference, TaskRunner* tasks);

}  // namespace minescan::acquire
