#pragma once
// A Record as bytes and back: for the cache, and for whoever is sent one.

#include <optional>
#include <string>

#include "base/bytes.h"
#include "model/record.h"

namespace minescan {

// Every field, after the number of the format.  Equal records are equal bytes.
std::string record_to_bytes(const Record& record);

// nullopt when the bytes are not exactly what record_to_bytes makes: of another version, damaged,
// cut, or with something behind.  Takes memory in proportion to the bytes, whatever they claim.
std::optional<Record> record_from_bytes(ByteView bytes);

}  // namespace minescan
