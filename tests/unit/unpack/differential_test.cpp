// What real tools make is read as those tools meant it.  Cases whose tool is not installed pass
// with a message.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "support/archives.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::test;
namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;

// A folder with known files, removed at the end.
class Tree {
 public:
  Tree() {
    std::string pattern = (fs::temp_directory_path() / "unpack_test_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
    files_ = {{"d/empty", ""},
              {"d/numbers", numbers(300'000)},
              {"d/sub/text", "hello\n"},
              {"d/sub/zeros", std::string(70'000, '\0')},
              {"d/" + std::string(120, 'l') + "/" + std::string(90, 'n'), "long name"}};
    for (const auto& [name, text] : files_) {
      fs::create_directories((root_ / name).parent_path());
      write(root_ / name, text);
    }
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  [[nodiscard]] const Files& files() const { return files_; }
  void write(const fs::path& path, const std::string& text) const {
    std::ofstream(path, std::ios::binary) << text;
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return root_ / name; }

  // Runs a shell command in the folder and gives what it wrote to `out`; nothing when the tool is
  // not there.
  [[nodiscard]] std::optional<std::string> make(const std::string& command) const {
    const std::string line =
        "cd '" + root_.string() + "' && rm -f out && { " + command + "; } >/dev/null 2>log";
    const int status = std::system(line.c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
      MESSAGE("not installed, so not compared: " << command);
      return std::nullopt;
    }
    CAPTURE(command);
    REQUIRE(status == 0);
    std::ifstream file(root_ / "out", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

 private:
  fs::path root_;
  Files files_;
};

Files files_in(const Seen& seen) {
  Files files;
  for (const SeenEntry& entry : seen.entries) {
    if (entry.member.kind != unpack::Member::Kind::file) continue;
    files[entry.member.name.substr(entry.member.name.starts_with("./") ? 2 : 0)] = entry.text;
    CHECK_FALSE(entry.fault.has_value());
  }
  return files;
}

void check_archive(const Tree& tree, const std::string& format, const std::string& command) {
  CAPTURE(command);
  const auto bytes = tree.make(command);
  if (!bytes) return;
  CHECK(format_of(*bytes) == format);
  const Seen seen = walk(format, *bytes);
  CHECK(bool{files_in(seen) == tree.files()});
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies == std::vector<std::string>{});
  CHECK(seen.rest == "");
}

}  // namespace

TEST_CASE("real tools: what tar makes in each of its formats") {
  const Tree tree;
  for (const char* format : {"gnu", "oldgnu", "pax", "posix"}) {
    check_archive(tree, "tar", "tar --format=" + std::string(format) + " -cf out d");
  }
  check_archive(tree, "tar", "tar -b1 -cf out d");
}

TEST_CASE("real tools: what tar makes of sparse files") {
  const Tree tree;
  const std::string data(100'000, 'x');
  const auto ready = tree.make(
      "mkdir -p s; for i in 1 2 3 4 5 6 7 8 9; do printf MARKER$i | "
      "dd of=s/sparse bs=1 seek=${i}000000 conv=notrunc status=none; done; truncate -s 20M "
      "s/sparse; "
      ": > out");
  REQUIRE(ready.has_value());
  for (const char* format :
       {"--format=gnu", "--format=posix --sparse-version=0.0",
        "--format=posix --sparse-version=0.1", "--format=posix --sparse-version=1.0"}) {
    CAPTURE(std::string(format));
    const auto bytes = tree.make("tar -S " + std::string(format) + " -cf out s d/sub/text");
    if (!bytes) continue;
    const Seen seen = walk("tar", *bytes);
    const std::string text = seen.text("s/sparse");
    for (int i = 1; i < 10; ++i)
      CHECK(text.find("MARKER" + std::to_string(i)) != std::string::npos);
    CHECK(text.size() < 200'000);
    CHECK(seen.text("d/sub/text") == "hello\n");
    CHECK(seen.gaps.empty());
    CHECK(seen.anomalies == std::vector<std::string>{});
  }
}

TEST_CASE("real tools: what zip makes, to a file and to a pipe") {
  const Tree tree;
  check_archive(tree, "zip", "zip -qr out.zip d && mv out.zip out");
  check_archive(tree, "zip", "zip -qr0 out.zip d && mv out.zip out");
  check_archive(tree, "zip", "zip -qr - d | cat > out");
  check_archive(tree, "zip", "zip -qr -Z bzip2 out.zip d && mv out.zip out");
  check_archive(tree, "zip", "zip -qr -fz out.zip d && mv out.zip out");
}

TEST_CASE("real tools: what cpio makes in each of its formats") {
  const Tree tree;
  for (const char* format : {"newc", "crc", "odc", "bin"}) {
    check_archive(tree, "cpio",
                  "command -v cpio || exit 127; find d | sort | cpio -o -H " + std::string(format) +
                      " > out");
  }
}

TEST_CASE("real tools: what compressors make, in one stream and in several") {
  const Tree tree;
  struct Tool {
    std::string format;
    std::string command;
  };
  const Tool tools[] = {
      {"gzip", "gzip -c"},   {"gzip", "gzip -1 -c"},  {"gzip", "igzip -c"},
      {"xz", "xz -c -T1"},   {"xz", "xz -0 -c -T2"},  {"lzma", "xz --format=lzma -c"},
      {"zstd", "zstd -c"},   {"zstd", "zstd -19 -c"}, {"zstd", "pzstd -c"},
      {"bzip2", "bzip2 -c"}, {"lz4", "lz4 -c"},       {"lz4", "lz4 -9 -BD -c"},
      {"lzip", "lzip -c"}};
  for (const Tool& tool : tools) {
    CAPTURE(tool.command);
    const std::string once = tool.command + " d/numbers > out";
    const auto bytes = tree.make(once);
    if (!bytes) continue;
    CHECK(format_of(*bytes) == tool.format);
    const Decoded decoded = decode(tool.format, *bytes + "tail");
    CHECK(bool{decoded.text == tree.files().at("d/numbers")});
    CHECK(decoded.rest == "tail");
    CHECK_FALSE(decoded.fault.has_value());
    if (tool.format == "lzma") continue;
    const Decoded twice = decode(tool.format, *bytes + *bytes);
    CHECK(twice.text.size() == 2 * decoded.text.size());
    CHECK_FALSE(twice.fault.has_value());
  }
}

TEST_CASE("real tools: what ar makes") {
  const Tree tree;
  const auto bytes = tree.make(
      "mkdir a; cp d/sub/text a/short; cp d/numbers a/a_name_of_more_than_fifteen; "
      "ar rc out a/short a/a_name_of_more_than_fifteen");
  if (!bytes) return;
  CHECK(format_of(*bytes) == "ar");
  const Seen seen = walk("ar", *bytes);
  CHECK(seen.text("short") == "hello\n");
  CHECK(bool{seen.text("a_name_of_more_than_fifteen") == tree.files().at("d/numbers")});
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
}

TEST_CASE("real tools: a Debian package down to its files") {
  const Tree tree;
  const auto bytes = tree.make(
      "mkdir -p deb/DEBIAN && cp -r d deb/ && printf 'Package: a\\nVersion: 1\\nArchitecture: "
      "all\\n"
      "Maintainer: A <a@b.example>\\nDescription: a\\n' > deb/DEBIAN/control && "
      "dpkg-deb --root-owner-group -Zxz -b deb out");
  if (!bytes) return;
  CHECK(format_of(*bytes) == "ar");
  const Seen package = walk("ar", *bytes);
  CHECK(package.names() == "debian-binary control.tar.xz data.tar.xz");
  const Decoded data = decode("xz", package.text("data.tar.xz"));
  CHECK(bool{files_in(walk("tar", data.text)) == tree.files()});
}

TEST_CASE("real tools: an RPM package down to its files") {
  const Tree tree;
  const std::string spec =
      "Name: a\nVersion: 1\nRelease: 1\nSummary: a\nLicense: a\nBuildArch: noarch\n"
      "%description\na\n%post\necho MARKER\n%install\nmkdir -p %{buildroot}/opt\n"
      "cp -r " +
      tree.at("d").string() + " %{buildroot}/opt/\n%files\n/opt/d\n";
  tree.write(tree.at("a.spec"), spec);
  const auto bytes = tree.make(
      "rpmbuild -bb --define \"_topdir $PWD/rpm\" --define '_binary_payload w9.gzdio' a.spec && "
      "cp rpm/RPMS/noarch/a-1-1.noarch.rpm out");
  if (!bytes) return;
  CHECK(format_of(*bytes) == "rpm");
  const Seen package = walk("rpm", *bytes);
  CHECK(package.own.find("echo MARKER") != std::string::npos);
  const std::string payload = package.text("payload");
  const Decoded archive = decode(format_of(payload), payload);
  CHECK_FALSE(archive.fault.has_value());
  const Seen seen = walk("cpio", archive.text);
  CHECK(seen.text("./opt/d/sub/text") == "hello\n");
  CHECK(bool{seen.text("./opt/d/numbers") == tree.files().at("d/numbers")});
  CHECK(seen.gaps.empty());
}
