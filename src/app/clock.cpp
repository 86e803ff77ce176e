#include "app/clock.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace minescan::app {

std::optional<std::uint64_t> source_date_epoch() {
  const char* const text = std::getenv("SOURCE_DATE_EPOCH");
  if (text == nullptr) return std::nullopt;
  std::uint64_t seconds = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, seconds);
  if (error != std::errc() || stop != end) return std::nullopt;
  return seconds;
}

std::string utc(const char* format) {
  const auto epoch = source_date_epoch();
  const std::time_t now = epoch ? static_cast<std::time_t>(*epoch) : std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace minescan::app
