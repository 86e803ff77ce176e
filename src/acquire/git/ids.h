#pragma once
// Ids of objects as digits.

#include <optional>
#include <string>
#include <string_view>

#include "acquire/git/object.h"

namespace minescan::acquire {

std::string hex(const ObjectId& id);
// nullopt unless these are forty digits as git writes them.
std::optional<ObjectId> id_from_hex(std::string_view digits);

}  // namespace minescan::acquire
