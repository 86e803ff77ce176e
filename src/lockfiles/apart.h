#pragma once
// Reads a lockfile in another process (model/task.h), which its bytes may have taken over: whatever
// comes back is checked as if the bytes themselves had said it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lockfiles/lockfiles.h"
#include "model/task.h"

namespace minescan::lockfiles {

// As parse(), with the same outcome.  Further errors begin with the path too: those of the runner,
// and Code::worker_crash when what came back asks for ever more files.
Result<Lockfile> parse_apart(TaskRunner& runner, const std::string& path, ByteView bytes,
                             const Read& read);

// The worker's side of it: gives the answer to what parse_apart() asks.
std::string lockfile_task(ByteView input);

// What is asked.  The files are those that the text includes, as far as that is known.
struct Asked {
  std::string path;
  std::map<std::string, Result<std::string>> files;
};

// What comes back: further files that are needed first, or the outcome.
struct Answer {
  std::vector<std::string> wanted;
  Result<Lockfile> outcome;
};
std::string answer_bytes(const Answer& answer);
// nullopt when the bytes are none, or say what parse() cannot say of these texts: names, versions,
// URLs, digests and paths that it refuses, lines and files that there are not, more than it keeps.
std::optional<Answer> answer_from_bytes(ByteView bytes, const Asked& asked, ByteView text);

}  // namespace minescan::lockfiles
