#pragma once
// An image's config as views: what will be run, with which environment, and how it was built.

#include "base/bytes.h"
#include "base/result.h"
#include "inspect/views.h"

namespace minescan::inspect {

// Entrypoint with Cmd, Healthcheck, OnBuild and the history's commands as `argv` views; Env, Labels
// and the rest of the texts as `image_config` views.  Code::corrupt when it is not a config.
Result<void> image_config(ByteView json, ViewSink& sink);

}  // namespace minescan::inspect
