#include "examine/worker/reading.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "examine/worker/desk.h"
#include "examine/worker/serve.h"

namespace minescan::examine::worker {
namespace {

// How far it is confined: the first that the process says.
struct Hello {
  std::int32_t landlock = 0;
  std::uint8_t seccomp = 0, memory = 0;
};

// The new process.  Descriptor 3 is the socket.
[[noreturn]] void read_and_serve(const ReadingProcess::Settings& settings) {
  constexpr int kSocket = 3;
  ::prctl(PR_SET_NAME, settings.name.c_str());
  const Confinement confinement = confine(Purpose::reader);
  const auto filter = system_call_filter(Purpose::reader);
  settings.prepare();
  if (!filter || !close_in(*filter, Purpose::reader)) ::_exit(kNotConfined);
  Hello hello;
  hello.landlock = allow_only(settings.open());
  hello.seccomp = confinement.seccomp ? 1 : 0;
  hello.memory = confinement.memory ? 1 : 0;
  if (::write(kSocket, &hello, sizeof hello) == static_cast<ssize_t>(sizeof hello)) {
    settings.serve(kSocket);
  }
  ::_exit(0);
}

}  // namespace

Result<std::unique_ptr<ReadingProcess>> ReadingProcess::start(const Settings& settings) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return fail(Code::io,
                std::string("no socket for a process that reads files: ") + std::strerror(errno));
  }
  Fd mine(pair[0]), its(pair[1]);
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    return fail(Code::io,
                std::string("no process that reads files can be made: ") + std::strerror(errno));
  }
  if (child == 0) {
    std::vector<std::pair<std::string, std::string>> kept;
    for (const std::string& name : settings.environment) {
      if (const char* value = std::getenv(name.c_str()); value != nullptr) {
        kept.emplace_back(name, value);
      }
    }
    leave_everything(self, its.get(), settings.told);
    for (const auto& [name, value] : kept) ::setenv(name.c_str(), value.c_str(), 1);
    try {
      read_and_serve(settings);
    } catch (...) {
      ::_exit(kNotSpokenTo);
    }
  }
  return std::unique_ptr<ReadingProcess>(
      new ReadingProcess(std::move(mine), child, settings.patience));
}

Result<Confinement> ReadingProcess::confinement() {
  if (confinement_) return *confinement_;
  Hello hello;
  pollfd one{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  int there = 0;
  do {
    there = ::poll(&one, 1, static_cast<int>(patience_.count()));
  } while (there < 0 && errno == EINTR);
  const ssize_t n = there > 0 ? ::recv(socket_.get(), &hello, sizeof hello, MSG_WAITALL) : 0;
  if (n == static_cast<ssize_t>(sizeof hello)) {
    confinement_ = Confinement{.processes = true,
                               .landlock = hello.landlock,
                               .seccomp = hello.seccomp != 0,
                               .memory = hello.memory != 0};
  } else if (there == 0) {
    end();
    confinement_ = fail(Code::worker_timeout, "the process that reads files stood still");
  } else {
    confinement_ = fail(Code::worker_crash, "the process that reads files was lost: " + end());
  }
  return *confinement_;
}

std::string ReadingProcess::end() {
  if (pid_ == 0) return ending_;
  // One that has ended already is not changed by this.
  ::kill(pid_, SIGKILL);
  int status = 0;
  pid_t done = 0;
  do {
    done = ::waitpid(pid_, &status, 0);
  } while (done < 0 && errno == EINTR);
  ending_ = done == pid_ ? ending(status) : "it is not there any more";
  pid_ = 0;
  return ending_;
}

}  // namespace minescan::examine::worker
