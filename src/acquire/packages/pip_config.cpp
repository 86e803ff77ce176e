#include "acquire/packages/pip_config.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "acquire/packages/config_file.h"
#include "base/ascii.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// The one place that knows the public index; used when nothing local says otherwise.
constexpr std::string_view kPublicIndex = "https://pypi.org/simple/";
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kExtraLimit = 16;

std::string option_name(std::string_view text) {
  std::string name = lower(trimmed(text));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  for (auto begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;
       begin = text.find_first_not_of(kSpace, begin)) {
    const auto end = std::min(text.find_first_of(kSpace, begin), text.size());
    found.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return found;
}

bool is_true(std::string_view text) {
  const std::string value = lower(trimmed(text));
  return value == "1" || value == "true" || value == "yes" || value == "on";
}

struct Setting {
  std::string value, place;
};

// All places in order; the first that has a setting counts.
class Places {
 public:
  Result<void> add_file(const std::string& path) {
    if (path.empty()) return {};
    MINESCAN_TRY_ASSIGN(const std::optional<std::string> text, read_config(path));
    if (text) files_.emplace_back(path, parse_pip_conf(*text));
    return {};
  }
  void add_environment(const Environment& environment) {
    std::map<std::string, std::string> values;
    const auto take = [&](const char* name, const char* option) {
      const std::string value = environment.get(name);
      if (!value.empty()) values.emplace(option, value);
    };
    take("PIP_INDEX_URL", "index-url");
    take("UV_DEFAULT_INDEX", "index-url");
    take("UV_INDEX_URL", "index-url");
    take("PIP_EXTRA_INDEX_URL", "extra-index-url");
    take("UV_EXTRA_INDEX_URL", "extra-index-url");
    take("PIP_TRUSTED_HOST", "trusted-host");
    take("PIP_CERT", "cert");
    take("PIP_NO_INDEX", "no-index");
    files_.emplace_back("the environment", std::move(values));
  }
  [[nodiscard]] Setting find(const std::string& option) const {
    for (const auto& [place, values] : files_) {
      const auto at = values.find(option);
      if (at != values.end() && !trimmed(at->second).empty()) {
        return {std::string(trimmed(at->second)), place};
      }
    }
    return {};
  }

 private:
  std::vector<std::pair<std::string, std::map<std::string, std::string>>> files_;
};

std::string below(const std::string& folder, const std::string& rest) {
  return folder.empty() ? std::string() : folder + rest;
}

Result<Places> places_of(const Environment& environment) {
  Places places;
  places.add_environment(environment);
  const std::string named = environment.get("PIP_CONFIG_FILE");
  if (named == "/dev/null") return places;  // pip's way to say: none
  MINESCAN_TRY(places.add_file(named));
  MINESCAN_TRY(places.add_file(below(environment.get("VIRTUAL_ENV"), "/pip.conf")));
  const std::string home = environment.get("HOME");
  if (named.empty()) {
    const std::string config = environment.get("XDG_CONFIG_HOME");
    MINESCAN_TRY(
        places.add_file(below(config.empty() ? below(home, "/.config") : config, "/pip/pip.conf")));
    MINESCAN_TRY(places.add_file(below(home, "/.pip/pip.conf")));
  }
  std::string folders = environment.get("XDG_CONFIG_DIRS");
  if (folders.empty()) folders = "/etc/xdg";
  std::replace(folders.begin(), folders.end(), ':', ' ');
  for (const std::string& folder : words(folders)) {
    MINESCAN_TRY(places.add_file(folder + "/pip/pip.conf"));
  }
  MINESCAN_TRY(places.add_file("/etc/pip.conf"));
  return places;
}

Result<IndexUrl> index_of(const Setting& setting) {
  auto index = parse_index_url(setting.value);
  if (!index) {
    return fail(Code::usage, "the Python index named by " + printable(setting.place, 300) + " is " +
                                 index.error().what);
  }
  return index;
}

}  // namespace

std::map<std::string, std::string> parse_pip_conf(std::string_view text) {
  // By name: the value, and whether [install] said it.
  std::map<std::string, std::pair<std::string, bool>> found;
  std::string section;
  std::string* value = nullptr;  // that an indented line goes on with
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::string_view bare = trimmed(line);
    if (bare.empty() || bare.front() == '#' || bare.front() == ';') continue;
    if (value != nullptr && (line.front() == ' ' || line.front() == '\t')) {
      value->append("\n").append(bare);
      continue;
    }
    value = nullptr;
    if (bare.front() == '[') {
      section = lower(trimmed(bare.substr(1, bare.find(']') - 1)));
      continue;
    }
    const auto delimiter = bare.find_first_of("=:");
    if (delimiter == std::string_view::npos) continue;
    const bool install = section == "install";
    if (!install && section != "global") continue;
    auto& entry = found[option_name(bare.substr(0, delimiter))];
    if (entry.second && !install) continue;
    entry = {std::string(trimmed(bare.substr(delimiter + 1))), install};
    value = &entry.first;
  }
  std::map<std::string, std::string> values;
  for (auto& [name, entry] : found) values.emplace(name, std::move(entry.first));
  return values;
}

Result<PipConfig> load_pip_config(const PackageSettings& settings, const Environment& environment) {
  MINESCAN_TRY_ASSIGN(const Places places, places_of(environment));
  PipConfig config;
  config.ca_file = places.find("cert").value;
  config.unchecked_hosts = words(places.find("trusted-host").value);
  if (!settings.pypi_index.empty()) {
    MINESCAN_TRY_ASSIGN(config.index, index_of({settings.pypi_index, "--pypi-index"}));
    return config;  // whoever names one index means that one
  }
  if (const Setting no_index = places.find("no-index"); is_true(no_index.value)) {
    return fail(Code::usage, printable(no_index.place, 300) +
                                 " says no-index, so there is no Python index; name one with "
                                 "--pypi-index URL");
  }
  const Setting index = places.find("index-url");
  MINESCAN_TRY_ASSIGN(config.index,
                      index.value.empty() ? parse_index_url(kPublicIndex) : index_of(index));
  const Setting extra = places.find("extra-index-url");
  for (const std::string& url : words(extra.value)) {
    if (config.extra.size() == kExtraLimit) break;
    MINESCAN_TRY_ASSIGN(IndexUrl parsed, index_of({url, extra.place}));
    config.extra.push_back(std::move(parsed));
  }
  return config;
}

}  // namespace minescan::acquire
