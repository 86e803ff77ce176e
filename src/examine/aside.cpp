#include "examine/aside.h"

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace minescan::examine {

Aside::~Aside() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (const auto& hand : hands_) hand->thread.join();
}

void Aside::run(Hand& hand) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || hand.work; });
    if (!hand.work) return;
    lock.unlock();
    hand.work(*hand.matcher);
    lock.lock();
    hand.work = nullptr;
  }
}

bool Aside::has_room() {
  const std::size_t most = std::min(spare_(), kMostThreadsAside);
  const std::lock_guard lock(mutex_);
  const auto busy =
      std::count_if(hands_.begin(), hands_.end(), [](const auto& hand) { return !!hand->work; });
  if (static_cast<std::size_t>(busy) >= most) return false;
  if (static_cast<std::size_t>(busy) < hands_.size()) return true;
  try {
    auto matcher = match::Matcher::create(signatures_);
    if (!matcher) return false;
    (*matcher)->set_pulse(pulse_);
    auto hand = std::make_unique<Hand>();
    hand->matcher = std::move(*matcher);
    hands_.reserve(hands_.size() + 1);
    hand->thread = std::thread([this, it = hand.get()] { run(*it); });
    hands_.push_back(std::move(hand));
  } catch (const std::bad_alloc&) {
    return false;  // then the walk does it
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void Aside::start(Work work) {
  {
    const std::lock_guard lock(mutex_);
    const auto idle =
        std::find_if(hands_.begin(), hands_.end(), [](const auto& hand) { return !hand->work; });
    MINESCAN_CHECK(idle != hands_.end());
    (*idle)->work = std::move(work);
  }
  changed_.notify_all();
}

}  // namespace minescan::examine
