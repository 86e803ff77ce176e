#pragma once
// Who to be at a registry: from the options, or from the files that docker and podman keep.
//
// Order: --registry-token, --username; $REGISTRY_AUTH_FILE; $XDG_RUNTIME_DIR/containers/auth.json
// (or /run/containers/<uid>/auth.json); $XDG_CONFIG_HOME/containers/auth.json (or ~/.config/…);
// $DOCKER_CONFIG/config.json (or ~/.docker/config.json); ~/.dockercfg.  The first that has an entry
// for the registry wins.  Inside a file: credHelpers, credsStore, auths.
//
// A login is found only under the registry's exact name.  No error and no message ever holds a
// secret.  Tested by credentials_test.cpp.

#include <string>
#include <string_view>
#include <vector>

#include "acquire/acquire.h"
#include "acquire/environment.h"
#include "acquire/reference.h"
#include "base/result.h"

namespace minescan::acquire {

struct Login {
  std::string username, password;
  std::string identity_token;  // for OAuth2's refresh_token grant
  std::string registry_token;  // a Bearer token as it is

  [[nodiscard]] bool empty() const {
    return username.empty() && password.empty() && identity_token.empty() && registry_token.empty();
  }
};

struct FoundLogin {
  Login login;  // empty: anonymous
  // Where was looked and with what result, for people: "/root/.docker/config.json (absent)".
  std::vector<std::string> places;
};

// Code::usage when a file is named and missing, or is not what it should be, with file and problem.
Result<FoundLogin> find_login(const Reference& reference, const Options& options,
                              const Environment& environment);

}  // namespace minescan::acquire
