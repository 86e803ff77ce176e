#pragma once
// A process that opens files whose bytes are hostile, for one purpose and as long as that takes.
// Forked off early, as the nursery is, and locked in: no network, no program, no process, no
// writing, no new rights, and of all files only those it was made for.

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "examine/worker/confine.h"
#include "model/readable.h"

namespace minescan::examine::worker {

// The parent's handle.  One thread at a time.
class ReadingProcess {
 public:
  struct Settings {
    std::string name;  // of the process, 15 bytes at most
    // What the process calls, in this order.  What is slow and reads nothing untrusted:
    std::function<void()> prepare;
    // All but the files is forbidden by then; gives those that stay.
    std::function<std::vector<Readable>()> open;
    // Everything is forbidden; the process ends when it returns.
    std::function<void(int socket)> serve;
    std::vector<std::string> environment;  // names of variables that it keeps
    std::span<char> told;                  // as Nursery::Settings
    // With one that does not say how far it is confined.
    std::chrono::milliseconds patience{0};
  };
  // From the main thread, before there is another one.  Errors: Code::io when none can be made.
  static Result<std::unique_ptr<ReadingProcess>> start(const Settings& settings);
  ~ReadingProcess() { end(); }
  ReadingProcess(const ReadingProcess&) = delete;
  ReadingProcess& operator=(const ReadingProcess&) = delete;

  // Waits until it is confined; before anything is read from the socket.  Errors:
  // Code::worker_crash when it was lost, worker_timeout.
  Result<Confinement> confinement();
  [[nodiscard]] int socket() const { return socket_.get(); }
  // Ends it, unless it did so itself, and says how it ended.
  std::string end();

 private:
  ReadingProcess(Fd socket, pid_t pid, std::chrono::milliseconds patience)
      : socket_(std::move(socket)), pid_(pid), patience_(patience) {}

  Fd socket_;
  pid_t pid_;
  std::chrono::milliseconds patience_;
  std::optional<Result<Confinement>> confinement_;
  std::string ending_;
};

}  // namespace minescan::examine::worker
