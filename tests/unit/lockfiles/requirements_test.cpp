#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

namespace {

lockfiles::Lockfile required(const std::string& text,
                             std::map<std::string, std::string> files = {}) {
  return parsed("requirements.txt", text, std::move(files));
}

const std::string kCommit(40, '1');
const std::string kDigest(64, 'a');

}  // namespace

TEST_CASE("requirements: a file with everything") {
  const auto lockfile = parsed("app/requirements.txt", lockfile_text("requirements.txt"),
                               {{"app/more/base.txt", "base==5.0\n-r ../requirements.txt\n"},
                                {"app/constraints.txt", "loose==2.5\nindirect==0.1\nunused<9\n"}});
  CHECK(lockfile.ecosystem == Ecosystem::pypi);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) ==
        "base@5.0 demo-package@1.0.post1 loose@2.5 by-url@2.0 direct@3.0 from-git@ local@ "
        "archived@4.0 indirect@0.1");
  const Dependency& demo = entry(lockfile, "demo-package");
  CHECK(demo.source == From::registry);
  CHECK(demo.registry == "https://index.example/simple");
  CHECK(demo.file == "app/requirements.txt");
  CHECK(demo.line == 6);
  REQUIRE(demo.files.size() == 1);
  REQUIRE(demo.files[0].integrity.size() == 2);
  CHECK(demo.files[0].integrity[1] == Integrity{"sha256", std::string(64, 'b')});
  CHECK(entry(lockfile, "base").file == "app/more/base.txt");
  CHECK(entry(lockfile, "base").line == 1);
  const Dependency& url = entry(lockfile, "by-url");
  CHECK(url.source == From::url);
  CHECK(url.location == "https://files.example/by_url-2.0-py3-none-any.whl");
  CHECK(url.files.at(0).name == "by_url-2.0-py3-none-any.whl");
  CHECK(url.files.at(0).url == url.location);
  CHECK(url.files.at(0).integrity.at(0).hex == std::string(64, 'c'));
  CHECK(url.line == 11);
  const Dependency& git = entry(lockfile, "from-git");
  CHECK(git.source == From::git);
  CHECK(git.location == "https://git.example/o/from-git.git");
  CHECK(git.commit == kCommit);
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "local").location == "app/local");
  CHECK(entry(lockfile, "archived").location == "app/archives/archived-4.0.tar.gz");
}

TEST_CASE("requirements: only one exact version is a pin") {
  const std::string unpinned =
      " is not pinned to a version, so what is installed can change at any time";
  for (const char* loose : {"a", "a>=1", "a==1.*", "a==1,<2", "a!=1", "a~=1.0", "a===1,==1",
                            "a (>=1)", "a[x]; python_version < '3'"}) {
    CAPTURE(loose);
    const auto lockfile = required(std::string("\n") + loose);
    CHECK(names(lockfile) == "a@");
    CHECK(problems(lockfile) == "2: 'a'" + unpinned);
  }
  for (const char* pinned : {"a==1", "A == 1", "a===1", "a (==1)", "a[x,y]==1",
                             "a==1 ; os_name=='x'", "a==1;extra=='y'", "a==1,"}) {
    CAPTURE(pinned);
    CHECK(names(required(pinned)) == "a@1");
    CHECK(problems(required(pinned)) == "");
  }
}

