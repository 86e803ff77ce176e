#include "examine/worker/nursery.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace minescan::examine::worker {

struct Nursery::Request {
  enum class Kind : std::uint32_t { make, end };
  Kind kind = Kind::make;
  pid_t worker = 0;
  bool examines = false;
};

struct Nursery::Reply {
  std::int32_t value = 0;  // of make the process, or -errno; of end how it ended
  std::int32_t landlock = 0;
  std::uint8_t seccomp = 0, memory = 0;
};

namespace {

constexpr std::size_t kDescriptors = 3;

// Room for the descriptors that come with a message.
union Control {
  char bytes[CMSG_SPACE(kDescriptors * sizeof(int))];
  cmsghdr aligned;
};

template <class Message>
bool send_message(int socket, const Message& message, std::span<const int> descriptors) {
  iovec part{const_cast<Message*>(&message), sizeof message};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  Control control{};
  if (!descriptors.empty()) {
    head.msg_control = control.bytes;
    head.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&head);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t n = 0;
  do {
    n = ::sendmsg(socket, &head, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof message);
}

template <class Message>
bool receive_message(int socket, Message& message, std::vector<Fd>* descriptors) {
  iovec part{&message, sizeof message};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  Control control{};
  if (descriptors != nullptr) {
    head.msg_control = control.bytes;
    head.msg_controllen = sizeof control.bytes;
  }
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &head, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n != static_cast<ssize_t>(sizeof message)) return false;
  if (descriptors == nullptr) return true;
  for (cmsghdr* at = CMSG_FIRSTHDR(&head); at != nullptr; at = CMSG_NXTHDR(&head, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    std::array<int, kDescriptors> fds{};
    const std::size_t count = std::min((at->cmsg_len - CMSG_LEN(0)) / sizeof(int), fds.size());
    std::memcpy(fds.data(), CMSG_DATA(at), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) descriptors->emplace_back(fds[i]);
  }
  return true;
}

int ended(pid_t worker) {
  int status = 0;
  pid_t done = 0;
  do {
    done = ::waitpid(worker, &status, 0);
  } while (done < 0 && errno == EINTR);
  return done == worker ? status : 0;
}

// The new process.  Descriptor 3 is the socket.
template <class Request, class Reply>
[[noreturn]] void tend(const Nursery::Settings& settings) {
  constexpr int kSocket = 3;
  const Confinement confinement = confine();
  const auto filter = system_call_filter();
  Reply hello;
  hello.value = filter ? 0 : -1;
  hello.landlock = confinement.landlock;
  hello.seccomp = confinement.seccomp ? 1 : 0;
  hello.memory = confinement.memory ? 1 : 0;
  std::vector<pid_t> workers;
  std::uint64_t made = 0;
  const pid_t self = ::getpid();
  bool going = send_message(kSocket, hello, {}) && filter;
  while (going) {
    Request request;
    std::vector<Fd> descriptors;
    if (!receive_message(kSocket, request, &descriptors)) break;
    Reply reply;
    if (request.kind == Request::Kind::end) {
      const auto known = std::find(workers.begin(), workers.end(), request.worker);
      if (known != workers.end()) {
        // One that has ended already is not changed by this.
        ::kill(request.worker, SIGKILL);
        reply.value = ended(request.worker);
        workers.erase(known);
      }
    } else if (descriptors.size() == kDescriptors) {
      // Where there are several workers, what all of them need is made once.
      if (request.examines && ++made == 2) settings.matcher->prepare();
      const pid_t child = ::fork();
      if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != self) ::_exit(0);
        serve({.socket = descriptors[0].get(),
               .input = descriptors[1].get(),
               .page = descriptors[2].get(),
               .matcher = *settings.matcher,
               .limits = settings.limits,
               .perform = settings.perform,
               .filter = *filter});
      }
      reply.value = child < 0 ? -errno : child;
      if (child > 0) workers.push_back(child);
    }
    going = send_message(kSocket, reply, {});
  }
  for (const pid_t worker : workers) ::kill(worker, SIGKILL);
  for (const pid_t worker : workers) ended(worker);
  ::_exit(0);
}

}  // namespace

Result<std::unique_ptr<Nursery>> Nursery::start(const Settings& settings) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return fail(Code::io, std::string("no socket for worker processes: ") + std::strerror(errno));
  }
  Fd mine(pair[0]), its(pair[1]);
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    return fail(Code::io, std::string("no worker process can be made: ") + std::strerror(errno));
  }
  if (child == 0) {
    leave_everything(self, its.get(), settings.told);
    tend<Request, Reply>(settings);
  }
  return std::unique_ptr<Nursery>(new Nursery(std::move(mine), child));
}

Nursery::~Nursery() {
  socket_.reset();
  ended(pid_);
}

Result<Nursery::Reply> Nursery::listen() {
  Reply reply;
  if (!receive_message(socket_.get(), reply, nullptr)) {
    return fail(Code::io, "the process that makes workers has ended");
  }
  return reply;
}

Result<void> Nursery::greet() {
  if (confinement_) return {};
  MINESCAN_TRY_ASSIGN(const Reply hello, listen());
  if (hello.value != 0) return fail(Code::internal, "workers could not be prepared");
  confinement_ = Confinement{.processes = true,
                             .landlock = hello.landlock,
                             .seccomp = hello.seccomp != 0,
                             .memory = hello.memory != 0};
  return {};
}

Result<Nursery::Reply> Nursery::ask(const Request& request, std::span<const int> descriptors) {
  const std::lock_guard lock(mutex_);
  MINESCAN_TRY(greet());
  if (!send_message(socket_.get(), request, descriptors)) {
    return fail(Code::io, "the process that makes workers has ended");
  }
  return listen();
}

Result<Confinement> Nursery::confinement() {
  const std::lock_guard lock(mutex_);
  MINESCAN_TRY(greet());
  return *confinement_;
}

Result<pid_t> Nursery::make(int socket, int input, int page, bool examines) {
  MINESCAN_TRY_ASSIGN(const Reply reply, ask({.kind = Request::Kind::make, .examines = examines},
                                             std::array{socket, input, page}));
  if (reply.value <= 0) {
    return fail(Code::io,
                std::string("no worker process can be made: ") + std::strerror(-reply.value));
  }
  return reply.value;
}

Result<int> Nursery::end(pid_t worker) {
  MINESCAN_TRY_ASSIGN(const Reply reply, ask({.kind = Request::Kind::end, .worker = worker}, {}));
  return reply.value;
}

}  // namespace minescan::examine::worker
