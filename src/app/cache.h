#pragma once
// The records that a scan need not make again, and `minescan cache`.

#include <memory>
#include <optional>
#include <string>

#include "app/options.h"
#include "base/result.h"
#include "model/artifact.h"
#include "model/limits.h"
#include "model/record.h"
#include "store/store.h"

namespace minescan::app {

// What one scan knows of its units from earlier ones.  Threads may use it at once.
class Recall {
 public:
  // The cache that the options name.  What is wrong with it costs time but no verdict, so it is at
  // most a note: one sentence in `note`, which else is "".
  Recall(const Options& options, const std::string& signatures, const Limits& limits,
         std::string& note);

  std::optional<Record> find(const Unit& unit);
  // A record of a unit that was read to its end and had the digest that was promised.  Kept unless
  // it holds a gap that need not come again.
  void keep(const Unit& unit, const Record& record);

 private:
  [[nodiscard]] store::Key key(const Unit& unit) const;

  std::unique_ptr<store::Cache> cache_;
  std::string signatures_;
  std::string engine_;
  Limits limits_;
};

// Whether the same bytes have this gap every time, whatever the machine and the hour.
bool comes_again(GapReason reason);

// Where the cache is or would be: where the options say, else where the system keeps caches of the
// user; "" when that is nowhere.
std::string cache_place(const Options& options);

// Where the system keeps what is to outlive a cache; "" when that is nowhere.
std::string state_place();

// `minescan cache info` and `minescan cache clean`.
Result<int> run_cache(const Options& options);

}  // namespace minescan::app
