#pragma once
// The process that makes workers: forked off early, when nothing secret is in memory and there is
// one thread, and locked in at once.  All it does is to fork, and to say how a worker ended; it
// never sees a byte of what is judged.

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "base/handle.h"
#include "base/result.h"
#include "examine/worker/confine.h"
#include "examine/worker/serve.h"
#include "match/matcher.h"
#include "model/limits.h"

namespace minescan::examine::worker {

// The parent's handle.  Threads may use it at once.
class Nursery {
 public:
  struct Settings {
    // Copied by the fork, scratch and all: to make one in each worker takes longer than to use it.
    match::Matcher* matcher = nullptr;
    Limits limits;
    Perform perform = nullptr;  // tasks; nullptr = workers do none
    // Memory of the program's arguments and environment, wiped in the new process; may be empty.
    std::span<char> told;
  };
  // From the main thread, before there is another one: workers end when the thread that called this
  // ends.  Errors: Code::io when no process can be made.
  static Result<std::unique_ptr<Nursery>> start(const Settings& settings);
  // Ends all workers.
  ~Nursery();
  Nursery(const Nursery&) = delete;
  Nursery& operator=(const Nursery&) = delete;

  // Begins to end them, without waiting.
  void dismiss() { socket_.reset(); }

  Result<Confinement> confinement();
  // A worker that has these: the socket it is spoken to through, the ring, its own page.
  // `examines`: it will need patterns, which are made ready when there are several such workers.
  Result<pid_t> make(int socket, int input, int page, bool examines = true);
  // Ends a worker, unless it did so itself, and says how it ended, as waitpid() does.
  Result<int> end(pid_t worker);

 private:
  Nursery(Fd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}
  Result<void> greet();
  struct Request;
  struct Reply;
  Result<Reply> ask(const Request& request, std::span<const int> descriptors);
  Result<Reply> listen();

  Fd socket_;
  pid_t pid_;
  std::mutex mutex_;
  std::optional<Confinement> confinement_;
};

}  // namespace minescan::examine::worker
