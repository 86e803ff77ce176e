#include "model/record_bytes.h"

#include <concepts>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/wire.h"

namespace minescan {
namespace {

// Another one whenever the fields below or what they mean change.
constexpr std::uint64_t kVersion = 2;

// The last value of each closed list.
constexpr Step::Kind last(Step::Kind /*kind*/) { return Step::Kind::offset; }
constexpr ViewKind last(ViewKind /*kind*/) { return kLastView; }
constexpr GapReason last(GapReason /*reason*/) { return GapReason::internal_error; }
constexpr PathEntry::Kind last(PathEntry::Kind /*kind*/) { return PathEntry::Kind::special; }

// One list of fields serves both directions.  Each names all fields of its struct, so that a new
// one does not compile before it is here.
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Step> step) {
  auto& [kind, name] = step;
  wire(kind, name);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Trail> trail) {
  auto& [steps] = trail;
  wire(steps);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Evidence> evidence) {
  auto& [indicator, trail, view, offset, length, line, column, captures, excerpt, count] = evidence;
  wire(indicator, trail, view, offset, length, line, column, captures, excerpt, count);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Content> content) {
  auto& [trail, digest] = content;
  wire(trail, digest);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Gap> gap) {
  // Whether it is accepted is the judge's to say.
  auto& [trail, reason, detail, offset, bytes, accepted] = gap;
  static_cast<void>(accepted);
  wire(trail, reason, detail, offset, bytes);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Anomaly> anomaly) {
  auto& [trail, what] = anomaly;
  wire(trail, what);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<PathEntry> entry) {
  auto& [path, kind, target] = entry;
  wire(path, kind, target);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<InstalledPackage> installed) {
  auto& [trail, package, folder] = installed;
  wire(trail, package, folder);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Ledger> ledger) {
  auto& [bytes, scanned, decoded, gap, nodes, files] = ledger;
  wire(bytes, scanned, decoded, gap, nodes, files);
}
template <class Wire>
void fields(Wire& wire, typename Wire::template Of<Record> record) {
  auto& [evidence, contents, gaps, anomalies, paths, packages, ledger, unit_bytes, content_digest,
         packing] = record;
  wire(evidence, contents, gaps, anomalies, paths, packages, ledger, unit_bytes, content_digest,
       packing);
}

using Captures = std::map<std::string, std::string>;

class Into {
 public:
  template <class T>
  using Of = const T&;

  explicit Into(WireWriter& out) : out_(out) {}

  template <class... Values>
  void operator()(const Values&... values) {
    (one(values), ...);
  }

 private:
  template <class T>
  void one(const T& value) {
    if constexpr (std::unsigned_integral<T> || std::is_enum_v<T>) {
      out_.number(static_cast<std::uint64_t>(value));
    } else {
      fields(*this, value);
    }
  }
  void one(const std::string& value) { out_.text(value); }
  void one(const Captures& captures) {
    out_.number(captures.size());
    for (const auto& capture : captures) {
      out_.text(capture.first);
      out_.text(capture.second);
    }
  }
  template <class T>
  void one(const std::vector<T>& items) {
    out_.list(items, [this](const T& item) { one(item); });
  }

  WireWriter& out_;
};

class From {
 public:
  template <class T>
  using Of = T&;

  explicit From(WireReader& in) : in_(in) {}

  template <class... Values>
  void operator()(Values&... values) {
    (one(values), ...);
  }

 private:
  template <class T>
  void one(T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(in_.number_below(static_cast<std::uint64_t>(last(T{})) + 1));
    } else if constexpr (sizeof(T) == sizeof(std::uint64_t) && std::unsigned_integral<T>) {
      value = in_.number();
    } else if constexpr (std::unsigned_integral<T>) {
      value = static_cast<T>(in_.number_below(std::uint64_t{std::numeric_limits<T>::max()} + 1));
    } else {
      fields(*this, value);
    }
  }
  void one(std::string& value) { value = in_.text(); }
  void one(Captures& captures) {
    in_.list([&] {
      std::string key = in_.text();
      // As a map is written: sorted, and no key twice.
      if (!captures.empty() && key <= captures.rbegin()->first) in_.fail();
      captures.emplace_hint(captures.end(), std::move(key), in_.text());
    });
  }
  template <class T>
  void one(std::vector<T>& items) {
    in_.list([&] { one(items.emplace_back()); });
  }

  WireReader& in_;
};

}  // namespace

std::string record_to_bytes(const Record& record) {
  WireWriter out;
  out.number(kVersion);
  Into wire(out);
  wire(record);
  return out.take();
}

std::optional<Record> record_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  if (in.number() != kVersion) return std::nullopt;
  std::optional<Record> record(std::in_place);
  From wire(in);
  wire(*record);
  if (!in.at_end()) return std::nullopt;
  return record;
}

}  // namespace minescan
