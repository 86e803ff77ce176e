#pragma once
// An image in a registry, over the OCI distribution API (which is Docker's v2 API).  The reference
// is "REF" or "docker://REF".  Documents and blobs are checked against their digests; a blob is
// downloaded while it is read.  Sources stay valid after the ImageSource has gone.  Safe for
// several threads.  Tested by registry_test.cpp.

#include <memory>
#include <string>

#include "acquire/acquire.h"
#include "acquire/environment.h"
#include "acquire/http.h"
#include "acquire/image_source.h"
#include "base/result.h"

namespace minescan::acquire {

// Connects, so that a host that does not answer shows here.  Code::usage for a reference that is
// none and for broken credentials files, Code::unreachable, Code::refused.
Result<std::unique_ptr<ImageSource>> open_registry(const std::string& reference,
                                                   const Options& options);

// The same with other surroundings and times than the process's own; for tests.  `insecure` and
// `ca_file` of the settings are taken from the options.
Result<std::unique_ptr<ImageSource>> open_registry(const std::string& reference,
                                                   const Options& options, HttpSettings settings);

}  // namespace minescan::acquire
