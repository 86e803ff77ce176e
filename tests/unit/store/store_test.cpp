#include "store/store.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "base/digest.h"
#include "support/sample_record.h"
#include "support/temp_dir.h"

using namespace minescan;
namespace fs = std::filesystem;

namespace {

std::string digest_of(int number) { return sha256(as_bytes(std::to_string(number))); }

store::Key key_of(int number) {
  return {.digest = digest_of(number),
          .size = 100,
          .kind = Unit::Kind::layer,
          .name = "layer " + digest_of(number),
          .signatures = "sha256:5",
          .engine = "sha256:e",
          .limits = {}};
}

Record record_of(int number) { return test::sample_record("layer " + digest_of(number)); }

std::unique_ptr<store::Cache> opened(const std::string& path,
                                     std::uint64_t most = store::kDefaultBytes) {
  auto cache = store::Cache::open(path, most);
  REQUIRE_MESSAGE(cache.has_value(), (cache ? "" : cache.error().what));
  return std::move(*cache);
}

// The files of records, in any order.
std::vector<fs::path> files_in(const std::string& path) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file() && entry.path().filename() != "key") files.push_back(entry.path());
  }
  return files;
}

fs::path only_file(const std::string& path) {
  const auto files = files_in(path);
  REQUIRE(files.size() == 1);
  return files.front();
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

// Runs it in a process of its own; whether it returned true there.
bool in_process(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string error_of(const std::string& path) {
  const auto cache = store::Cache::open(path);
  REQUIRE_FALSE(cache.has_value());
  CHECK(cache.error().code == Code::refused);
  return cache.error().what;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("store: a record that was kept is found, by other processes too, and only by its key") {
  const test::TempDir dir;
  const std::string path = dir.path() + "/a/b/cache";
  opened(path)->keep(key_of(1), record_of(1));
  const auto cache = opened(path);
  const auto found = cache->find(key_of(1));
  REQUIRE(found.has_value());
  CHECK(*found == record_of(1));
  CHECK_FALSE(cache->find(key_of(2)).has_value());
}

TEST_CASE("store: a key with any other part is another key") {
  const test::TempDir dir;
  const auto cache = opened(dir.path());
  cache->keep(key_of(1), record_of(1));
  const std::vector<std::function<void(store::Key&)>> changes = {
      [](store::Key& k) { k.digest = digest_of(2); },
      [](store::Key& k) { ++k.size; },
      [](store::Key& k) { k.kind = Unit::Kind::document; },
      [](store::Key& k) { k.name += 'x'; },
      [](store::Key& k) { k.signatures += 'x'; },
      [](store::Key& k) { k.engine += 'x'; },
      [](store::Key& k) { ++k.limits.leaf_bytes; },
      [](store::Key& k) { ++k.limits.unit_bytes; },
      [](store::Key& k) { ++k.limits.depth; },
      [](store::Key& k) { ++k.limits.entries; },
      [](store::Key& k) { ++k.limits.unit_entries; },
      [](store::Key& k) { ++k.limits.name_bytes; },
      [](store::Key& k) { ++k.limits.decoder_memory; },
      [](store::Key& k) { ++k.limits.hits_kept; },
      [](store::Key& k) { ++k.limits.decoder_depth; },
      [](store::Key& k) { ++k.limits.derived_file_bytes; },
      [](store::Key& k) { ++k.limits.derived_unit_bytes; },
      [](store::Key& k) { ++k.limits.derived_per_file; },
  };
  for (const auto& change : changes) {
    store::Key key = key_of(1);
    change(key);
    CHECK_FALSE(cache->find(key).has_value());
  }
  CHECK(cache->find(key_of(1)).has_value());
}

TEST_CASE("store: a digest that is none, or a weak one, keeps nothing") {
  const test::TempDir dir;
  const auto cache = opened(dir.path());
  for (const char* digest : {"", "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "sha256:1"}) {
    store::Key key = key_of(1);
    key.digest = digest;
    cache->keep(key, record_of(1));
    CHECK_FALSE(cache->find(key).has_value());
  }
  CHECK(files_in(dir.path()).empty());
}

TEST_CASE("store: only the user can read or write what is kept") {
  const test::TempDir dir;
  const std::string path = dir.path() + "/new/cache";
  opened(path)->keep(key_of(1), record_of(1));
  CHECK(mode_of(dir.path() + "/new") == 0700);
  CHECK(mode_of(path) == 0700);
  CHECK(mode_of(path + "/key") == 0600);
  CHECK(mode_of(path + "/v1") == 0700);
  CHECK(mode_of(only_file(path)) == 0600);
}

TEST_CASE("store: a file changed or cut anywhere is no record, and is removed") {
  const test::TempDir dir;
  const auto cache = opened(dir.path());
  cache->keep(key_of(1), record_of(1));
  const fs::path file = only_file(dir.path());
  const std::string good = text_of(file);
  for (std::size_t at = 0; at < good.size(); ++at) {
    CAPTURE(at);
    write(file, good.substr(0, at));
    REQUIRE_FALSE(cache->find(key_of(1)).has_value());
    REQUIRE_FALSE(fs::exists(file));
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write(file, changed);
    REQUIRE_FALSE(cache->find(key_of(1)).has_value());
    REQUIRE_FALSE(fs::exists(file));
  }
  write(file, good + '\0');
  CHECK_FALSE(cache->find(key_of(1)).has_value());
  write(file, good);
  CHECK(cache->find(key_of(1)).has_value());
}

TEST_CASE("store: another record under a record's name is no record, and is removed") {
  const test::TempDir dir;
  const auto cache = opened(dir.path());
  cache->keep(key_of(1), record_of(1));
  const fs::path file = only_file(dir.path());
  const std::string clean = text_of(file);
  fs::remove(file);
  cache->keep(key_of(2), record_of(2));
  write(only_file(dir.path()), clean);
  CHECK_FALSE(cache->find(key_of(2)).has_value());
  CHECK(files_in(dir.path()).empty());
}

TEST_CASE("store: what another key authenticated is no record") {
  const test::TempDir dir;
  const test::TempDir other;
  opened(other.path())->keep(key_of(1), record_of(1));
  const auto cache = opened(dir.path());
  cache->keep(key_of(1), record_of(2));
  fs::copy_file(only_file(other.path()), only_file(dir.path()),
                fs::copy_options::overwrite_existing);
  CHECK_FALSE(cache->find(key_of(1)).has_value());
}

TEST_CASE("store: links, FIFOs and folders under a record's name are no record, and do not block") {
  const test::TempDir dir;
  const auto cache = opened(dir.path());
  cache->keep(key_of(1), record_of(1));
  const fs::path file = only_file(dir.path());
  fs::rename(file, dir.path() + "/moved");
  fs::create_symlink(dir.path() + "/moved", file);
  CHECK_FALSE(cache->find(key_of(1)).has_value());
  cache->keep(key_of(1), record_of(1));
  CHECK(cache->find(key_of(1)).has_value());
  fs::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(cache->find(key_of(1)).has_value());
  cache->keep(key_of(1), record_of(1));
  CHECK(cache->find(key_of(1)).has_value());
  fs::remove(file);
  fs::create_directory(file);
  CHECK_FALSE(cache->find(key_of(1)).has_value());
  cache->keep(key_of(1), record_of(1));
  CHECK_FALSE(cache->find(key_of(1)).has_value());
}

TEST_CASE("store: a directory that is a link is refused, with slashes behind it too") {
  const test::TempDir dir;
  fs::create_directory(dir.path() + "/real");
  fs::create_directory_symlink("real", dir.path() + "/link");
  CHECK(contains(error_of(dir.path() + "/link"), "is a link"));
  CHECK(contains(error_of(dir.path() + "/link//"), "is a link"));
  CHECK(fs::is_empty(dir.path() + "/real"));
  write(dir.path() + "/file", "x");
  CHECK(contains(error_of(dir.path() + "/file"), "no directory"));
}

TEST_CASE("store: a directory that others may write to is refused") {
  const test::TempDir dir;
  for (const unsigned mode : {0720U, 0702U, 01777U}) {
    ::chmod(dir.path().c_str(), mode);
    CHECK(contains(error_of(dir.path()), "may be written by others"));
  }
  ::chmod(dir.path().c_str(), 0755);
  CHECK(opened(dir.path()) != nullptr);
}

TEST_CASE("store: another user's directory or key is refused") {
  if (::geteuid() != 0) return;  // only root can give a file away
  const test::TempDir dir;
  opened(dir.path());
  REQUIRE(::chown((dir.path() + "/key").c_str(), 1, 1) == 0);
  CHECK(contains(error_of(dir.path()), "key"));
  REQUIRE(::chown(dir.path().c_str(), 1, 1) == 0);
  CHECK(contains(error_of(dir.path()), "another user"));
  const auto below = store::Cache::open(dir.path() + "/new");
  REQUIRE_FALSE(below.has_value());
  CHECK(below.error().code == Code::io);
}

TEST_CASE("store: a key that is a link, or open to others, is refused") {
  const test::TempDir dir;
  opened(dir.path());
  const std::string key = dir.path() + "/key";
  ::chmod(key.c_str(), 0640);
  CHECK(contains(error_of(dir.path()), "open to others"));
  ::chmod(key.c_str(), 0600);
  fs::rename(key, dir.path() + "/elsewhere");
  fs::create_symlink("elsewhere", key);
  CHECK(contains(error_of(dir.path()), "is a link"));
}

TEST_CASE("store: a key cut short by a crash is replaced, and what it signed is gone") {
  const test::TempDir dir;
  opened(dir.path())->keep(key_of(1), record_of(1));
  fs::resize_file(dir.path() + "/key", 31);
  const auto cache = opened(dir.path());
  CHECK(fs::file_size(dir.path() + "/key") == 32);
  CHECK_FALSE(cache->find(key_of(1)).has_value());
}

TEST_CASE("store: processes that come first at once agree on one key") {
  for (int round = 0; round < 20; ++round) {
    const test::TempDir dir;
    const std::string path = dir.path() + "/cache";
    std::vector<pid_t> children;
    for (int i = 0; i < 16; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto cache = store::Cache::open(path);
        if (cache) (*cache)->keep(key_of(i), record_of(i));
        ::_exit(cache ? 0 : 1);
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(status == 0);
    }
    const auto cache = opened(path);
    for (int i = 0; i < 16; ++i) CHECK(cache->find(key_of(i)) == record_of(i));
  }
}

TEST_CASE("store: threads keep and find the same records at once") {
  const test::TempDir dir;
  const auto cache = opened(dir.path());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          cache->keep(key_of(i % 10), record_of(i % 10));
          if (cache->find(key_of(i % 10)) != record_of(i % 10)) ++wrong;
        }
      });
    }
  }
  CHECK(wrong == 0);
  CHECK(files_in(dir.path()).size() == 10);
}

