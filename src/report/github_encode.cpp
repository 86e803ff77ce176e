#include "report/github_encode.h"

namespace minescan::report {
namespace {

std::string escaped(std::string_view text, std::string_view what) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (what.find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

}  // namespace

void WorkflowCommand::property(std::string_view name, std::string_view value) {
  head_ += has_property_ ? ',' : ' ';
  head_.append(name).append("=").append(escaped(value, "%\r\n:,"));
  has_property_ = true;
}

std::string WorkflowCommand::text(std::string_view text) const {
  return head_ + "::" + escaped(text, "%\r\n") + "\n";
}

}  // namespace minescan::report
