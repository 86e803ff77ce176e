#include "app/progress.h"

#include <chrono>
#include <cstdio>

#include "base/printable.h"

namespace minescan::app {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

}  // namespace

Progress::Progress(bool show, const std::string& name, std::uint64_t bytes_in_all,
                   std::size_t units_in_all)
    : name_(printable(name, 60)), bytes_in_all_(bytes_in_all), units_in_all_(units_in_all) {
  if (show) thread_ = std::thread([this] { run(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
  std::fputs("\r\x1b[K", stderr);
}

void Progress::run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, [this] { return stop_; })) {
    if (bytes_in_all_ > 0) {
      std::fprintf(stderr, "\r\x1b[K%s: %.1f MB of %.1f MB, %zu of %zu units", name_.c_str(),
                   megabytes(bytes.load()), megabytes(bytes_in_all_), units.load(), units_in_all_);
    } else {
      std::fprintf(stderr, "\r\x1b[K%s: %.1f MB, %zu of %zu units", name_.c_str(),
                   megabytes(bytes.load()), units.load(), units_in_all_);
    }
    std::fflush(stderr);
  }
}

}  // namespace minescan::app
