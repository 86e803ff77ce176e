// What registries, indexes and configuration files say: no crash, and nothing comes out that the
// next step could not take.  The first byte picks the parser.

#include <cstdint>
#include <string>
#include <string_view>

#include "acquire/packages/cargo_config.h"
#include "acquire/packages/integrity.h"
#include "acquire/packages/npm_config.h"
#include "acquire/packages/npm_registry.h"
#include "acquire/packages/npmrc.h"
#include "acquire/packages/pep440.h"
#include "acquire/packages/pip_config.h"
#include "acquire/packages/semver.h"
#include "acquire/packages/simple_page.h"
#include "acquire/packages/sparse_index.h"
#include "base/digest.h"
#include "base/json.h"
#include "fuzz/expect.h"

namespace {

using namespace minescan;
using namespace minescan::acquire;
using fuzz::expect;

void check_digests(const std::vector<Integrity>& integrity) {
  for (const std::string& digest : strongest(integrity)) {
    const auto colon = digest.find(':');
    const std::size_t size = digest_size(digest.substr(0, colon));
    expect(size != 0 && digest.size() == colon + 1 + 2 * size, "a digest is as long as it should");
  }
}

void npmrc(std::string_view text) {
  const Environment environment{.variables = {{"A", "value"}}};
  for (const auto& [key, value] : parse_npmrc(text)) {
    expect(!key.empty() && key.find('\n') == std::string::npos, "a key is one line");
    static_cast<void>(expand_variables(value, environment));
  }
  if (!has_variables(text)) {
    expect(expand_variables(text, environment) == text, "without variables nothing changes");
  }
  const std::string registry = default_npm_registry(text);
  expect(registry.empty() || registry.starts_with("https://"), "a default is https");
}

void npm_document(std::string_view text) {
  check_digests(parse_sri(text));
  const auto json = parse_json(as_bytes(text));
  if (!json) return;
  for (const char* wanted : {"", "latest", "1.0.0"}) {
    const auto chosen = choose_npm_version(*json, wanted, "npm:a");
    if (!chosen) continue;
    expect(!chosen->tarball.empty() && !chosen->version.empty(), "a choice is whole");
    check_digests(chosen->integrity);
  }
}

void simple_page(std::string_view type, std::string_view text) {
  const auto page = parse_simple_page(type, text);
  if (!page) return;
  for (const SimpleFile& file : page->files) {
    check_digests(file.integrity);
    const std::string version = version_of_file(file.name, "demo");
    if (is_pep440(version)) {
      expect(is_of_release(file.name, "demo", version), "a file is of its own release");
    }
  }
}

void crate_index(std::string_view text) {
  static_cast<void>(parse_index_config(text));
  const auto versions = parse_crate_lines(text);
  if (!versions) return;
  for (const CrateVersion& version : *versions) {
    expect(is_crate_name(version.name), "a crate has a crate's name");
    static_cast<void>(crate_url("https://a.example/{prefix}/{crate}", version));
  }
}

void configurations(std::string_view text) {
  static_cast<void>(parse_pip_conf(text));
  PackageSettings settings;
  settings.project_files = {{{".cargo/config.toml", std::string(text)}}};
  const auto config = CargoConfig::load(settings, {});
  if (config) static_cast<void>(config->index());
}

void orders(std::string_view text) {
  const auto half = text.find('\n');
  if (half == std::string_view::npos) return;
  const std::string_view a = text.substr(0, half);
  const std::string_view b = text.substr(half + 1);
  for (auto* compare : {&compare_pep440, &compare_semver}) {
    const int order = compare(a, b);
    const int back = compare(b, a);
    expect((order < 0) == (back > 0) && (order == 0) == (back == 0), "an order has two sides");
    expect(compare(a, a) == 0, "a version equals itself");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      npmrc(text);
      break;
    case 1:
      npm_document(text);
      break;
    case 2:
      simple_page("text/html", text);
      break;
    case 3:
      simple_page("application/json", text);
      break;
    case 4:
      crate_index(text);
      break;
    case 5:
      configurations(text);
      break;
    default:
      orders(text);
  }
  return 0;
}
