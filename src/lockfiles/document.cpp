#include "lockfiles/document.h"

#include <algorithm>

#include "base/printable.h"

namespace minescan::lockfiles {

const Node* Node::find(std::string_view name) const {
  if (kind != Kind::map) return nullptr;
  const auto at = std::find_if(items.begin(), items.end(),
                               [name](const Node& item) { return item.key == name; });
  return at == items.end() ? nullptr : &*at;
}

std::string_view Node::text_of(std::string_view name) const {
  const Node* member = find(name);
  return member != nullptr && member->kind == Kind::text ? std::string_view(member->text)
                                                         : std::string_view();
}

bool Node::is_true(std::string_view name) const {
  const Node* member = find(name);
  return member != nullptr && member->kind == Kind::boolean && member->text == "true";
}

const std::vector<Node>& Node::items_of(std::string_view name) const {
  static const std::vector<Node> kNone;
  const Node* member = find(name);
  return member == nullptr ? kNone : member->items;
}

tl::unexpected<Error> fail_at(Code code, const std::string& path, std::size_t line,
                              const std::string& what) {
  return fail(code, printable(path, 512) + ":" + std::to_string(line) + ": " + what);
}

}  // namespace minescan::lockfiles