TEST_CASE("store: what was used longest ago makes room, and no more than that") {
  const test::TempDir dir;
  constexpr int kRecords = 400;
  // 4 KiB each: 16 shares of 64 KiB.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 20;
  {
    const auto cache = opened(dir.path(), kMost);
    for (int i = 0; i < kRecords; ++i) cache->keep(key_of(i), record_of(i));
    // Within one process all are there until its end.
    const auto files = files_in(dir.path());
    CHECK(files.size() == kRecords);
    for (const fs::path& file : files) {
      fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
    }
    for (int i = 0; i < 100; ++i) CHECK(cache->find(key_of(i)).has_value());
  }
  const auto usage = store::usage(dir.path());
  REQUIRE(usage.has_value());
  CHECK(usage->bytes <= kMost);
  CHECK(usage->records > 200);
  const auto cache = opened(dir.path(), kMost);
  int recent = 0;
  for (int i = 0; i < 100; ++i) recent += cache->find(key_of(i)).has_value() ? 1 : 0;
  CHECK(recent == 100);
}

TEST_CASE("store: a record that would drive out the others is not kept") {
  const test::TempDir dir;
  const auto cache = opened(dir.path(), std::uint64_t{1} << 20);
  Record large;  // 100 KB, of which half is left
  for (int i = 0; i < 1500; ++i) large.paths.push_back({.path = digest_of(i)});
  cache->keep(key_of(1), large);
  CHECK_FALSE(cache->find(key_of(1)).has_value());
  cache->keep(key_of(2), record_of(2));
  CHECK(cache->find(key_of(2)).has_value());
}

