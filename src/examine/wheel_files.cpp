#include "examine/wheel_files.h"

#include <algorithm>

#include "base/printable.h"

namespace minescan::examine {
namespace {

// The first field of a line of CSV; in quotes a quote is two.
std::string first_field(std::string_view line) {
  if (!line.starts_with('"')) return std::string(line.substr(0, line.find(',')));
  std::string field;
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '"' && (at + 1 == line.size() || line[++at] != '"')) break;
    field += line[at];
  }
  return field;
}

// RECORD need not list these.
bool is_signature(std::string_view path) {
  return path.ends_with(".dist-info/RECORD.jws") || path.ends_with(".dist-info/RECORD.p7s");
}

}  // namespace

void WheelFiles::add(std::string_view path, Source& body) {
  if (!is_signature(path)) files_.emplace_back(path);
  if (!path.ends_with(".dist-info/RECORD")) return;
  std::string_view text = as_text(body.peek(kMaxPeek));
  text = text.substr(0, kMaxPeek);
  has_record_ = true;
  listed_.emplace_back(path);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    listed_.push_back(first_field(text.substr(0, end)));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

std::optional<std::string> WheelFiles::oddity() {
  if (!has_record_) return std::nullopt;
  std::sort(files_.begin(), files_.end());
  std::sort(listed_.begin(), listed_.end());
  std::vector<std::string> missing;
  std::set_difference(files_.begin(), files_.end(), listed_.begin(), listed_.end(),
                      std::back_inserter(missing));
  if (missing.empty()) return std::nullopt;
  return "wheel has " + std::to_string(missing.size()) +
         " files that its RECORD does not list, among them " + printable(missing.front(), 200);
}

}  // namespace minescan::examine
