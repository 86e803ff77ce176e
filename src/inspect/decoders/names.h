#pragma once
// What a script gives names to: literals and lists of them, which other places put together.

#include <string>
#include <string_view>
#include <unordered_map>

#include "inspect/decoders/triggers.h"

namespace minescan::inspect::decoders {

// Where the identifier that ends before text[end] begins, not before `from`; `end` when there is
// none.  Dollar signs belong to it.
std::size_t name_begin(std::string_view text, std::size_t end, std::size_t from);
std::size_t name_end(std::string_view text, std::size_t begin);

// Built when it is first asked, in one pass, for up to 50,000 names; the last literal that a name
// is given counts.  The text must outlive it.
class Names {
 public:
  explicit Names(std::string_view text) : text_(text) {}

  // Appends the literal that `name` is given; false when there is none, or when more was asked for
  // than honest texts do.
  bool append_literal(std::string_view name, std::string& out);
  // The literals that `name` is given as a list, or, with `open` the place of a bracket, that stand
  // there, in which names of literals count too; `between` is put between them.  Empty when there
  // are fewer than two or one is of another kind.  `named`: whether a name took part.
  std::string joined(std::string_view name, std::string_view between);
  std::string joined_at(std::size_t open, std::string_view between, bool& named);
  // Behind the bracket that opens the list that `name` is given; npos.
  std::size_t list_of(std::string_view name);

 private:
  struct Given {
    Span literal;  // without its quotes
    std::size_t list = std::string_view::npos;
  };
  void read();
  const Given* find(std::string_view name);
  bool spend(std::size_t bytes);

  std::string_view text_;
  bool read_ = false;
  std::size_t spent_ = 0;  // bytes put together or read again
  std::unordered_map<std::string_view, Given> given_;
};

}  // namespace minescan::inspect::decoders
