#pragma once
// Untrusted bytes in HTML: as text of an element or as a value between double quotes.

#include <cstddef>
#include <string>
#include <string_view>

namespace minescan::report {

// Printable text, cut to about `limit` bytes, in which nothing is markup: & < > " ' are references.
std::string html_text(std::string_view text, std::size_t limit = 4096);

// "<tag>text</tag>".  `tag` and `kind`, its class ("" for none), are ours and never untrusted.
std::string html_element(std::string_view tag, std::string_view text, std::string_view kind = "");

// A link to an address on the web; what is anything else than https:// and harmless characters is
// code and no link.
std::string html_link(std::string_view address);

}  // namespace minescan::report
