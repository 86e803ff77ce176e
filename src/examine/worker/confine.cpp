#include "examine/worker/confine.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/handle.h"

// Sanitizers need system calls and addresses that no filter could allow and still be one.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MINESCAN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define MINESCAN_SANITIZED 1
#endif
#endif

namespace minescan::examine::worker {
namespace {

#ifdef MINESCAN_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Landlock's attributes as of version 6; Debian 12 declares those of version 2.
struct LandlockAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};

int landlock_version() {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

// Links are not followed, and what is not there gets no right.
void allow(int rules, const Readable& readable) {
  const Fd file(::open(readable.path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return;
  landlock_path_beneath_attr below{};
  below.parent_fd = file.get();
  if (S_ISDIR(info.st_mode)) {
    below.allowed_access = LANDLOCK_ACCESS_FS_READ_DIR;
    if (!readable.names_only) below.allowed_access |= LANDLOCK_ACCESS_FS_READ_FILE;
  } else if (S_ISREG(info.st_mode) && !readable.names_only) {
    below.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
  } else {
    return;
  }
  // One that fails leaves less.
  ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
}

// Handles everything that this version knows and allows nothing of it but to read these.
bool landlock(int version, std::span<const Readable> files = {}) {
  LandlockAttributes attributes;
  const int file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
  attributes.files = (std::uint64_t{1} << file_rights) - 1;
  std::size_t size = sizeof attributes.files;
  if (version >= 4) {
    attributes.network = 3;  // bind and connect of TCP
    size = 2 * sizeof attributes.files;
  }
  if (version >= 6) {
    attributes.scopes = 3;  // abstract sockets, signals to processes outside
    size = sizeof attributes;
  }
  const Fd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!rules.valid()) return false;
  for (const Readable& readable : files) allow(rules.get(), readable);
  return ::syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

bool has_filters() {
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

// Less than that when less is allowed already; false when it cannot be bounded so.
bool limit(__rlimit_resource resource, rlim_t most, rlim_t grace = 0) {
  struct rlimit value {};
  if (::getrlimit(resource, &value) != 0) return false;
  value.rlim_max = std::min(value.rlim_max, most + grace);
  value.rlim_cur = std::min(value.rlim_max, most);
  return ::setrlimit(resource, &value) == 0;
}

bool allow(scmp_filter_ctx filter) {
  // Reading and writing what is open, memory, threads and their locks, time, and the end.
  constexpr std::array kAllowed = {SCMP_SYS(read),
                                   SCMP_SYS(write),
                                   SCMP_SYS(readv),
                                   SCMP_SYS(writev),
                                   SCMP_SYS(close),
                                   SCMP_SYS(munmap),
                                   SCMP_SYS(mremap),
                                   SCMP_SYS(madvise),
                                   SCMP_SYS(brk),
                                   SCMP_SYS(futex),
                                   SCMP_SYS(exit),
                                   SCMP_SYS(exit_group),
                                   SCMP_SYS(rt_sigreturn),
                                   SCMP_SYS(rt_sigprocmask),
                                   SCMP_SYS(rt_sigaction),
                                   SCMP_SYS(sigaltstack),
                                   SCMP_SYS(sched_yield),
                                   SCMP_SYS(clock_gettime),
                                   SCMP_SYS(gettimeofday),
                                   SCMP_SYS(getrandom),
                                   SCMP_SYS(gettid),
                                   SCMP_SYS(getpid),
                                   SCMP_SYS(rseq),
                                   SCMP_SYS(set_robust_list),
                                   SCMP_SYS(sysinfo),
                                   SCMP_SYS(restart_syscall),
                                   SCMP_SYS(sched_getaffinity),
                                   SCMP_SYS(clock_nanosleep)};
  for (const int call : kAllowed) {
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  }
  // Memory that is never code.
  constexpr scmp_arg_cmp kNoCode{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &kNoCode) != 0) return false;
  }
  // Threads, and no processes.
  constexpr scmp_datum_t kThread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
  constexpr scmp_arg_cmp kOnlyThreads{0, SCMP_CMP_MASKED_EQ, kThread, kThread};
  return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &kOnlyThreads) == 0 &&
         // Its flags lie in memory, where no filter sees them: the C library falls back to clone.
         seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
         // abort() would signal by number of process, which may be another one's.  It goes on to an
         // instruction that ends the process.
         seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 0) == 0;
}

// To open files and folders that are there, for reading; and Landlock, which only takes rights
// away.
bool allow_files(scmp_filter_ctx filter) {
  constexpr std::array kAllowed = {SCMP_SYS(fstat),
                                   SCMP_SYS(stat),
                                   SCMP_SYS(lstat),
                                   SCMP_SYS(newfstatat),
                                   SCMP_SYS(statx),
                                   SCMP_SYS(access),
                                   SCMP_SYS(faccessat),
                                   SCMP_SYS(faccessat2),
                                   SCMP_SYS(readlink),
                                   SCMP_SYS(readlinkat),
                                   SCMP_SYS(getdents64),
                                   SCMP_SYS(lseek),
                                   SCMP_SYS(pread64),
                                   SCMP_SYS(getcwd),
                                   SCMP_SYS(getuid),
                                   SCMP_SYS(geteuid),
                                   SCMP_SYS(getgid),
                                   SCMP_SYS(getegid),
                                   SCMP_SYS(landlock_create_ruleset),
                                   SCMP_SYS(landlock_add_rule),
                                   SCMP_SYS(landlock_restrict_self)};
  for (const int call : kAllowed) {
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  }
  for (const int command : {F_GETFD, F_SETFD, F_GETFL}) {
    const scmp_arg_cmp is{1, SCMP_CMP_EQ, static_cast<scmp_datum_t>(command), 0};
    if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, &is) != 0) return false;
  }
  constexpr scmp_datum_t kWriting =
      O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
  constexpr scmp_arg_cmp kOpen{1, SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY};
  constexpr scmp_arg_cmp kOpenAt{2, SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY};
  return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, &kOpen) == 0 &&
         seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, &kOpenAt) == 0;
}