TEST_CASE("store: what a killed process left unfinished goes after an hour, not before") {
  const test::TempDir dir;
  opened(dir.path())->keep(key_of(1), record_of(1));
  const fs::path folder = only_file(dir.path()).parent_path();
  write(folder / ".new-0123456789abcdef", "half");
  opened(dir.path())->keep(key_of(1), record_of(1));
  CHECK(fs::exists(folder / ".new-0123456789abcdef"));
  fs::last_write_time(folder / ".new-0123456789abcdef",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  opened(dir.path())->keep(key_of(1), record_of(1));
  CHECK_FALSE(fs::exists(folder / ".new-0123456789abcdef"));
  CHECK(opened(dir.path())->find(key_of(1)).has_value());
}

TEST_CASE("store: a disk that is full costs the record, and leaves no part of it") {
  const test::TempDir dir;
  opened(dir.path());
  const bool done = in_process([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 100, .rlim_max = 100};
    if (::setrlimit(RLIMIT_FSIZE, &small) != 0) return false;
    const auto cache = store::Cache::open(dir.path());
    if (!cache) return false;
    (*cache)->keep(key_of(1), record_of(1));
    return !(*cache)->find(key_of(1)).has_value();
  });
  CHECK(done);
  CHECK(files_in(dir.path()).empty());
}

