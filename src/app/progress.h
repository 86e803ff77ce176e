#pragma once
// A progress line for people on a terminal.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace minescan::app {

// Shows "name: 123 MB of 456 MB, 3 of 6 units" on standard error while it lives, if `show`.
class Progress {
 public:
  Progress(bool show, const std::string& name, std::uint64_t bytes_in_all,
           std::size_t units_in_all);
  ~Progress();

  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::size_t> units = 0;

 private:
  void run();

  std::string name_;
  std::uint64_t bytes_in_all_;
  std::size_t units_in_all_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace minescan::app
