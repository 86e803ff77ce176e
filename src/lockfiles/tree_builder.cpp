#include "lockfiles/tree_builder.h"

#include <algorithm>

#include "base/printable.h"

namespace minescan::lockfiles {
namespace {

// A key that stands twice among the members, or nullptr.
const Node* repeated(const std::vector<Node>& members) {
  const auto less = [](const Node* a, const Node* b) {
    return a->key != b->key ? a->key < b->key : a->line < b->line;
  };
  std::vector<const Node*> sorted;
  sorted.reserve(members.size());
  for (const Node& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), less);
  const auto twice = std::adjacent_find(
      sorted.begin(), sorted.end(), [](const Node* a, const Node* b) { return a->key == b->key; });
  return twice == sorted.end() ? nullptr : *std::next(twice);
}

}  // namespace

bool TreeBuilder::wants_key() const {
  return !open_.empty() && open_.back().kind == Node::Kind::map && !key_;
}

bool TreeBuilder::refuse(Code code, std::uint32_t line, std::string what) {
  problem = {code, std::move(what)};
  problem_line = line;
  return false;
}

bool TreeBuilder::key(std::uint32_t line, std::string name) {
  key_ = {line, std::move(name)};
  return true;
}

bool TreeBuilder::open(Node::Kind kind, std::uint32_t line) {
  if (open_.size() >= kDeepest) {
    return refuse(Code::limit_depth, line,
                  "nested deeper than " + std::to_string(kDeepest) + " levels");
  }
  Node node{.kind = kind, .line = line};
  // Taken now, because the members' keys come before this node is placed.
  if (key_) {
    node.line = key_->first;
    node.key = std::move(key_->second);
    key_.reset();
  }
  open_.push_back(std::move(node));
  return true;
}

bool TreeBuilder::close() {
  Node node = std::move(open_.back());
  open_.pop_back();
  if (node.kind == Node::Kind::map) {
    if (const Node* twice = repeated(node.items)) {
      return refuse(Code::corrupt, twice->line,
                    "the key '" + printable(twice->key, 128) + "' is repeated in one object");
    }
  }
  return place(std::move(node));
}

bool TreeBuilder::scalar(Node::Kind kind, std::uint32_t line, std::string text) {
  Node node{.kind = kind, .line = line};
  node.text = std::move(text);
  if (key_) {
    node.line = key_->first;
    node.key = std::move(key_->second);
    key_.reset();
  }
  return place(std::move(node));
}

bool TreeBuilder::place(Node node) {
  if (++nodes_ > most_nodes_) {
    return refuse(Code::limit_entries, node.line,
                  "more than " + std::to_string(most_nodes_) + " values");
  }
  if (open_.empty()) {
    root_ = std::move(node);
    complete_ = true;
  } else {
    open_.back().items.push_back(std::move(node));
  }
  return true;
}

}  // namespace minescan::lockfiles
