#include "app/tasks.h"

#include <exception>
#include <new>
#include <utility>

#include "acquire/archive_headers.h"
#include "acquire/packages/simple_page.h"
#include "lockfiles/apart.h"
#include "model/limits.h"
#include "review/apart.h"

namespace minescan::app {

std::string perform(Task task, ByteView input, match::Matcher& matcher) {
  switch (task) {
    case Task::lockfile:
      return lockfiles::lockfile_task(input);
    case Task::facts:
      return review::facts_task(input);
    case Task::changes:
      return review::changes_task(input, matcher);
    case Task::simple_page:
      return acquire::simple_page_task(input);
    case Task::archive:
      return acquire::archive_task(input);
  }
  return {};
}

Tasks::Tasks(examine::worker::Nursery* nursery, std::chrono::milliseconds patience,
             std::shared_ptr<const match::SignatureSet> signatures)
    : signatures_(std::move(signatures)) {
  if (nursery != nullptr) {
    desk_ = std::make_unique<examine::worker::Desk>(*nursery, patience, false);
  }
}

Result<void> Tasks::run_here(Task task, ByteView input, const Take& take) {
  if (!matcher_) {
    MINESCAN_TRY_ASSIGN(matcher_, match::Matcher::create(signatures_));
  }
  try {
    const std::string answer = perform(task, input, *matcher_);
    if (take(as_bytes(answer))) return {};
  } catch (const std::bad_alloc&) {
    return fail(Code::limit_memory, "no memory to read it");
  } catch (const std::exception& e) {
    return fail(Code::internal, std::string("minescan failed on it: ") + e.what());
  }
  return fail(Code::internal, "what was read of it is not as it should be");
}

Result<void> Tasks::run(Task task, ByteView input, const Take& take) {
  if (input.size() > kMostTaskBytes) {
    return fail(Code::limit_bytes,
                "it takes more than " + std::to_string(kMostTaskBytes >> 20) + " MiB to read it");
  }
  const std::lock_guard lock(mutex_);
  if (desk_ == nullptr) return run_here(task, input, take);
  auto first = desk_->perform(task, input, take);
  if (!first.lost) return std::move(first.done);
  auto second = desk_->perform(task, input, take);
  if (!second.lost) return std::move(second.done);
  return fail(second.done.error().code,
              "the worker that reads it was lost twice: " + second.done.error().what);
}

}  // namespace minescan::app
