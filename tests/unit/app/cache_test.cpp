#include "app/cache.h"

#include <doctest/doctest.h>

#include "app/engine.h"
#include "base/digest.h"
#include "support/temp_dir.h"

using namespace minescan;

namespace {

Unit unit_of(const std::string& text) {
  return {.kind = Unit::Kind::file,
          .name = "a.tgz",
          .digest = sha256(as_bytes(text)),
          .size = text.size()};
}

app::Recall recall_in(const std::string& directory, const std::string& signatures = "sha256:1",
                      const Limits& limits = {}) {
  app::Options options;
  options.cache_directory = directory;
  std::string note;
  app::Recall recall(options, signatures, limits, note);
  CHECK(note.empty());
  return recall;
}

Record record_with(std::vector<Gap> gaps) {
  Record record;
  record.ledger.bytes = 7;
  record.gaps = std::move(gaps);
  return record;
}

}  // namespace

TEST_CASE("recall: a unit's record comes back under the same signatures and limits only") {
  const test::TempDir dir;
  recall_in(dir.path()).keep(unit_of("x"), record_with({}));
  CHECK(recall_in(dir.path()).find(unit_of("x")) == record_with({}));
  CHECK_FALSE(recall_in(dir.path()).find(unit_of("y")).has_value());
  CHECK_FALSE(recall_in(dir.path(), "sha256:2").find(unit_of("x")).has_value());
  CHECK_FALSE(recall_in(dir.path(), "sha256:1", {.depth = 1}).find(unit_of("x")).has_value());
}

TEST_CASE("recall: another media type of the same bytes is the same unit, another name is not") {
  const test::TempDir dir;
  app::Recall recall = recall_in(dir.path());
  recall.keep(unit_of("x"), record_with({}));
  Unit unit = unit_of("x");
  unit.media_type = "application/zip";
  CHECK(recall.find(unit).has_value());
  unit.name = "Dockerfile";
  CHECK_FALSE(recall.find(unit).has_value());
}

TEST_CASE("recall: a record with a gap that need not come again is not kept") {
  const test::TempDir dir;
  app::Recall recall = recall_in(dir.path());
  for (std::size_t i = 0; i <= static_cast<std::size_t>(GapReason::internal_error); ++i) {
    const auto reason = static_cast<GapReason>(i);
    const Unit unit = unit_of(std::to_string(i));
    const Record record =
        record_with({{.reason = GapReason::decode_encrypted}, {.reason = reason}});
    recall.keep(unit, record);
    const auto found = recall.find(unit);
    CAPTURE(gap_name(reason));
    CHECK(found.has_value() == app::comes_again(reason));
  }
  CHECK(app::comes_again(GapReason::decode_encrypted));
  for (const GapReason reason :
       {GapReason::limit_memory, GapReason::limit_time, GapReason::io_unreadable,
        GapReason::io_changed, GapReason::net_failed, GapReason::net_missing,
        GapReason::worker_crash, GapReason::matcher_error, GapReason::internal_error}) {
    CHECK_FALSE(app::comes_again(reason));
  }
}

TEST_CASE("recall: without a strong digest nothing is kept") {
  const test::TempDir dir;
  app::Recall recall = recall_in(dir.path());
  Unit unit = unit_of("x");
  for (const char* digest : {"", "md5:d41d8cd98f00b204e9800998ecf8427e"}) {
    unit.digest = digest;
    recall.keep(unit, record_with({}));
    CHECK_FALSE(recall.find(unit).has_value());
  }
}

TEST_CASE("recall: --no-cache neither reads nor writes") {
  const test::TempDir dir;
  recall_in(dir.path()).keep(unit_of("x"), record_with({}));
  app::Options options;
  options.cache_directory = dir.path();
  options.use_cache = false;
  std::string note;
  app::Recall recall(options, "sha256:1", {}, note);
  CHECK_FALSE(recall.find(unit_of("x")).has_value());
  recall.keep(unit_of("y"), record_with({}));
  CHECK_FALSE(recall_in(dir.path()).find(unit_of("y")).has_value());
}

TEST_CASE("recall: a cache that others could fill is not used, and a note says so") {
  const test::TempDir dir;
  ::chmod(dir.path().c_str(), 0777);
  app::Options options;
  options.cache_directory = dir.path();
  std::string note;
  app::Recall recall(options, "sha256:1", {}, note);
  CHECK(note.find("may be written by others") != std::string::npos);
  recall.keep(unit_of("x"), record_with({}));
  CHECK_FALSE(recall.find(unit_of("x")).has_value());
}

TEST_CASE("engine: the program knows which build it is, the same each time") {
  const auto engine = app::engine_identity();
  REQUIRE(engine.has_value());
  CHECK(is_digest(*engine));
  CHECK(engine == app::engine_identity());
}