struct FilterFreer {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};

}  // namespace

std::vector<std::string> Confinement::missing() const {
  std::vector<std::string> lines;
  if (!processes) {
    lines.emplace_back("no process of its own could be made for what reads untrusted bytes");
    return lines;
  }
  if (landlock == 0) lines.emplace_back("Landlock is not there, or not enabled in the kernel");
  if (!seccomp) {
    lines.emplace_back(kSanitized ? "seccomp is left out of builds with sanitizers"
                                  : "seccomp filters are not there, or not enabled in the kernel");
  }
  if (!memory) lines.emplace_back("the limit on memory is left out of builds with sanitizers");
  return lines;
}

void close_from(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0U, 0) == 0) return;
  const long most = ::sysconf(_SC_OPEN_MAX);
  for (int fd = static_cast<int>(first); fd < most; ++fd) ::close(fd);
}

void leave_everything(pid_t parent, int keep, std::span<char> told) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  // The kernel shows this memory to others as the command line and environment of this process
  // and of all that it makes.
  ::clearenv();
  if (!told.empty()) {
    explicit_bzero(told.data(), told.size());
    static constexpr std::string_view kName = "minescan: worker";
    if (told.size() > kName.size()) std::memcpy(told.data(), kName.data(), kName.size());
  }
  ::prctl(PR_SET_NAME, "minescan-worker");
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  // What a sanitizer has to say goes to where people look.
  for (int fd = 0; fd < (kSanitized ? 2 : 3); ++fd) {
    if (nothing < 0 || ::dup2(nothing, fd) < 0) ::close(fd);
  }
  if (keep != 3) ::dup2(keep, 3);
  close_from(4);
  // Threads would ask the system how many processors there are, to make that many arenas.
  ::mallopt(M_ARENA_MAX, 4);
  // Large blocks come again and again: fresh pages for each of them took 5 % of a scan.
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