TEST_CASE("store: a directory that cannot be made or written is no place for a cache") {
  const auto nowhere = store::Cache::open("/proc/minescan/cache");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code != Code::refused);
  CHECK_FALSE(store::Cache::open("").has_value());
  const test::TempDir dir;
  opened(dir.path())->keep(key_of(1), record_of(1));
  // Read-only, it is still good to read from.
  const bool done = in_process([&] {
    if (::geteuid() == 0) {
      REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    }
    for (const auto& entry : fs::recursive_directory_iterator(dir.path())) {
      if (entry.is_directory()) ::chmod(entry.path().c_str(), 0500);
    }
    const auto cache = store::Cache::open(dir.path());
    return cache && (*cache)->find(key_of(1)).has_value();
  });
  CHECK(done);
  for (const auto& entry : fs::recursive_directory_iterator(dir.path())) {
    if (entry.is_directory()) ::chmod(entry.path().c_str(), 0700);
  }
}

TEST_CASE("store: info counts and clean removes what a cache made, and nothing else") {
  const test::TempDir dir;
  {
    const auto cache = opened(dir.path());
    for (int i = 0; i < 5; ++i) cache->keep(key_of(i), record_of(i));
  }
  write(dir.path() + "/mine", "x");
  write(only_file(dir.path() + "/v1/" +
                  files_in(dir.path() + "/v1").front().parent_path().filename().string())
                .parent_path() /
            "notes.txt",
        "x");
  const auto before = store::usage(dir.path());
  REQUIRE(before.has_value());
  CHECK(before->records == 5);
  CHECK(before->bytes >= 5 * 512);
  const auto removed = store::clean(dir.path());
  REQUIRE(removed.has_value());
  CHECK(removed->records == 5);
  CHECK(store::usage(dir.path())->records == 0);
  CHECK_FALSE(fs::exists(dir.path() + "/key"));
  CHECK(files_in(dir.path()).size() == 2);
  CHECK(store::usage(dir.path() + "/absent")->records == 0);
  CHECK(store::clean(dir.path() + "/absent")->records == 0);
  fs::create_directory_symlink(dir.path(), dir.path() + "-link");
  CHECK(store::clean(dir.path() + "-link").error().code == Code::refused);
  fs::remove(dir.path() + "-link");
}
