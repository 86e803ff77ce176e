#pragma once
// Collects a Record within bounds.  Floods are cut, and every cut is itself recorded.

#include <functional>
#include <map>
#include <string>

#include "model/observer.h"
#include "model/record.h"

namespace minescan::examine {

class Recorder {
 public:
  explicit Recorder(Observer* observer = nullptr) : observer_(observer) {}
  // nullptr when nobody looks on.
  [[nodiscard]] Observer* observer() const { return observer_; }

  void gap(Gap gap);
  // Of those in one file that differ by their places only, some are told, and how many more.
  void anomaly(const Trail& trail, std::string what);
  void path(PathEntry entry) { record_.paths.push_back(std::move(entry)); }
  // False when the unit already holds all the evidence that it may; the first refusal is a gap.
  bool evidence(Evidence evidence);
  void content(const Trail& trail, std::string digest) {
    settle();
    record_.contents.push_back({trail, std::move(digest)});
  }
  void package(InstalledPackage package) {
    settle();
    if (record_.packages.size() < kMostInstalled) record_.packages.push_back(std::move(package));
  }
  Evidence& evidence_at(std::size_t index) { return record_.evidence[index]; }
  [[nodiscard]] const Evidence& evidence_at(std::size_t index) const {
    return record_.evidence[index];
  }
  [[nodiscard]] std::size_t evidence_count() const { return record_.evidence.size(); }
  // How much of it came through evidence(), and not through take().
  [[nodiscard]] std::size_t own_evidence() const { return own_evidence_; }
  Ledger& ledger() { return record_.ledger; }
  void content_digest(std::string digest) { record_.content_digest = std::move(digest); }
  void packing(std::string_view name) { record_.packing = name; }

  // Called before anything is put into an order: whatever comes before it is taken then.
  void set_settle(std::function<void()> settle) { settle_ = std::move(settle); }
  // Takes all that another recorder holds of a part of the unit, as if it had been recorded here.
  // False when that cannot be, because of a bound; then nothing was taken.
  bool take(Recorder& part);

  Record finish() { return std::move(record_); }

 private:
  void settle() {
    if (settle_) settle_();
  }

  Observer* observer_;
  Record record_;
  std::uint64_t more_gaps_ = 0;
  std::uint64_t more_anomalies_ = 0;
  struct Alike {
    std::uint64_t count = 0;
    std::size_t last = 0;  // the last one that was told
    std::string what;      // of that one
  };
  std::map<std::string, Alike> alike_;
  bool evidence_full_ = false;
  std::size_t own_evidence_ = 0;
  std::function<void()> settle_;
};

}  // namespace minescan::examine