Confinement confine(Purpose purpose) {
  Confinement got{.processes = true};
  if (!kSanitized) ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // close_in() looks whether it is so
  const int version = landlock_version();
  if (purpose == Purpose::worker && version > 0 && landlock(version)) got.landlock = version;
  got.seccomp = !kSanitized && has_filters();
  got.memory = !kSanitized;
  static_cast<void>(limit(RLIMIT_CORE, 0));  // close_in() asks for it again, and insists
  return got;
}

Result<std::string> system_call_filter(Purpose purpose) {
  if (kSanitized || !has_filters()) return std::string();
  const auto failed = [] {
    return fail(Code::internal, "the filter of system calls for workers could not be made");
  };
  const std::unique_ptr<void, FilterFreer> filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter ||
      seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
      !allow(filter.get()) || (purpose == Purpose::reader && !allow_files(filter.get()))) {
    return failed();
  }
  // The library writes in one go; what a signal interrupts is done again.
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    const Fd file(::memfd_create("minescan-filter", MFD_CLOEXEC));
    if (!file.valid() || seccomp_export_bpf(filter.get(), file.get()) != 0) continue;
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    if (size <= 0 || static_cast<std::size_t>(size) % sizeof(struct sock_filter) != 0) continue;
    std::string program(static_cast<std::size_t>(size), '\0');
    if (::pread(file.get(), program.data(), program.size(), 0) == size) return program;
  }
  return failed();
}

bool close_in(const std::string& filter, Purpose purpose) {
  // With some seconds of processor time between the signal that says why and the one that says
  // nothing.
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0) || !limit(RLIMIT_CPU, kMostSeconds, 10)) {
    return false;
  }
  // Sanitizers look at memory through pipes of their own, and have much more of it.
  const bool reader = purpose == Purpose::reader;
  if (!kSanitized && !reader && !limit(RLIMIT_NOFILE, 4)) return false;
  if (!kSanitized && !limit(RLIMIT_AS, reader ? kMostReaderAddresses : kMostAddresses)) {
    return false;
  }
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return false;
  if (filter.empty()) return true;
  std::vector<struct sock_filter> code(filter.size() / sizeof(struct sock_filter));
  std::memcpy(code.data(), filter.data(), code.size() * sizeof(struct sock_filter));
  struct sock_fprog program {
    static_cast<unsigned short>(code.size()), code.data()
  };
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

int allow_only(std::span<const Readable> files) {
  const int version = landlock_version();
  return version > 0 && landlock(version, files) ? version : 0;
}

namespace {

// The first ones are a worker's, the last ones a reader's, and most are both's.
constexpr std::array<Attempt, 11> kAttempts = {{
    {"open a file", [] { return ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0; }},
    {"make a file", [] { return ::open("/tmp", O_TMPFILE | O_RDWR, 0600) >= 0; }},
    {"use the network", [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0; }},
    {"start a program",
     [] {
       char name[] = "/bin/true";
       char* const arguments[] = {name, nullptr};
       char* const environment[] = {nullptr};
       ::execve(name, arguments, environment);
       return false;
     }},
    {"start a process",
     [] {
       const pid_t child = ::fork();
       if (child == 0) ::_exit(0);
       return child > 0;
     }},
    {"trace a process", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
    {"signal its parent", [] { return ::kill(::getppid(), 0) == 0; }},
    {"run code that it wrote",
     [] {
       return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0) != MAP_FAILED;
     }},
    {"open a file that it was not given",
     [] { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0; }},
    {"list another folder", [] { return ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0; }},
    {"write to a file", [] { return ::open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0; }},
}};
constexpr std::size_t kOfWorkers = 8, kOfReaders = 10;

}  // namespace

std::span<const Attempt> attempts() { return std::span(kAttempts).first(kOfWorkers); }

std::span<const Attempt> reader_attempts() { return std::span(kAttempts).last(kOfReaders); }

}  // namespace minescan::examine::worker
