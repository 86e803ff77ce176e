#pragma once
// An image in a registry, over the distribution API.

#include <memory>
#include <string>

#include "acquire/acquire.h"
#include "acquire/image_source.h"

namespace minescan::acquire {

// `reference` without a transport: "registry.example/team/app:1.2", "alpine", "x@sha256:…".
Result<std::unique_ptr<ImageSource>> open_registry(const std::string& reference,
                                                   const Options& options);

}  // namespace minescan::acquire
