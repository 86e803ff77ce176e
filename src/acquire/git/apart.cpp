#include "acquire/git/apart.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <new>
#include <optional>

#include "acquire/git/messages.h"
#include "acquire/quoted.h"
#include "base/reader.h"
#include "base/wire.h"
#include "base/write_all.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

using Clock = std::chrono::steady_clock;

// A frame: the size of its body and its kind, eight bytes each, and the body.
enum class Frame : std::uint64_t { request, answer, error, beat };
constexpr std::size_t kHeader = 16;

// A comparison says that it goes on.  Its processor time has a limit of two hours; a process that
// only says so gets no more than that either.
constexpr std::chrono::seconds kBeat{1};
constexpr std::chrono::hours kMostBeats{2};

// False when nobody reads any more.
bool send_frame(int socket, Frame kind, std::string_view body) {
  WireWriter header;
  header.number(body.size());
  header.number(static_cast<std::uint64_t>(kind));
  const std::string begin = header.take();
  return write_all(socket, as_bytes(begin)) && write_all(socket, as_bytes(body));
}

enum class Got { all, closed, late };

// Fills `bytes` up to `size`.  Memory is taken as bytes come, whatever size was stated.
Got read_all(int socket, std::string& bytes, std::size_t size, std::chrono::milliseconds patience) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  std::size_t have = 0;
  bytes.clear();
  while (have < size) {
    if (have == bytes.size()) bytes.resize(std::min(size, have + std::max(have, kStep)));
    pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
    const int there =
        patience.count() < 0 ? 1 : ::poll(&one, 1, static_cast<int>(patience.count()));
    if (there == 0) return Got::late;
    if (there < 0 && errno == EINTR) continue;
    const ssize_t n = ::read(socket, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Got::closed;
    have += static_cast<std::size_t>(n);
  }
  return Got::all;
}

struct Header {
  std::uint64_t size = 0;
  Frame kind = Frame::beat;
};

std::optional<Header> header_of(const std::string& bytes) {
  WireReader in(as_bytes(bytes));
  Header header;
  header.size = in.number();
  header.kind = static_cast<Frame>(in.number_below(static_cast<std::uint64_t>(Frame::beat) + 1));
  if (!in.at_end()) return std::nullopt;
  return header;
}

// --- the process

bool send_error(int socket, const Error& error) {
  return send_frame(socket, Frame::error, error_bytes(error));
}

// What an answer is made of, or the error in its place.
template <class Make>
bool answer(int socket, std::size_t most, const Make& make) {
  try {
    const Result<std::string> bytes = make();
    if (!bytes) return send_error(socket, bytes.error());
    if (bytes->size() <= most) return send_frame(socket, Frame::answer, *bytes);
    return send_error(socket, {Code::limit_memory, "what the repository holds takes more than " +
                                                       std::to_string(most) + " bytes"});
  } catch (const std::bad_alloc&) {
    return send_error(socket, {Code::limit_memory, "no memory to read the repository"});
  } catch (const std::exception& e) {
    return send_error(
        socket, {Code::internal, std::string("minescan failed on the repository: ") + e.what()});
  }
}

Result<std::string> answer_of(GitRepository& repository, const GitRequest& request) {
  switch (request.kind) {
    case GitRequest::Kind::find: {
      MINESCAN_TRY_ASSIGN(const auto found, repository.find(request.side, request.paths));
      return found_bytes(found);
    }
    case GitRequest::Kind::paths: {
      MINESCAN_TRY_ASSIGN(const auto paths, repository.paths(request.side));
      return paths_bytes(paths);
    }
    case GitRequest::Kind::blob:
      return repository.blob(request.id, request.paths.front(), request.limit);
  }
  return fail(Code::internal, "no such request");
}

// --- the parent

class RemoteReader final : public GitReader {
 public:
  RemoteReader(const Question& question, const Peer& peer)
      : name_(question.path), head_(question.head.kind), peer_(peer) {}

  Result<void> listen() {
    MINESCAN_TRY_ASSIGN(const std::string bytes, receive(kMostAnswerBytes));
    MINESCAN_TRY_ASSIGN(compared_, believed(compared_from_bytes(as_bytes(bytes), head_)));
    return {};
  }

  const Compared& compared() const override { return compared_; }

  Result<std::vector<TreeFile>> find(Comparison::Side side,
                                     const std::vector<std::string>& paths) override {
    MINESCAN_TRY_ASSIGN(
        const std::string bytes,
        ask({.kind = GitRequest::Kind::find, .side = side, .paths = paths, .id = {}, .limit = 0},
            kMostAnswerBytes));
    return believed(found_from_bytes(as_bytes(bytes), paths.size()));
  }

  Result<std::vector<std::string>> paths(Comparison::Side side) override {
    MINESCAN_TRY_ASSIGN(
        const std::string bytes,
        ask({.kind = GitRequest::Kind::paths, .side = side, .paths = {}, .id = {}, .limit = 0},
            kMostAnswerBytes));
    return believed(paths_from_bytes(as_bytes(bytes)));
  }

