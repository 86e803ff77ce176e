#include "report/html_encode.h"

#include "base/printable.h"

namespace minescan::report {

std::string html_text(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : printable(text, limit)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_element(std::string_view tag, std::string_view text, std::string_view kind) {
  std::string out = "<" + std::string(tag);
  if (!kind.empty()) out.append(" class=\"").append(kind).append("\"");
  return out + ">" + html_text(text) + "</" + std::string(tag) + ">";
}

std::string html_link(std::string_view address) {
  constexpr std::string_view kScheme = "https://";
  constexpr std::string_view kHarmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/?#=&%+,:";
  constexpr std::size_t kLongest = 2000;
  const bool link = address.starts_with(kScheme) && address.size() > kScheme.size() &&
                    address.size() <= kLongest &&
                    address.find_first_not_of(kHarmless) == std::string_view::npos;
  if (!link) return html_element("code", address);
  const std::string text = html_text(address);
  return "<a href=\"" + text + "\" rel=\"noopener noreferrer\">" + text + "</a>";
}

}  // namespace minescan::report
