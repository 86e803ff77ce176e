#pragma once
// How a process is locked in for good, before it sees a byte of what is judged.  Steps that the
// system does not have are left out and told; the others are taken all the same.

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/readable.h"

namespace minescan::examine::worker {

// What this system and this build give.
struct Confinement {
  bool processes = false;  // workers are processes of their own
  int landlock = 0;        // version of its interface; 0 = there is none
  bool seccomp = false;
  bool memory = false;  // a limit on address space
  // One line for each thing that is missing, for people.
  [[nodiscard]] std::vector<std::string> missing() const;
  [[nodiscard]] bool whole() const { return missing().empty(); }
};

// What a worker may take.  Measured: 290 MiB of addresses at most, on a layer and a tree of 380 MB;
// the rest is for large dictionaries, several blocks of 48 MiB and what is decoded from them.
inline constexpr std::uint64_t kMostAddresses = std::uint64_t{2} << 30;
// Of processor time; 64 GiB (model/limits.h) at the speed of bzip2 take an hour.
inline constexpr std::uint64_t kMostSeconds = std::uint64_t{2} * 3600;

// What a process is for.
enum class Purpose : std::uint8_t {
  worker,  // reads nothing but what comes through its socket and its ring
  reader,  // opens files, to read them (reading.h)
};
// What a reader may take: a blob of 1 GiB, what it is a delta of, and windows into packs.
inline constexpr std::uint64_t kMostReaderAddresses = std::uint64_t{8} << 30;

// Of the process that makes workers, and of readers.  `parent`: ends this process when it ends.
// `keep` becomes descriptor 3, 0 to 2 become /dev/null, all others are closed.  `told` is the
// memory that holds the command line and the environment of the program: it is wiped.
void leave_everything(pid_t parent, int keep, std::span<char> told);
// Closes all descriptors from this one on.
void close_from(unsigned first);
// No new rights, no file, no network where Landlock knows it; what of that there is.  Of a reader
// files and network are left to allow_only().
Confinement confine(Purpose purpose = Purpose::worker);

// The filter of system calls as the kernel takes it; "" in builds and on systems without.
Result<std::string> system_call_filter(Purpose purpose = Purpose::worker);
// The last step of a worker: limits, then the filter unless it is "".  False when the kernel
// refused; the worker must end then.
bool close_in(const std::string& filter, Purpose purpose = Purpose::worker);
// The last step of a reader: of all files it can only read these.  The version of Landlock's
// interface; 0 where there is none.
int allow_only(std::span<const Readable> files);

// What `minescan doctor` has a worker, or a reader that may read the folder kGiven, try.
struct Attempt {
  std::string_view name;  // "open a file"
  // Whether it worked.
  bool (*act)();
};
std::span<const Attempt> attempts();
std::span<const Attempt> reader_attempts();
// Where there is little, and on all systems.
inline constexpr const char* kGiven = "/proc/self/fdinfo";

}  // namespace minescan::examine::worker