  Result<std::string> blob(const std::string& id, const std::string& path,
                           std::uint64_t limit) override {
    return ask(
        {.kind = GitRequest::Kind::blob, .side = {}, .paths = {path}, .id = id, .limit = limit},
        static_cast<std::size_t>(std::min(limit, kMaxBlob)));
  }

  Result<void> alive() const override {
    if (lost_) return tl::unexpected(*lost_);
    return {};
  }

 private:
  Result<std::string> ask(const GitRequest& request, std::size_t most) {
    MINESCAN_TRY(alive());
    if (!send_frame(peer_.socket, Frame::request, request_bytes(request))) {
      return tl::unexpected(lose(Code::worker_crash, ""));
    }
    return receive(most);
  }

  Result<std::string> receive(std::size_t most) {
    const auto begin = Clock::now();
    while (true) {
      std::string bytes;
      MINESCAN_TRY(read(bytes, kHeader));
      const auto header = header_of(bytes);
      if (!header) return tl::unexpected(lie());
      if (header->kind == Frame::beat && header->size == 0) {
        if (Clock::now() - begin < kMostBeats) continue;
        return tl::unexpected(lose(Code::worker_timeout, "it did not come to an end"));
      }
      const bool error = header->kind == Frame::error;
      if (!error && header->kind != Frame::answer) return tl::unexpected(lie());
      // Of an error there are a code and a length too.
      if (header->size > (error ? kMostSentence + kHeader : most)) return tl::unexpected(lie());
      MINESCAN_TRY(read(bytes, static_cast<std::size_t>(header->size)));
      if (!error) return bytes;
      const auto said = error_from_bytes(as_bytes(bytes));
      return tl::unexpected(said ? *said : lie());
    }
  }

  Result<void> read(std::string& bytes, std::size_t size) {
    switch (read_all(peer_.socket, bytes, size, peer_.patience)) {
      case Got::all:
        return {};
      case Got::closed:
        return tl::unexpected(lose(Code::worker_crash, ""));
      case Got::late:
        break;
    }
    return tl::unexpected(
        lose(Code::worker_timeout,
             "it said nothing for " +
                 std::to_string(
                     std::chrono::duration_cast<std::chrono::seconds>(peer_.patience).count()) +
                 " seconds"));
  }

  template <class T>
  Result<T> believed(std::optional<T> answer) {
    if (!answer) return tl::unexpected(lie());
    return std::move(*answer);
  }

  Error lie() { return lose(Code::worker_crash, "it gave an answer that no repository gives"); }

  // `why` is "" when the process knows best.
  Error lose(Code code, const std::string& why) {
    const std::string ending = peer_.end();
    lost_ = Error{code, "the process that reads the repository of " + in_quotes(name_) +
                            " was lost: " + (why.empty() ? ending : why) +
                            "; nothing is known of what it did not read, run minescan again"};
    return *lost_;
  }

  const std::string name_;
  const Revision::Kind head_;
  const Peer peer_;
  Compared compared_;
  std::optional<Error> lost_;
};

}  // namespace

std::vector<Readable> ComparisonServer::open() {
  repository_ = GitRepository::open(question_.path);
  return repository_ ? (*repository_)->places(question_) : std::vector<Readable>();
}

void ComparisonServer::serve(int socket) {
  auto last = Clock::now();
  const auto beat = [&] {
    if (Clock::now() - last < kBeat) return;
    last = Clock::now();
    send_frame(socket, Frame::beat, {});
  };
  const auto compare = [&]() -> Result<std::string> {
    if (!repository_) return tl::unexpected(repository_.error());
    MINESCAN_TRY((*repository_)->compare(question_, beat));
    return compared_bytes((*repository_)->compared());
  };
  if (!answer(socket, kMostAnswerBytes, compare) || !repository_) return;
  const std::chrono::milliseconds always{-1};
  std::string bytes;
  while (read_all(socket, bytes, kHeader, always) == Got::all) {
    const auto header = header_of(bytes);
    if (!header || header->kind != Frame::request || header->size > kMostAnswerBytes ||
        read_all(socket, bytes, static_cast<std::size_t>(header->size), always) != Got::all) {
      return;
    }
    const auto request = request_from_bytes(as_bytes(bytes));
    if (!request) return;
    const std::size_t most = request->kind == GitRequest::Kind::blob
                                 ? static_cast<std::size_t>(kMaxBlob)
                                 : kMostAnswerBytes;
    if (!answer(socket, most, [&] { return answer_of(**repository_, *request); })) return;
  }
}

Result<std::unique_ptr<GitReader>> read_apart(const Question& question, const Peer& peer) {
  auto reader = std::make_unique<RemoteReader>(question, peer);
  MINESCAN_TRY(reader->listen());
  return reader;
}

}  // namespace minescan::acquire
