#pragma once
// The programs docker-credential-<suffix>, which keep logins in a key ring or get them from a
// cloud. Protocol: https://github.com/docker/docker-credential-helpers.  Tested by
// credentials_test.cpp.

#include <chrono>
#include <optional>
#include <string>

#include "acquire/credentials.h"
#include "acquire/environment.h"
#include "base/result.h"

namespace minescan::acquire {

inline constexpr std::chrono::seconds kHelperTimeout{10};

// Asks docker-credential-<suffix>, found in an absolute folder of PATH, for `server`.  It is
// started without a shell, with its own process group, and with PATH, HOME and the variables of
// clouds only.  nullopt when it has no login for the server; Code::usage or Code::io with its words
// when it fails.
Result<std::optional<Login>> ask_helper(const std::string& suffix, const std::string& server,
                                        const Environment& environment,
                                        std::chrono::milliseconds timeout = kHelperTimeout);

}  // namespace minescan::acquire
