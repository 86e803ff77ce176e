#pragma once
// Loose objects: a file each, named by the object's id, and in it one zlib stream of "blob 12", NUL
// and the bytes.

#include <optional>
#include <string>
#include <vector>

#include "acquire/git/object.h"
#include "base/result.h"

namespace minescan::acquire {

// In the directory of objects; nullopt when there is no such object.  Errors: one sentence about
// the file, that it is damaged or too large.
Result<std::optional<GitObject>> read_loose(const std::string& objects, const ObjectId& id);
Result<std::optional<ObjectHeader>> loose_header(const std::string& objects, const ObjectId& id);
bool has_loose(const std::string& objects, const ObjectId& id);

// Appends the ids of the objects whose hexadecimal id begins so; two digits at least.
void find_loose(const std::string& objects, const std::string& prefix,
                std::vector<ObjectId>& found);

}  // namespace minescan::acquire
