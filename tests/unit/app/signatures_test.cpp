#include "app/signatures.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "app/packs.h"
#include "match/matcher.h"
#include "support/image_bytes.h"
#include "support/signatures.h"
#include "support/trusted_pack.h"

using namespace minescan;
using namespace minescan::app;

TEST_CASE("signatures: every example of the built-in pack does what it says") {
  const auto signatures = load_signatures({});
  REQUIRE(signatures.has_value());
  const auto failures = failing_examples(*signatures);
  REQUIRE(failures.has_value());
  for (const std::string& failure : *failures) FAIL_CHECK(failure);
  CHECK((*signatures)->rules().size() > 50);
}

TEST_CASE("signatures: a directory that is not there or holds nothing is an error") {
  CHECK_FALSE(load_signatures({.signatures_added = "/nonexistent"}).has_value());
  CHECK_FALSE(load_signatures({.signatures_only = "/nonexistent"}).has_value());
}

TEST_CASE("pack: of one that another program made only the texts are used, never the databases") {
  const test::TempDirectory directory;
  ::setenv("XDG_STATE_HOME", directory.path("state").c_str(), 1);
  const match::PackSources sources{.maker = "another program",
                                   .with_built_in = false,
                                   .files = {{"small.yaml", test::kSmallSignatures}}};
  auto pack = test::small_signatures()->to_pack(&sources);
  REQUIRE(pack.has_value());
  // The last part is a database.
  pack->resize(pack->size() - 100);
  pack->append(100, 'x');
  const auto broken = match::SignatureSet::from_pack(test::trusted_pack(*pack));
  REQUIRE(broken.has_value());
  const auto file = match::sign_pack(*pack, {.name = "other", .version = 3}, "test.key",
                                     test::test_keys().secret_pem);
  REQUIRE(file.has_value());
  const auto used =
      load_pack({.quiet = true,
                 .signatures_only = directory.write("other.pack", *file),
                 .signature_keys = {directory.write("test.pub", test::test_keys().public_pem)}},
                directory.path("other.pack"));
  ::unsetenv("XDG_STATE_HOME");
  REQUIRE(used.has_value());
  CHECK((*used)->digest() == test::small_signatures()->digest());
  const auto finds = [](const std::shared_ptr<const match::SignatureSet>& set, ViewKind kind) {
    const auto matcher = match::Matcher::create(set);
    REQUIRE(matcher.has_value());
    std::vector<match::Match> matches;
    return (*matcher)->scan(as_bytes("MINESCAN-TEST-MARKER xmrig"), kind, matches).has_value() &&
           !matches.empty();
  };
  // The short views' database is the last part.
  CHECK_FALSE(finds(*broken, ViewKind::path));
  CHECK(finds(*used, ViewKind::path));
  CHECK(finds(*used, ViewKind::script));
}
