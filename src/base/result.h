#pragma once
// A value or an Error.  Expected failure travels as a value: unwinding through the C callbacks of
// curl and Hyperscan is not safe, and bad input is the normal case here.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace minescan {

// What kind of failure it was; decides exit code and gap reason, never the wording.
enum class Code {
  usage,        // the caller asked for something that cannot be: option, reference, signature
  not_found,    // file, tag, repository, blob or platform does not exist
  unreachable,  // network: no answer, name not resolved, connection lost
  refused,      // 401, 403, blocked by policy
  integrity,    // digest or size differs from what was promised
  io,           // the local system failed: permission, read error, disk full
  changed,      // a file was changed while it was read
  truncated,    // the bytes end before their format says so
  corrupt,      // the bytes break the rules of their format
  encrypted,    // a key would be needed
  dictionary,   // an external compression dictionary would be needed
  unsupported,  // known, but not read by this version
  limit_bytes,  // one of model/limits.h was reached ...
  limit_depth,
  limit_entries,
  limit_memory,
  worker_crash,    // the process that read untrusted bytes for us was lost ...
  worker_timeout,  // ... or stood still and was ended
  internal,        // a library or minescan itself failed
};

// `what` is one sentence without a final full stop, for a person: what, where, what to do next.
struct Error {
  Code code = Code::internal;
  std::string what;
};

// tl::expected, of which no answer can be dropped without a word: what fails unseen is lost.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  using Base::operator=;
  Result() = default;
  Result(const Base& other) : Base(other) {}
  Result(Base&& other) : Base(std::move(other)) {}
};

inline tl::unexpected<Error> fail(Code code, std::string what) {
  return tl::unexpected<Error>(Error{code, std::move(what)});
}

}  // namespace minescan

#define MINESCAN_CONCAT_(a, b) a##b
#define MINESCAN_CONCAT(a, b) MINESCAN_CONCAT_(a, b)

// Returns the error of `expression` (a Result<void> or one whose value is not wanted).
#define MINESCAN_TRY(expression)                                                   \
  do {                                                                             \
    if (auto minescan_try = (expression); !minescan_try.has_value()) {             \
      return ::tl::unexpected<::minescan::Error>(std::move(minescan_try.error())); \
    }                                                                              \
  } while (false)

// MINESCAN_TRY_ASSIGN(auto x, f()): x is the value of f(), or its error is returned.
#define MINESCAN_TRY_ASSIGN(declaration, expression) \
  MINESCAN_TRY_ASSIGN_(MINESCAN_CONCAT(minescan_result_, __LINE__), declaration, expression)
#define MINESCAN_TRY_ASSIGN_(name, declaration, expression)              \
  auto name = (expression);                                              \
  if (!name.has_value()) {                                               \
    return ::tl::unexpected<::minescan::Error>(std::move(name.error())); \
  }                                                                      \
  declaration = std::move(*name)
