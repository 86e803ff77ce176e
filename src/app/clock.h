#pragma once
// The only place that asks for the time of day.

#include <cstdint>
#include <optional>
#include <string>

namespace minescan::app {

// SOURCE_DATE_EPOCH, in seconds since 1970; nothing when it is not set or is no such number.
std::optional<std::uint64_t> source_date_epoch();

// The time in UTC, as strftime() writes it.  SOURCE_DATE_EPOCH stands in for the clock where builds
// are reproduced.
std::string utc(const char* format);

}  // namespace minescan::app
