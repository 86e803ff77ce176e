#pragma once
// The only place that asks for the time of day.

#include <string>

namespace minescan::app {

// The time in UTC, as strftime() writes it.  SOURCE_DATE_EPOCH stands in for the clock where builds
// are reproduced.
std::string utc(const char* format);

}  // namespace minescan::app
