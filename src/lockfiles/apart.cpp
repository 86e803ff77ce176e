#include "lockfiles/apart.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/wire.h"
#include "lockfiles/document.h"
#include "lockfiles/entries.h"
#include "lockfiles/integrity.h"
#include "lockfiles/names.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"
#include "model/integrity_bytes.h"

namespace minescan::lockfiles {
namespace {

// Of a sentence about a lockfile: texts out of it are cut after 128 bytes, paths are longer.
constexpr std::size_t kLongestSentence = std::size_t{16} << 10;
constexpr std::size_t kLongestPath = 4096;  // PATH_MAX
constexpr std::uint64_t kCodes = static_cast<std::uint64_t>(Code::internal) + 1;
constexpr std::uint64_t kEcosystems = static_cast<std::uint64_t>(Ecosystem::maven) + 1;
constexpr std::uint64_t kSources = static_cast<std::uint64_t>(Dependency::Source::bundled) + 1;
// One for each level of includes, one for the lockfile itself, one in which nothing is missing.
constexpr std::size_t kRounds = kDeepestInclude + 2;

// --- writing.  Each function names all fields of its struct, so that a new one does not compile
// before it is here and in its reader.

void write(WireWriter& out, const Error& error) {
  out.number(static_cast<std::uint64_t>(error.code));
  out.text(error.what);
}

void write(WireWriter& out, const PackageFile& file) {
  const auto& [name, url, integrity, size] = file;
  out.text(name);
  out.text(url);
  out.list(integrity, [&](const Integrity& one) { minescan::write(out, one); });
  out.number(size);
}

void write(WireWriter& out, const Dependency& entry) {
  const auto& [ecosystem, name, version, alias, source, registry, location, commit, files,
               development, optional, install_script, file, line] = entry;
  out.number(static_cast<std::uint64_t>(ecosystem));
  out.text(name);
  out.text(version);
  out.text(alias);
  out.number(static_cast<std::uint64_t>(source));
  out.text(registry);
  out.text(location);
  out.text(commit);
  out.list(files, [&](const PackageFile& one) { write(out, one); });
  out.number((development ? 1U : 0U) | (optional ? 2U : 0U) | (install_script ? 4U : 0U));
  out.text(file);
  out.number(line);
}

void write(WireWriter& out, const Problem& problem) {
  const auto& [file, line, what] = problem;
  out.text(file);
  out.number(line);
  out.text(what);
}

void write(WireWriter& out, const Wish& wish) {
  const auto& [folder, name, range] = wish;
  out.text(folder);
  out.text(name);
  out.text(range);
}

std::string asked_bytes(const Asked& asked, ByteView text) {
  WireWriter out;
  out.text(asked.path);
  out.text(as_text(text));
  out.number(asked.files.size());
  for (const auto& [path, content] : asked.files) {
    out.text(path);
    out.number(content ? 1 : 0);
    if (content) {
      out.text(*content);
    } else {
      write(out, content.error());
    }
  }
  return out.take();
}

// --- reading

Error read_error(WireReader& in) {
  const auto code = static_cast<Code>(in.number_below(kCodes));
  return {code, in.text()};
}

bool is_sentence(std::string_view text) {
  return !text.empty() && text.size() <= kLongestSentence &&
         text.find_first_of("\r\n") == std::string_view::npos;
}

std::uint32_t lines_of(std::string_view text) {
  const auto count = 1 + std::count(text.begin(), text.end(), '\n');
  return static_cast<std::uint32_t>(
      std::min<std::ptrdiff_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

class AnswerReader {
 public:
  AnswerReader(ByteView bytes, const Asked& asked, ByteView text) : in_(bytes), asked_(asked) {
    lines_.emplace(asked.path, lines_of(as_text(text)));
    for (const auto& [path, content] : asked.files) {
      if (content) lines_.emplace(path, lines_of(*content));
    }
  }

  std::optional<Answer> read() {
    Answer answer;
    in_.list([&] { answer.wanted.push_back(path()); });
    if (!answer.wanted.empty()) {
      check(answer.wanted.size() <= kMostIncludes);
    } else if (in_.number_below(2) == 0) {
      Error error = read_error(in_);
      check(is_sentence(error.what));
      answer.outcome = tl::unexpected<Error>(std::move(error));
    } else {
      answer.outcome = lockfile();
    }
    if (!in_.at_end()) return std::nullopt;
    return answer;
  }

 private:
  void check(bool sound) {
    if (!sound) in_.fail();
  }
  // What is kept in memory is more than what is sent.
  void count(std::size_t bytes) {
    bytes_ += bytes;
    check(bytes_ <= kMostEntryBytes);
  }
  bool flag() { return in_.number_below(2) == 1; }

  // Of a file that is not known yet.
  std::string path() {
    std::string path = in_.text();
    check(path.size() <= kLongestPath && !asked_.files.contains(path) &&
          path_in_tree("", path) == path);
    return path;
  }

  void place(std::string& file, std::uint32_t& line) {
    file = in_.text();
    line = static_cast<std::uint32_t>(
        in_.number_below(std::uint64_t{std::numeric_limits<std::uint32_t>::max()} + 1));
    const auto known = lines_.find(file);
    check(known != lines_.end() && line >= 1 && line <= known->second);
  }

  PackageFile file() {
    PackageFile file{.name = in_.text(), .url = in_.text(), .integrity = {}};
    check(file.name.empty() || is_file_name(file.name));
    count(sizeof file + file.name.size() + file.url.size());
    in_.list([&] {
      Integrity one = read_integrity(in_);
      check(hex_digest(one.algorithm, one.hex) == one);
      count(sizeof one + one.hex.size());
      file.integrity.push_back(std::move(one));
    });
    file.size = in_.number();
    return file;
  }

  Dependency entry(Ecosystem ecosystem) {
    Dependency entry;
    entry.ecosystem = static_cast<Ecosystem>(in_.number_below(kEcosystems));
    entry.name = in_.text();
    entry.version = in_.text();
    entry.alias = in_.text();
    entry.source = static_cast<Dependency::Source>(in_.number_below(kSources));
    entry.registry = in_.text();
    entry.location = in_.text();
    entry.commit = in_.text();
    count(sizeof entry + entry.location.size() + entry.registry.size());
    in_.list([&] { entry.files.push_back(file()); });
    const std::uint64_t flags = in_.number_below(8);
    entry.development = (flags & 1) != 0;
    entry.optional = (flags & 2) != 0;
    entry.install_script = (flags & 4) != 0;
    place(entry.file, entry.line);
    check(entry.ecosystem == ecosystem && !flaw_of(entry) &&
          entry.name == normalised_name(ecosystem, entry.name));
    check(entry.commit.empty() || (is_commit(entry.commit) && lower(entry.commit) == entry.commit));
    return entry;
  }

  Lockfile lockfile() {
    Lockfile lockfile;
    lockfile.ecosystem = static_cast<Ecosystem>(in_.number_below(kEcosystems));
    in_.list([&] {
      lockfile.dependencies.push_back(entry(lockfile.ecosystem));
      check(lockfile.dependencies.size() <= kMostEntries);
    });
    in_.list([&] {
      Problem& problem = lockfile.problems.emplace_back();
      place(problem.file, problem.line);
      problem.what = in_.text();
      // The last one tells how many more there were.
      check(is_sentence(problem.what) && lockfile.problems.size() <= kMostProblems + 1);
    });
    in_.list([&] {
      Wish wish{.folder = in_.text(), .name = in_.text(), .range = in_.text()};
      count(sizeof wish + wish.folder.size() + wish.name.size() + wish.range.size());
      // Sorted, and none twice.
      check(lockfile.ecosystem == Ecosystem::npm && lockfile.wishes.size() < kMostEntries &&
            (lockfile.wishes.empty() || lockfile.wishes.back() < wish));
      lockfile.wishes.push_back(std::move(wish));
    });
    return lockfile;
  }

  WireReader in_;
  const Asked& asked_;
  std::map<std::string, std::uint32_t> lines_;  // of each file how many it has
  std::size_t bytes_ = 0;
};

}  // namespace

std::string answer_bytes(const Answer& answer) {
  WireWriter out;
  out.list(answer.wanted, [&](const std::string& path) { out.text(path); });
  if (!answer.wanted.empty()) return out.take();
  out.number(answer.outcome ? 1 : 0);
  if (!answer.outcome) {
    write(out, answer.outcome.error());
    return out.take();
  }
  const auto& [ecosystem, dependencies, problems, wishes] = *answer.outcome;
  out.number(static_cast<std::uint64_t>(ecosystem));
  out.list(dependencies, [&](const Dependency& one) { write(out, one); });
  out.list(problems, [&](const Problem& one) { write(out, one); });
  out.list(wishes, [&](const Wish& one) { write(out, one); });
  return out.take();
}

std::optional<Answer> answer_from_bytes(ByteView bytes, const Asked& asked, ByteView text) {
  return AnswerReader(bytes, asked, text).read();
}

std::string lockfile_task(ByteView input) {
  WireReader in(input);
  Asked asked;
  asked.path = in.text();
  const std::string text = in.text();
  for (std::uint64_t left = in.number(); in.good() && left > 0; --left) {
    std::string path = in.text();
    Result<std::string> content;
    if (in.number_below(2) == 1) {
      content = in.text();
    } else {
      content = tl::unexpected<Error>(read_error(in));
    }
    asked.files.emplace(std::move(path), std::move(content));
  }
  Answer answer;
  const Read read = [&](const std::string& path) -> Result<std::string> {
    const auto found = asked.files.find(path);
    if (found != asked.files.end()) return found->second;
    if (std::find(answer.wanted.begin(), answer.wanted.end(), path) == answer.wanted.end()) {
      answer.wanted.push_back(path);
    }
    return std::string();
  };
  answer.outcome = parse(asked.path, as_bytes(text), read);
  return answer_bytes(answer);
}

Result<Lockfile> parse_apart(TaskRunner& runner, const std::string& path, ByteView bytes,
                             const Read& read) {
  Asked asked{.path = path, .files = {}};
  std::size_t included = 0;
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::optional<Answer> answer;
    const std::string input = asked_bytes(asked, bytes);
    const auto done = runner.run(Task::lockfile, as_bytes(input), [&](ByteView given) {
      answer = answer_from_bytes(given, asked, bytes);
      return answer.has_value();
    });
    if (!done) return fail_at(done.error().code, path, 1, done.error().what);
    if (answer->wanted.empty()) return std::move(answer->outcome);
    for (std::string& wanted : answer->wanted) {
      Result<std::string> content;
      if (asked.files.size() >= kMostIncludes || included > kMostIncludedBytes) {
        content = fail(Code::limit_bytes, "all that is included is too much");
      } else if (read) {
        content = read(wanted);
      } else {
        content = fail(Code::not_found, "there are no other files");
      }
      included += content ? content->size() : 0;
      asked.files.emplace(std::move(wanted), std::move(content));
    }
  }
  return fail_at(Code::worker_crash, path, 1, "what reads it asks for ever more files");
}

}  // namespace minescan::lockfiles
