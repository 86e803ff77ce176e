#include "acquire/packages/simple_page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "acquire/packages/index_url.h"
#include "acquire/packages/pep440.h"
#include "base/ascii.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/wire.h"
#include "model/integrity_bytes.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kBodyLimit = std::size_t{64} << 20;
constexpr std::size_t kFilesLimit = 200'000;
constexpr std::size_t kLongestName = 1024;  // of a file; file systems take 255 bytes
constexpr std::string_view kSpace = " \t\r\n\f";

tl::unexpected<Error> too_many() {
  return fail(Code::limit_entries,
              "a page with more than " + std::to_string(kFilesLimit) + " files");
}

// --- JSON ----------------------------------------------------------------------------------------

SimpleFile file_of(const Json& entry) {
  SimpleFile file{.name = json_string(entry, "filename"), .url = json_string(entry, "url")};
  if (const auto hashes = entry.find("hashes"); hashes != entry.end() && hashes->is_object()) {
    for (const auto& [algorithm, value] : hashes->items()) {
      if (!value.is_string()) continue;
      file.integrity.push_back({lower(algorithm), lower(value.get<std::string>())});
    }
  }
  if (const auto size = entry.find("size"); size != entry.end() && size->is_number_unsigned()) {
    file.size = size->get<std::uint64_t>();
  }
  if (const auto yanked = entry.find("yanked"); yanked != entry.end()) {
    file.yanked = yanked->is_string() || (yanked->is_boolean() && yanked->get<bool>());
    if (yanked->is_string()) file.yank_reason = yanked->get<std::string>();
  }
  return file;
}

Result<SimplePage> parse_json_page(std::string_view body) {
  MINESCAN_TRY_ASSIGN(const Json json, parse_json(as_bytes(body), {.bytes = kBodyLimit}));
  if (!json.is_object()) return fail(Code::corrupt, "not an object");
  if (const auto meta = json.find("meta"); meta != json.end()) {
    const std::string version = json_string(*meta, "api-version");
    if (!version.empty() && version.substr(0, version.find('.')) != "1") {
      return fail(Code::unsupported,
                  "of version " + version.substr(0, 20) + " of the simple API; only 1 is read");
    }
  }
  const auto files = json.find("files");
  if (files == json.end() || !files->is_array()) {
    return fail(Code::corrupt, "without a list of files");
  }
  if (files->size() > kFilesLimit) return too_many();
  SimplePage page;
  for (const Json& entry : *files) {
    if (!entry.is_object()) return fail(Code::corrupt, "with a file that is no object");
    page.files.push_back(file_of(entry));
  }
  return page;
}

// --- HTML ----------------------------------------------------------------------------------------

std::string entity(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNamed = {
      {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}}};
  for (const auto& [known, text] : kNamed) {
    if (known == name) return std::string(text);
  }
  if (!name.starts_with('#')) return {};
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x') || name.starts_with('X');
  if (hexadecimal) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), code, hexadecimal ? 16 : 10);
  if (error != std::errc() || end != name.data() + name.size() || code == 0) return {};
  std::string out;
  append_utf8(out, code);
  return out;
}

std::string without_entities(std::string_view text) {
  constexpr std::size_t kLongest = 10;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto end = text[i] == '&' ? text.substr(i, kLongest).find(';') : std::string_view::npos;
    const std::string decoded =
        end == std::string_view::npos ? std::string() : entity(text.substr(i + 1, end - 1));
    if (decoded.empty()) {
      out += text[i];
      continue;
    }
    out += decoded;
    i += end;
  }
  return out;
}

struct Tag {
  std::string name;  // lower case; "/a" for an end
  std::vector<std::pair<std::string, std::string>> attributes;
  std::size_t end = 0;  // behind '>'

  [[nodiscard]] const std::string* find(std::string_view key) const {
    for (const auto& [name_of, value] : attributes) {
      if (name_of == key) return &value;
    }
    return nullptr;
  }
};

