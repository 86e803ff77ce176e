#pragma once
// Which files of a working tree are no part of a change: what lists such as .gitignore say, read
// from wherever the caller trusts them, and not from the working tree that is judged.

#include <string>
#include <string_view>
#include <vector>

namespace minescan::acquire {

class IgnoreRules {
 public:
  // The lines of one list, whose patterns are about `folder` ("" = the root) and below.  What is
  // added later counts more, so lists of folders come after those of the folders around them.
  void add(const std::string& folder, std::string_view text);
  // Whether the path itself is ignored; what lies in an ignored folder is so too, which is for the
  // caller to remember.
  [[nodiscard]] bool ignores(const std::string& path, bool is_folder) const;

 private:
  struct Rule {
    std::string folder;              // "" or with a slash at its end
    std::vector<std::string> parts;  // of the pattern; "**" = any number of folders
    bool negated = false;            // not ignored after all
    bool folders_only = false;
  };
  std::vector<Rule> rules_;
};

}  // namespace minescan::acquire
