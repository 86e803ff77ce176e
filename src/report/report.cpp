#include "report/report.h"

#include <array>

#include "report/formats.h"

namespace minescan::report {
namespace {

constexpr std::array<Format, 8> kFormats = {{{"text", write_text},
                                             {"json", write_json},
                                             {"sarif", write_sarif},
                                             {"markdown", write_markdown},
                                             {"html", write_html},
                                             {"github", write_github},
                                             {"gitlab", write_gitlab},
                                             {"gitlab-codequality", write_gitlab_codequality}}};

}  // namespace

const Format* format_by_name(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  names.reserve(kFormats.size());
  for (const Format& format : kFormats) names.push_back(format.name);
  return names;
}

std::string_view verdict_name(int exit_code) {
  switch (exit_code) {
    case 0:
      return "clean";
    case 1:
      return "found";
    case 3:
      return "incomplete";
    default:
      return "no_verdict";
  }
}

}  // namespace minescan::report