// Reads the tag that begins with the '<' at `at`.
Tag read_tag(std::string_view html, std::size_t at) {
  constexpr std::size_t kAttributes = 32;
  const auto npos = std::string_view::npos;
  Tag tag;
  std::size_t end = std::min(html.find_first_of(" \t\r\n\f>", at + 1), html.size());
  tag.name = lower(html.substr(at + 1, std::min<std::size_t>(end - at - 1, 16)));
  at = end;
  while (true) {
    at = html.find_first_not_of(" \t\r\n\f/", at);
    if (at == npos || html[at] == '>') break;
    end = std::min(html.find_first_of(" \t\r\n\f=>", at), html.size());
    // An attribute may begin with '=', which is its name then.
    if (end == at) ++end;
    std::string name = lower(html.substr(at, end - at));
    at = html.find_first_not_of(kSpace, end);
    std::string_view value;
    if (at != npos && html[at] == '=') {
      at = html.find_first_not_of(kSpace, at + 1);
      if (at == npos) break;
      if (const char quote = html[at]; quote == '"' || quote == '\'') {
        end = html.find(quote, at + 1);
        if (end == npos) {
          at = npos;
          break;
        }
        value = html.substr(at + 1, end - at - 1);
        at = end + 1;
      } else {
        end = std::min(html.find_first_of(" \t\r\n\f>", at), html.size());
        value = html.substr(at, end - at);
        at = end;
      }
    }
    if (tag.attributes.size() < kAttributes) {
      tag.attributes.emplace_back(std::move(name), without_entities(value));
    }
    if (at == npos) break;
  }
  tag.end = at == npos ? html.size() : at + 1;
  return tag;
}

// The last part of a URL's path.
std::string name_in_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  return percent_decoded(url.substr(url.rfind('/') + 1));
}

SimpleFile file_of(const Tag& anchor, const std::string& href) {
  SimpleFile file;
  const auto hash = href.find('#');
  file.url = href.substr(0, hash);
  file.name = name_in_url(file.url);
  for (std::string_view rest = hash == std::string::npos ? std::string_view()
                                                         : std::string_view(href).substr(hash + 1);
       !rest.empty();) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    file.integrity.push_back({lower(pair.substr(0, equals)), lower(pair.substr(equals + 1))});
  }
  if (const std::string* reason = anchor.find("data-yanked")) {
    file.yanked = true;
    file.yank_reason = *reason;
  }
  return file;
}

Result<SimplePage> parse_html_page(std::string_view html) {
  SimplePage page;
  for (auto at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
    if (html.substr(at).starts_with("<!--")) {
      at = html.find("-->", at);
      if (at == std::string_view::npos) break;
      continue;
    }
    const Tag tag = read_tag(html, at);
    at = tag.end;
    const std::string* href = tag.find("href");
    if (href == nullptr) continue;
    const std::string target(trimmed(*href, kSpace));
    if (tag.name == "base" && page.base.empty()) page.base = target;
    if (tag.name != "a" || target.empty()) continue;
    if (page.files.size() == kFilesLimit) return too_many();
    page.files.push_back(file_of(tag, target));
  }
  return page;
}

// --- from another process ------------------------------------------------------------------------

// What parse_simple_page() may say; of any other code a caller would make more than a broken page.
constexpr std::array kPageCodes = {Code::corrupt,     Code::truncated,   Code::unsupported,
                                   Code::limit_bytes, Code::limit_depth, Code::limit_entries,
                                   Code::limit_memory};
constexpr std::size_t kLongestSentence = 4096;

SimpleFile read_file(WireReader& in) {
  SimpleFile file{.name = in.text(), .url = in.text(), .integrity = {}, .yank_reason = {}};
  in.list([&] { file.integrity.push_back(read_integrity(in)); });
  file.size = in.number();
  file.yanked = in.number_below(2) == 1;
  file.yank_reason = in.text();
  return file;
}

// How much of the body it takes at least: a digest has a sign between its two texts, and a URL is
// there once where it names the file too.
std::size_t least_body(const SimpleFile& file) {
  std::size_t bytes = std::max(file.name.size(), file.url.size()) + file.yank_reason.size();
  for (const Integrity& one : file.integrity) bytes += one.algorithm.size() + one.hex.size() + 1;
  return bytes;
}

// --- names ---------------------------------------------------------------------------------------

// Without the ending of a source archive; nullopt for other files.
std::optional<std::string_view> source_stem(std::string_view file) {
  static constexpr std::array<std::string_view, 8> kEndings = {
      ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tbz", ".tar.xz", ".tar.z", ".tar"};
  const std::string small = lower(file);
  for (const std::string_view ending : kEndings) {
    if (small.ends_with(ending)) return file.substr(0, file.size() - ending.size());
  }
  return std::nullopt;
}

bool is_package(std::string_view name, std::string_view package) {
  return normalised_name(Ecosystem::pypi, name) == package;
}

// What follows the package's name and a dash; names have dashes of their own.
std::string_view behind_name(std::string_view stem, std::string_view package) {
  if (stem.size() > kLongestName) return {};
  for (auto dash = stem.find('-'); dash != std::string_view::npos;
       dash = stem.find('-', dash + 1)) {
    if (is_package(stem.substr(0, dash), package)) return stem.substr(dash + 1);
  }
  return {};
}

}  // namespace

