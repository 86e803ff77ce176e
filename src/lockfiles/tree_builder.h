#pragma once
// Puts a Node tree together from a parser's events, and refuses what document.h says.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lockfiles/document.h"

namespace minescan::lockfiles {

// After false the tree is of no use: `problem` says why, and the caller gives up.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::size_t most_nodes = kMostNodes) : most_nodes_(most_nodes) {}

  bool open(Node::Kind kind, std::uint32_t line);  // list or map
  bool close();
  bool scalar(Node::Kind kind, std::uint32_t line, std::string text);
  // The next value's key; only inside a map.
  bool key(std::uint32_t line, std::string name);
  // Inside a map, whether a key comes next.
  [[nodiscard]] bool wants_key() const;

  [[nodiscard]] bool complete() const { return complete_; }
  Node take() {
    complete_ = false;
    return std::move(root_);
  }

  Error problem;
  std::uint32_t problem_line = 1;

 private:
  bool refuse(Code code, std::uint32_t line, std::string what);
  bool place(Node node);

  std::size_t most_nodes_;
  Node root_;
  bool complete_ = false;
  std::vector<Node> open_;  // the path to where we are
  std::optional<std::pair<std::uint32_t, std::string>> key_;
  std::size_t nodes_ = 0;
};

}  // namespace minescan::lockfiles
