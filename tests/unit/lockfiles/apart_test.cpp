#include "lockfiles/apart.h"

#include <doctest/doctest.h>

#include <functional>

#include "support/lockfile.h"
#include "support/task_here.h"

// That all formats come through whole is shown by parse_text() in each of their tests.

using namespace minescan;
using namespace minescan::lockfiles;
using namespace minescan::test;

namespace {

const std::string kText = "a==1\n\nb==2 --hash=sha256:" + std::string(64, '5') + "\n";
const std::string kIncluding = kText + "-r more.txt\n";

Dependency sound() {
  Dependency entry;
  entry.ecosystem = Ecosystem::pypi;
  entry.name = "a";
  entry.version = "1";
  entry.registry = "https://index.example/simple";
  entry.files.push_back({.name = "a-1.tar.gz",
                         .url = "https://files.example/a-1.tar.gz",
                         .integrity = {{"sha256", std::string(64, '0')}},
                         .size = 7});
  entry.file = "requirements.txt";
  entry.line = 3;
  return entry;
}

Answer with(std::function<void(Dependency&)> change) {
  Lockfile lockfile{.ecosystem = Ecosystem::pypi, .dependencies = {sound()}, .problems = {}};
  change(lockfile.dependencies[0]);
  return {.wanted = {}, .outcome = std::move(lockfile)};
}

Answer with_problem(Problem problem) {
  return {.wanted = {},
          .outcome = Lockfile{
              .ecosystem = Ecosystem::pypi, .dependencies = {}, .problems = {std::move(problem)}}};
}

Asked asked() { return {.path = "requirements.txt", .files = {{"more.txt", std::string("x\n")}}}; }

std::optional<Answer> believed(const std::string& bytes) {
  return answer_from_bytes(as_bytes(bytes), asked(), as_bytes(kIncluding));
}
bool is_believed(const Answer& answer) { return believed(answer_bytes(answer)).has_value(); }

}  // namespace

TEST_CASE("apart: what comes back is believed only when parse() could have said it") {
  REQUIRE(is_believed(with([](Dependency&) {})));
  CHECK(is_believed(with([](Dependency& one) { one.file = "more.txt", one.line = 2; })));
  const std::vector<std::function<void(Dependency&)>> lies = {
      [](Dependency& one) { one.name = "../a"; },
      [](Dependency& one) { one.name = "A"; },  // not normalised
      [](Dependency& one) { one.alias = "a/b"; },
      [](Dependency& one) { one.version = "1\n2"; },
      [](Dependency& one) { one.ecosystem = Ecosystem::npm; },
      [](Dependency& one) { one.registry = "file with blanks"; },
      [](Dependency& one) { one.source = Dependency::Source::url, one.location = "a b"; },
      [](Dependency& one) { one.source = static_cast<Dependency::Source>(5); },
      [](Dependency& one) { one.commit = "main"; },
      [](Dependency& one) { one.files[0].name = "../../x"; },
      [](Dependency& one) { one.files[0].url = "https://a.example/\x01"; },
      [](Dependency& one) { one.files[0].integrity[0].hex = "00"; },
      [](Dependency& one) { one.files[0].integrity[0].hex = std::string(64, 'G'); },
      [](Dependency& one) { one.file = "other.txt"; },
      [](Dependency& one) { one.file = ""; },
      [](Dependency& one) { one.line = 0; },
      [](Dependency& one) { one.line = 6; },
      [](Dependency& one) { one.file = "more.txt"; },  // which has two lines
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(is_believed(with(lies[i])));
  }
}

TEST_CASE("apart: problems and errors are one line each") {
  CHECK(is_believed(with_problem({"requirements.txt", 1, "so"})));
  CHECK_FALSE(is_believed(with_problem({"requirements.txt", 1, "so\nso"})));
  CHECK_FALSE(is_believed(with_problem({"requirements.txt", 1, std::string(20'000, 'x')})));
  CHECK_FALSE(is_believed(with_problem({"requirements.txt", 9, "so"})));
  CHECK(is_believed({.wanted = {}, .outcome = fail(Code::corrupt, "so")}));
  CHECK_FALSE(is_believed({.wanted = {}, .outcome = fail(Code::corrupt, "so\rso")}));
  CHECK_FALSE(is_believed({.wanted = {}, .outcome = fail(Code::corrupt, "")}));
}

TEST_CASE("apart: only files of the tree can be asked for, and each once") {
  const auto wants = [](std::string path) {
    return is_believed({.wanted = {std::move(path)}, .outcome = {}});
  };
  CHECK(wants("a/b.txt"));
  for (const char* path : {"/etc/passwd", "../x", "a/../../x", "a/./b", "a//b", "~/x", "",
                           "requirements/", "more.txt", "c:x", "a\\b"}) {
    CAPTURE(path);
    CHECK_FALSE(wants(path));
  }
  CHECK_FALSE(wants(std::string(5000, 'x')));
}

TEST_CASE("apart: bytes that are cut, go on or are others are no answer") {
  const std::string bytes = answer_bytes(with([](Dependency&) {}));
  REQUIRE(believed(bytes).has_value());
  CHECK(answer_bytes(*believed(bytes)) == bytes);
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(believed(bytes.substr(0, n)));
  CHECK_FALSE(believed(bytes + '\0'));
  CHECK_FALSE(believed(std::string(64, '\xff')));
}

TEST_CASE("apart: includes are read here, and only those that are asked for") {
  TaskHere runner(lockfile_task);
  std::string read;
  const auto lockfile = parse_apart(runner, "sub/requirements.txt", as_bytes(kIncluding),
                                    [&](const std::string& path) -> Result<std::string> {
                                      read += path + " ";
                                      return std::string("c==3\n");
                                    });
  REQUIRE(lockfile.has_value());
  CHECK(names(*lockfile) == "a@1 b@2 c@3");
  CHECK(read == "sub/more.txt ");
  CHECK(runner.runs == 2);
}

TEST_CASE("apart: who asks for ever more is given up, and who is lost is an error with the path") {
  int count = 0;
  TaskHere greedy([&](ByteView) {
    return answer_bytes({.wanted = {"f" + std::to_string(++count)}, .outcome = {}});
  });
  const auto read = [](const std::string&) -> Result<std::string> { return std::string("x"); };
  const auto endless = parse_apart(greedy, "requirements.txt", as_bytes(kText), read);
  REQUIRE_FALSE(endless.has_value());
  CHECK(endless.error().code == Code::worker_crash);
  CHECK(greedy.runs < 30);
  TaskLost lost;
  const auto gone = parse_apart(lost, "requirements.txt", as_bytes(kText), nullptr);
  REQUIRE_FALSE(gone.has_value());
  CHECK(gone.error().code == Code::worker_crash);
  CHECK(gone.error().what == "requirements.txt:1: it was lost twice");
}
