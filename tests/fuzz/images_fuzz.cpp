// What registries, daemons, archives and users say of images: no crash, and nothing comes out that
// the next step could not take.  The first byte picks the parser, by a letter.

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "acquire/acquire.h"
#include "acquire/auth.h"
#include "acquire/manifest.h"
#include "acquire/oci_index.h"
#include "acquire/packages/index_url.h"
#include "acquire/platform.h"
#include "acquire/reference.h"
#include "acquire/tar_header.h"
#include "acquire/url.h"
#include "base/digest.h"
#include "base/handle.h"
#include "fuzz/expect.h"
#include "support/collecting_sink.h"
#include "unpack/format.h"

namespace {

using namespace minescan;
using namespace minescan::acquire;
using fuzz::expect;

struct Halves {
  std::string_view first, rest;
};

// The first line, and what follows it.
Halves halves(std::string_view text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end + 1)};
}

void check_entry(const DescriptorEntry& entry) {
  expect(is_digest(entry.descriptor.digest), "a descriptor has a digest");
  if (!entry.data) return;
  expect(entry.data->size() == entry.descriptor.size, "inline content has its size");
}

void document(std::string_view text) {
  const auto [media_type, bytes] = halves(text);
  const auto body =
      parse_document({std::string(bytes), std::string(media_type), sha256(as_bytes(bytes))});
  if (!body) return;
  if (const auto* manifest = std::get_if<ManifestBody>(&*body)) {
    expect(manifest->layers.size() <= kMaxLayers, "layers are bounded");
    check_entry(manifest->config);
    for (const DescriptorEntry& layer : manifest->layers) check_entry(layer);
    return;
  }
  const auto& index = std::get<IndexBody>(*body);
  expect(index.manifests.size() <= kMaxManifests, "manifests are bounded");
  for (const DescriptorEntry& entry : index.manifests) check_entry(entry);
  for (const char* tag : {"", "latest", "app:1"}) {
    static_cast<void>(choose_entry(index, tag, "oci:fuzz"));
  }
}

// Reads all units of what the archive says it is.
void archive(std::string_view bytes) {
  const Fd file(::memfd_create("archive", MFD_CLOEXEC));
  expect(file.valid() &&
             ::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
         "memory can be a file");
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  const auto acquired = image("docker-archive:" + path, {});
  if (!acquired) return;
  for (const Unit& unit : acquired->artifact.units) {
    const auto source = acquired->opener->open(unit);
    if (!source) continue;
    while (!(*source)->peek(1).empty() && (*source)->position() < std::uint64_t{4} << 20) {
      (*source)->skip((*source)->peek(1).size());
    }
    static_cast<void>((*source)->fault());
  }
}

void reference(std::string_view text) {
  const auto parsed = parse_reference(text);
  if (!parsed) return;
  const auto again = parse_reference(parsed->text());
  expect(again && again->registry == parsed->registry && again->repository == parsed->repository &&
             again->tag == parsed->tag && again->digest == parsed->digest,
         "a reference that is written out means the same");
}

void url(std::string_view text) {
  const auto [first, rest] = halves(text);
  expect(percent_decoded(first).size() <= first.size(), "decoding does not inflate");
  static_cast<void>(parse_index_url(first));
  const auto parsed = parse_url(first);
  if (!parsed) return;
  expect(!parsed->host.empty() && (parsed->scheme == "https" || parsed->scheme == "http"),
         "a URL has a host");
  const auto again = parse_url(parsed->text);
  expect(again && again->text == parsed->text && again->same_origin(*parsed),
         "a normalised URL is the same again");
  const auto target = resolve_url(*parsed, rest);
  expect(!target || target->scheme == "https" || target->scheme == "http", "a target is http");
}

void challenges(std::string_view text) {
  std::vector<std::string> headers;
  while (!text.empty()) {
    const auto [line, rest] = halves(text);
    headers.emplace_back(line);
    text = rest;
  }
  for (const Challenge& challenge : parse_challenges(headers)) {
    expect(!challenge.scheme.empty(), "a challenge has a scheme");
  }
}

void platform(std::string_view text) {
  const auto [first, rest] = halves(text);
  const auto wish = parse_platform(std::string(first));
  const auto there = parse_platform(std::string(rest));
  if (!wish || !there) return;
  expect(select(*wish, {*wish}) == std::vector<bool>{true}, "a platform is its own");
  static_cast<void>(select(*wish, {*there, *wish}));
}

// The headers of a tree's slices, read by the reader of tar.
void tar_names(std::string_view text) {
  const auto [first, rest] = halves(text);
  const std::string name(first), target(rest);
  const auto plain = [](const std::string& path) {
    return !path.empty() && path.front() != '/' && path.back() != '/' &&
           path.find('\0') == std::string::npos;
  };
  if (!plain(name) || !plain(target)) return;
  const std::string bytes = tar_file_header(name, 3) + "abc" + std::string(tar_padding(3), '\0') +
                            tar_symlink_header(name, target) + std::string(2 * kTarBlock, '\0');
  MemorySource source(as_bytes(bytes));
  test::CollectingSink sink(source, bytes);
  unpack::format_by_name("tar")->walk(source, {}, sink);
  sink.finish();
  expect(sink.broken.empty() && sink.gaps.empty() && sink.anomalies.empty(), "a slice is whole");
  expect(sink.entries.size() == 2 && sink.entries[0].member.name == name &&
             sink.entries[0].text == "abc" && sink.entries[1].member.name == name &&
             sink.entries[1].member.target == target,
         "a slice's members are its files");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'a':
      archive(text);
      break;
    case 'c':
      static_cast<void>(parse_config(text));
      break;
    case 'd':
      document(text);
      break;
    case 'h':
      challenges(text);
      break;
    case 'p':
      platform(text);
      break;
    case 'r':
      reference(text);
      break;
    case 't':
      tar_names(text);
      break;
    case 'u':
      url(text);
      break;
    default:
      break;
  }
  return 0;
}
