#pragma once
// A worker's life: it locks itself in, then examines one unit or does one task after another, until
// nobody speaks to it any more.

#include <string>

#include "base/source.h"
#include "match/matcher.h"
#include "model/limits.h"
#include "model/task.h"

namespace minescan::examine::worker {

// Does a task: pure, but for the matcher's scratch.  Only one of a stream gives anything before its
// answer.
using Perform = std::string (*)(Task task, Source& input, const Give& give,
                                match::Matcher& matcher);

struct Service {
  int socket = -1;  // these three are its only descriptors
  int input = -1;   // of memory (ring.h)
  int page = -1;
  match::Matcher& matcher;
  const Limits& limits;
  Perform perform = nullptr;
  const std::string& filter;  // of system calls
};

// Statuses with which a worker ends by itself.
inline constexpr int kNotConfined = 80;  // a step of its confinement was refused
inline constexpr int kNotSpokenTo = 81;  // what the parent said is no message
inline constexpr int kSpoiled = 82;      // threads cannot help with this unit (examine/aside.h)

[[noreturn]] void serve(const Service& service);

}  // namespace minescan::examine::worker
