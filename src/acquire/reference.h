#pragma once
// The name of an image in a registry, as Docker reads it: "alpine", "acme/api:1",
// "registry.example:5000/team/app@sha256:…".  Grammar and normalisation are those of the
// distribution project's reference package.  Tested by reference_test.cpp.

#include <string>
#include <string_view>

#include "base/result.h"

namespace minescan::acquire {

struct Reference {
  std::string registry;    // what credentials are kept under: "docker.io", "localhost:5000"
  std::string host;        // where its API answers: "registry-1.docker.io", "localhost:5000"
  std::string repository;  // "library/alpine"
  std::string tag;         // "latest" when neither tag nor digest was given; "" with only a digest
  std::string digest;      // "" when none was given; decides when both are there

  // Fully qualified: "docker.io/library/alpine:latest".
  [[nodiscard]] std::string text() const;
};

// "docker.io" for every name that Docker Hub is known by, anything else in lower case.
std::string registry_key(std::string_view host);

// Code::usage with what is wrong.  A text that may hold a password (it has an "@" that is not
// followed by a digest) is not repeated in the error.
Result<Reference> parse_reference(std::string_view text);

}  // namespace minescan::acquire