TEST_CASE("requirements: lines end where Python's do, so nothing hides behind a comment") {
  for (const char* end : {"\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1e", "\xc2\x85",
                          "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    CAPTURE(end);
    CHECK(names(required("# harmless" + std::string(end) + "evil==1.0")) == "evil@1.0");
  }
  // pip joins first, so the next line becomes part of the comment.
  CHECK(names(required("a==1 # x\\\nb==2")) == "a@1");
  CHECK(names(required("# x \\\nb==2")) == "b@2");
  CHECK(names(required("a==1#x\n")) == "");
  CHECK(entry(required("\r\n\r\n\fa==1\n"), "a").line == 3);
}

TEST_CASE("requirements: a backslash joins lines, and the entry is where the first one is") {
  const auto lockfile = required("x==1\n\na==\\\n1 \\\n  --hash=sha256:" + kDigest + "\nb==2");
  CHECK(names(lockfile) == "x@1 a@1 b@2");
  CHECK(entry(lockfile, "a").line == 3);
  CHECK(entry(lockfile, "a").files.at(0).integrity.size() == 1);
  CHECK(entry(lockfile, "b").line == 6);
  CHECK(names(required("a==1\\")) == "a@1");
}

TEST_CASE("requirements: options may be shortened, joined and quoted") {
  const std::map<std::string, std::string> files = {{"b.txt", "b==2"}, {"c d.txt", "c==3"}};
  for (const char* line : {"-r b.txt", "-rb.txt", "--requirement b.txt", "--requirement=b.txt",
                           "--requirem b.txt", "-r 'b.txt'", "-r ./x/../b.txt", "  -r b.txt # c"}) {
    CAPTURE(line);
    CHECK(names(required(line, files)) == "b@2");
    CHECK(problems(required(line, files)) == "");
  }
  CHECK(names(required("-r \"c d.txt\"\n-r c\\ d.txt", files)) == "c@3");
  CHECK(problems(required("--require b.txt", files)) ==
        "1: '--require' is no option that is known");
  CHECK(problems(required("--weird", files)) == "1: '--weird' is no option that is known");
  CHECK(problems(required("-r")) == "1: '-r' has no value");
  CHECK(problems(required("--pre\n--no-binary :all:\n--trusted-host a.example\n")) == "");
}

TEST_CASE("requirements: an include that is not read is a problem") {
  CHECK(problems(required("-r gone.txt")) == "1: 'gone.txt' is not read: gone.txt: no such file");
  CHECK(problems(required("\n-r ../out.txt")) ==
        "2: '../out.txt' lies outside of the tree, so what it requires is not read");
  CHECK(problems(required("-r https://a.example/r.txt")) ==
        "1: 'https://a.example/r.txt' is no file of the tree, so what it requires is not read");
  CHECK(problems(required("-r ${WHAT}.txt")).find("no file of the tree") != std::string::npos);
  CHECK(problems(required("-r n.txt", {{"n.txt", std::string("a\0b", 3)}}))
            .find("too large or no text") != std::string::npos);
  const auto no_reader = lockfiles::parse("requirements.txt", as_bytes("-r b.txt"), nullptr);
  REQUIRE(no_reader.has_value());
  CHECK(problems(*no_reader) == "1: 'b.txt' is not read: there are no other files");
}

TEST_CASE("requirements: includes that include one another end") {
  CHECK(names(required("-r b.txt\na==1", {{"b.txt", "-r requirements.txt\n-r b.txt\nb==1"}})) ==
        "b@1 a@1");
  std::map<std::string, std::string> chain;
  for (int i = 0; i < 100; ++i) {
    chain["f" + std::to_string(i) + ".txt"] =
        "-r f" + std::to_string(i + 1) + ".txt\np" + std::to_string(i) + "==1";
  }
  const auto lockfile = required("-r f0.txt", chain);
  CHECK(lockfile.dependencies.size() == 16);
  CHECK(problems(lockfile) ==
        "1: 'f16.txt' is one include too many, so what it requires is not read");
  CHECK(lockfile.problems.at(0).file == "f15.txt");
}

TEST_CASE("requirements: a further index or a variable of the environment is a problem") {
  CHECK(problems(required("--extra-index-url https://more.example/simple")).find("further place") !=
        std::string::npos);
  CHECK(problems(required("-f ./wheels")).find("further place") != std::string::npos);
  CHECK(problems(required("a @ https://${HOST}/a-1.0.tar.gz")) ==
        "1: 'a @ https://${HOST}/a-1.0.tar.gz' holds a variable of the environment, so the entry "
        "is left out");
}

TEST_CASE("requirements: places") {
  const auto git = required("git+ssh://git@git.example/o/r.git@main#egg=r[x]");
  CHECK(names(git) == "r@");
  CHECK(git.dependencies.at(0).location == "ssh://git@git.example/o/r.git");
  CHECK(git.dependencies.at(0).commit == "");
  CHECK(problems(git).find("without a commit") != std::string::npos);
  CHECK(entry(required("r @ git+https://git.example/o/r@" + kCommit), "r").commit == kCommit);
  CHECK(names(required("-e git+https://git.example/o/named.git@" + kCommit)) == "named@");
  CHECK(problems(required("hg+https://hg.example/r#egg=r")) ==
        "1: 'hg+https://hg.example/r#egg=r' comes from where nothing is read, so the entry is left "
        "out");
  CHECK(problems(required("https://a.example/x")).find("does not say which package") !=
        std::string::npos);
  CHECK(names(required("-e .")) == "");
  CHECK(names(required("-e .[dev]")) == "");
  CHECK(problems(required("-e .")) == "");
  CHECK(problems(required("../out/demo-1.0.whl")).find("outside of the tree") != std::string::npos);
  CHECK(problems(required("file:///tmp/demo-1.0-py3-none-any.whl")).find("outside of the tree") !=
        std::string::npos);
  CHECK(problems(required("$$$")) == "1: '$$$' is no requirement, so the entry is left out");
  CHECK(problems(required("some prose here")).find("is no requirement") != std::string::npos);
}

TEST_CASE("requirements: a digest that is none is a problem") {
  CHECK(problems(required("a==1 --hash=sha256:abc")) == "1: 'sha256:abc' of 'a' is no digest");
}

TEST_CASE("requirements: an encoding in which names may hide is refused") {
  CHECK(error_of("requirements.txt", "# -*- coding: utf-7 -*-\na==1") ==
        "requirements.txt:1: declares an encoding that is not read; use UTF-8");
  CHECK(names(required("# -*- coding: UTF_8 -*-\na==1")) == "a@1");
}
