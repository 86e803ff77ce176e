#include "app/tasks.h"

#include <exception>
#include <new>
#include <utility>

#include "acquire/archive_headers.h"
#include "acquire/packages/project_config.h"
#include "acquire/packages/simple_page.h"
#include "acquire/unpacked_archive.h"
#include "lockfiles/apart.h"
#include "review/apart.h"

namespace minescan::app {

namespace {

std::string read_all(Source& input) {
  std::string text;
  for (ByteView bytes = input.peek(1); !bytes.empty(); bytes = input.peek(1)) {
    text += as_text(bytes);
    input.skip(bytes.size());
  }
  return text;
}

}  // namespace

std::string perform(Task task, Source& source, const Give& give, match::Matcher& matcher) {
  if (task == Task::unpack) return acquire::unpack_task(source, give);
  const std::string text = read_all(source);
  const ByteView input = as_bytes(text);
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
    case Task::project_config:
      return acquire::project_config_task(input);
    case Task::unpack:
      break;
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

Result<void> Tasks::here(Task task, TaskStream& stream) {
  if (!matcher_) {
    MINESCAN_TRY_ASSIGN(matcher_, match::Matcher::create(signatures_));
  }
  try {
    return run_here(stream, [&](Source& input, const Give& give) {
      return perform(task, input, give, *matcher_);
    });
  } catch (const std::bad_alloc&) {
    return fail(Code::limit_memory, "no memory to read it");
  } catch (const std::exception& e) {
    return fail(Code::internal, std::string("minescan failed on it: ") + e.what());
  }
}

Result<void> Tasks::run_stream(Task task, TaskStream& stream) {
  const std::lock_guard lock(mutex_);
  if (desk_ == nullptr) return here(task, stream);
  auto first = desk_->perform(task, stream);
  if (!first.lost) return std::move(first.done);
  auto second = desk_->perform(task, stream);
  if (!second.lost) return std::move(second.done);
  return fail(second.done.error().code,
              "the worker that reads it was lost twice: " + second.done.error().what);
}

}  // namespace minescan::app