Result<SimplePage> parse_simple_page(std::string_view content_type, std::string_view body) {
  if (body.size() > kBodyLimit) return fail(Code::limit_bytes, "longer than 64 MiB");
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  const std::string_view text = trimmed(body.substr(0, 64), kSpace);
  const bool json = type.find("json") != std::string::npos ||
                    (type.find("html") == std::string::npos && text.starts_with('{'));
  return json ? parse_json_page(body) : parse_html_page(body);
}

std::string simple_page_bytes(const Result<SimplePage>& page) {
  WireWriter out;
  out.number(page ? 1 : 0);
  if (!page) {
    const auto known = std::find(kPageCodes.begin(), kPageCodes.end(), page.error().code);
    const auto index = known == kPageCodes.end() ? 0 : known - kPageCodes.begin();
    out.number(static_cast<std::uint64_t>(index));
    out.text(page.error().what);
    return out.take();
  }
  const auto& [base, files] = *page;
  out.text(base);
  out.list(files, [&](const SimpleFile& file) {
    const auto& [name, url, integrity, size, yanked, yank_reason] = file;
    out.text(name);
    out.text(url);
    out.list(integrity, [&](const Integrity& one) { write(out, one); });
    out.number(size);
    out.number(yanked ? 1 : 0);
    out.text(yank_reason);
  });
  return out.take();
}

std::optional<Result<SimplePage>> simple_page_from_bytes(ByteView bytes, std::size_t body_size) {
  WireReader in(bytes);
  if (in.number_below(2) == 0) {
    Error error{kPageCodes[static_cast<std::size_t>(in.number_below(kPageCodes.size()))],
                in.text()};
    if (!in.at_end() || error.what.size() > kLongestSentence) return std::nullopt;
    return Result<SimplePage>(tl::unexpected<Error>(std::move(error)));
  }
  SimplePage page{.base = in.text(), .files = {}};
  std::size_t least = page.base.size();
  in.list([&] {
    page.files.push_back(read_file(in));
    least += least_body(page.files.back());
    if (page.files.size() > kFilesLimit || least > body_size) in.fail();
  });
  if (!in.at_end()) return std::nullopt;
  return Result<SimplePage>(std::move(page));
}

std::string simple_page_task(ByteView input) {
  WireReader in(input);
  const std::string content_type = in.text();
  return simple_page_bytes(parse_simple_page(content_type, as_text(in.rest())));
}

Result<SimplePage> read_simple_page(TaskRunner* runner, std::string_view content_type,
                                    std::string_view body) {
  if (runner == nullptr) return parse_simple_page(content_type, body);
  WireWriter out;
  out.text(content_type);
  const std::string input = out.take() + std::string(body);
  std::optional<Result<SimplePage>> page;
  const auto done = runner->run(Task::simple_page, as_bytes(input), [&](ByteView answer) {
    page = simple_page_from_bytes(answer, body.size());
    return page.has_value();
  });
  if (!done) return fail(done.error().code, "not known, because " + done.error().what);
  return std::move(*page);
}

std::string version_of_file(std::string_view file, std::string_view package) {
  const std::string small = lower(file);
  if (small.ends_with(".whl") || small.ends_with(".egg")) {
    const auto first = file.find('-');
    if (first == std::string_view::npos || !is_package(file.substr(0, first), package)) return {};
    const auto second = std::min(file.find('-', first + 1), file.size() - 4);
    std::string version(file.substr(first + 1, second - first - 1));
    // A dash cannot be in the name of a wheel.
    if (small.ends_with(".egg")) std::replace(version.begin(), version.end(), '_', '-');
    return version;
  }
  const auto stem = source_stem(file);
  return stem ? std::string(behind_name(*stem, package)) : std::string();
}

bool is_of_release(std::string_view file, std::string_view package, std::string_view version) {
  if (const std::string own = version_of_file(file, package); !own.empty()) {
    if (compare_pep440(own, version) == 0) return true;
    if (!source_stem(file) || is_pep440(own)) return false;
    // "demo-1.0-linux-x86_64.tar.gz" and other built archives.
  }
  const std::string_view rest = behind_name(file, package);
  return rest.starts_with(version) &&
         (rest.size() == version.size() ||
          std::string_view(".-_").find(rest[version.size()]) != std::string_view::npos) &&
         !(rest.size() > version.size() + 1 && rest[version.size()] == '.' &&
           rest[version.size() + 1] >= '0' && rest[version.size() + 1] <= '9');
}

}  // namespace minescan::acquire
