#pragma once
// Reads git's files in another process, which what is in them may have taken over: both of its
// sides.  Over a pair of stream sockets the process first says what the comparison came to, or why
// there is none; then each request (messages.h) gets one answer.

#include <memory>
#include <vector>

#include "acquire/git/reader.h"
#include "acquire/repository.h"
#include "base/result.h"
#include "model/readable.h"

namespace minescan::acquire {

// The process's side, in the order in which it is locked in.
class ComparisonServer {
 public:
  explicit ComparisonServer(Question question) : question_(std::move(question)) {}
  // Before anything untrusted is read.
  static void prepare() { start_libgit2(); }
  // Reads configurations only; gives what must still be readable afterwards.
  std::vector<Readable> open();
  // Compares, and answers until nobody asks any more.
  void serve(int socket);

 private:
  const Question question_;
  Result<std::unique_ptr<GitRepository>> repository_;
};

// The parent's side.  What is not as messages.h has it, what is longer than was asked for, and a
// peer that ends or says nothing for too long leaves nothing to rely on: alive() says so from then
// on, and so does everything that is asked.
Result<std::unique_ptr<GitReader>> read_apart(const Question& question, const Peer& peer);

}  // namespace minescan::acquire
