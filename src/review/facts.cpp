#include "review/facts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "base/ascii.h"
#include "base/json.h"

namespace minescan::review {
namespace {

constexpr std::size_t kLongest = 400;  // key and value of a fact; what is longer is cut

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool has_folder(std::string_view path, std::string_view folder) {
  const std::string inside = "/" + std::string(folder) + "/";
  return path.starts_with(inside.substr(1)) || path.find(inside) != std::string_view::npos;
}

std::string_view unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

class Facts {
 public:
  void add(std::string_view key, std::string_view value, std::size_t line) {
    if (list_.size() >= kMostFacts) return;
    list_.push_back({one_line(key), one_line(value), static_cast<std::uint32_t>(line)});
  }
  std::vector<Fact> take() { return std::move(list_); }

 private:
  // Names in a file may hold anything, even what would be the next line of a report.
  static std::string one_line(std::string_view text) {
    std::string line(trimmed(text).substr(0, kLongest));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
  }

  std::vector<Fact> list_;
};

// Calls take(line, number) for each line, with what a backslash at its end continues.
template <class Take>
void each_line(std::string_view text, const Take& take) {
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t first = ++number;
    std::string line;
    while (true) {
      // Some readers end lines at a carriage return alone.
      const auto end = text.find_first_of("\r\n");
      std::string_view part = text.substr(0, end);
      text.remove_prefix(std::min(text.size(), part.size() + 1));
      if (end != std::string_view::npos && text.starts_with('\n') && *(text.data() - 1) == '\r') {
        text.remove_prefix(1);
      }
      const bool goes_on = part.ends_with('\\') && !text.empty();
      if (goes_on) part.remove_suffix(1);
      line += part;
      if (!goes_on || line.size() > 65'536) break;
      ++number;
    }
    take(std::string_view(line), first);
  }
}

// The lines on which the texts of a JSON document stand first, found in one pass.
class TextLines {
 public:
  explicit TextLines(std::string_view json) {
    std::size_t line = 1;
    for (std::size_t at = 0; at < json.size(); ++at) {
      if (json[at] == '\n') ++line;
      if (json[at] != '"') continue;
      const std::size_t begin = at + 1;
      for (++at; at < json.size() && json[at] != '"'; ++at) {
        if (json[at] == '\\') ++at;
      }
      lines_.emplace(json.substr(begin, at - begin), line);
    }
  }
  // 1 when the text stands nowhere, or otherwise than it is read.
  [[nodiscard]] std::size_t of(std::string_view text) const {
    const auto found = lines_.find(text);
    return found == lines_.end() ? 1 : found->second;
  }

 private:
  std::map<std::string_view, std::size_t> lines_;  // a crafted text cannot slow it down
};

// --- one reader for each kind of file

constexpr std::array<std::string_view, 10> kHooks = {
    "preinstall",  "install",    "postinstall",  "prepare",      "preprepare",
    "postprepare", "prepublish", "dependencies", "preuninstall", "postuninstall"};

void add_names(const TextLines& lines, const std::string& key, const Json& names, Facts& facts) {
  const std::size_t line = lines.of(key);
  if (names.is_array()) {
    for (const Json& name : names) {
      if (name.is_string()) facts.add("allow-list " + key, name.get<std::string>(), line);
    }
  } else if (names.is_object()) {
    for (const auto& [name, allowed] : names.items()) {
      if (allowed.is_boolean() && !allowed.get<bool>()) continue;
      facts.add("allow-list " + key, name, line);
    }
  } else if (names.is_boolean() && names.get<bool>()) {
    facts.add("allow-list " + key, "true", line);
  }
}

// What replaces dependencies, however deep: "a": "npm:b@1", "a": {".": "2", "b": "3"}.
void overrides(const TextLines& lines, const Json& map, const std::string& above, std::size_t depth,
               Facts& facts) {
  constexpr std::size_t kDeepest = 16;
  if (!map.is_object()) return;
  for (const auto& [name, to] : map.items()) {
    const std::string path = above.empty() ? name : above + ">" + name;
    if (to.is_string()) {
      facts.add("override " + path, to.get<std::string>(), lines.of(name));
    } else if (depth < kDeepest) {
      overrides(lines, to, path, depth + 1, facts);
    } else {
      facts.add("override " + path, "…", lines.of(name));
    }
  }
}

void package_json(std::string_view text, Facts& facts) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto parsed = parse_json(as_bytes(text));
  if (!parsed) {
    // npm may read what is no strict JSON, a repeated key for one.
    facts.add("install hook unread", parsed.error().what, 1);
    facts.add("requirement *", "unread: " + parsed.error().what, 1);
    return;
  }
  if (!parsed->is_object()) return;
  const Json& json = *parsed;
  const TextLines lines(text);
  if (const auto scripts = json.find("scripts"); scripts != json.end() && scripts->is_object()) {
    for (const std::string_view hook : kHooks) {
      const std::string command = json_string(*scripts, std::string(hook).c_str());
      if (command.empty()) continue;
      facts.add("install hook " + std::string(hook), command, lines.of(hook));
    }
  }
  if (const auto gyp = json.find("gypfile");
      gyp != json.end() && gyp->is_boolean() && gyp->get<bool>()) {
    facts.add("install hook gypfile", "node-gyp rebuild", lines.of("gypfile"));
  }
  for (const char* key : {"trustedDependencies", "allowScripts", "onlyBuiltDependencies"}) {
    if (json.contains(key)) add_names(lines, key, json[key], facts);
  }
  if (const auto pnpm = json.find("pnpm"); pnpm != json.end() && pnpm->is_object()) {
    for (const char* key : {"onlyBuiltDependencies", "allowBuilds", "dangerouslyAllowAllBuilds"}) {
      if (pnpm->contains(key)) add_names(lines, key, (*pnpm)[key], facts);
    }
    for (const char* key : {"overrides", "packageExtensions", "patchedDependencies"}) {
      if (pnpm->contains(key)) overrides(lines, (*pnpm)[key], "", 0, facts);
    }
  }
  // What fetches the packages may itself be fetched.
  if (const std::string manager = json_string(json, "packageManager"); !manager.empty()) {
    facts.add("build setting package-manager", manager, lines.of("packageManager"));
  }
  if (const auto engines = json.find("devEngines"); engines != json.end()) {
    facts.add("build setting dev-engines",
              engines->dump(-1, ' ', false, Json::error_handler_t::replace),
              lines.of("devEngines"));
  }
  for (const char* key : {"dependencies", "devDependencies", "optionalDependencies"}) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_object()) continue;
    for (const auto& [name, range] : found->items()) {
      if (range.is_string()) {
        facts.add("requirement " + name, range.get<std::string>(), lines.of(name));
      }
    }
  }
  // npm fetches them too, other package managers do not.
  if (const auto peers = json.find("peerDependencies"); peers != json.end() && peers->is_object()) {
    for (const auto& [name, range] : peers->items()) {
      if (range.is_string()) {
        facts.add("peer requirement " + name, range.get<std::string>(), lines.of(name));
      }
    }
  }
  for (const char* key : {"overrides", "resolutions"}) {
    if (json.contains(key)) overrides(lines, json[key], "", 0, facts);
  }
}

// "key = value" or "key: value"; comments with # or ;
void settings(std::string_view text, std::string_view separators,
              const std::vector<std::string_view>& keys, std::string_view what, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    const auto separator = line.find_first_of(separators);
    // "@scope:registry=…" has a colon in its key.
    const auto at = separators == "=" ? line.find('=') : separator;
    if (at == std::string_view::npos) return;
    const std::string key(unquoted(line.substr(0, at)));
    const bool wanted = std::any_of(keys.begin(), keys.end(), [&](std::string_view one) {
      return lower(key) == lower(one) || (one.front() == ':' && key.ends_with(one));
    });
    const std::string_view value = unquoted(line.substr(at + 1));
    if (wanted && !value.empty()) facts.add(std::string(what) + " " + key, value, number);
  });
}

void npmrc(std::string_view text, Facts& facts) {
  settings(text, "=",
           {"registry", ":registry", "ignore-scripts", "strict-ssl", "cafile", "ca", "proxy",
            "https-proxy", "script-shell", "node-options", "onload-script", "git",
            "enable-pre-post-scripts", "unsafe-perm"},
           "registry setting", facts);
}

void yarnrc(std::string_view text, Facts& facts) {
  settings(text, ":",
           {"npmRegistryServer", "enableScripts", "yarnPath", "enableStrictSsl", "httpsCaFilePath",
            "unsafeHttpWhitelist", "registry", "path", "spec"},
           "registry setting", facts);
}

void pnpm_workspace(std::string_view text, Facts& facts) {
  std::string list;
  each_line(text, [&](std::string_view line, std::size_t number) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#') return;
    if (line.front() != ' ' && line.front() != '-') {
      const auto colon = content.find(':');
      list = content.substr(0, colon);
      const std::string_view value =
          colon == std::string_view::npos ? std::string_view() : trimmed(content.substr(colon + 1));
      if (list == "dangerouslyAllowAllBuilds" && value == "true") {
        facts.add("allow-list " + list, value, number);
      }
      return;
    }
    if (list != "onlyBuiltDependencies" && list != "allowBuilds") return;
    std::string_view name = content;
    if (name.starts_with("- ")) name.remove_prefix(2);
    const auto colon = name.find(": ");
    if (colon != std::string_view::npos) {
      if (trimmed(name.substr(colon + 1)) == "false") return;
      name = name.substr(0, colon);
    }
    facts.add("allow-list " + list, unquoted(name), number);
  });
}

void pip_conf(std::string_view text, Facts& facts) {
  settings(text, "=",
           {"index-url", "extra-index-url", "trusted-host", "find-links", "no-index", "cert"},
           "registry setting", facts);
}

void requirements(std::string_view text, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    line = trimmed(line);
    for (const std::string_view option :
         {"--extra-index-url", "--index-url", "-i", "--trusted-host", "--find-links", "-f"}) {
      if (!line.starts_with(option)) continue;
      const std::string_view value = line.substr(option.size());
      if (value.empty() || (value.front() != ' ' && value.front() != '=')) continue;
      facts.add("registry setting " + std::string(option), value.substr(1), number);
    }
  });
}

void cargo_config(std::string_view text, Facts& facts) {
  settings(text, "=",
           {"rustc-wrapper", "rustc-workspace-wrapper", "rustc", "runner", "linker", "replace-with",
            "registry", "index", "rustflags", "directory"},
           "build setting", facts);
}

void cargo_toml(std::string_view text, Facts& facts) {
  std::string section;
  each_line(text, [&](std::string_view line, std::size_t number) {
    line = trimmed(line);
    if (line.starts_with('[')) {
      section = line;
      if (section.starts_with("[patch") || section.starts_with("[replace")) {
        facts.add("override section", section, number);
      }
      return;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view key = trimmed(line.substr(0, equals));
    const std::string_view value = unquoted(line.substr(equals + 1));
    if (section == "[package]" && key == "build") facts.add("install hook build", value, number);
    if (section == "[lib]" && key == "proc-macro" && value == "true") {
      facts.add("install hook proc-macro", value, number);
    }
    if (section.starts_with("[patch") || section.starts_with("[replace")) {
      facts.add("override " + std::string(key), value, number);
    }
  });
}

void pyproject(std::string_view text, Facts& facts) {
  settings(text, "=", {"build-backend", "backend-path", "requires", "script"}, "build setting",
           facts);
}

void dockerfile(std::string_view text, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    line = trimmed(line);
    const std::string word = lower(line.substr(0, 5));
    if (const auto copied = line.find("--from="); copied != std::string_view::npos) {
      const std::string_view source = line.substr(copied + 7);
      const std::string_view image = source.substr(0, source.find_first_of(" \t"));
      // A word alone is a stage of this file.
      if (image.find_first_of("/:.") != std::string_view::npos) {
        facts.add("base image", image, number);
      }
    }
    if (word != "from " && word != "from\t") return;
    line = trimmed(line.substr(5));
    while (line.starts_with("--")) {
      const auto blank = line.find(' ');
      if (blank == std::string_view::npos) return;
      line = trimmed(line.substr(blank));
    }
    facts.add("base image", line.substr(0, line.find_first_of(" \t")), number);
  });
}

// Workflows of GitHub, GitLab and their like: what they take from elsewhere.
void pipeline(std::string_view text, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    line = trimmed(line);
    if (line.starts_with('#')) return;
    if (line.find("pull_request_target") != std::string_view::npos) {
      facts.add("pipeline trigger", "pull_request_target", number);
    }
    if (line.starts_with("- ")) line = trimmed(line.substr(2));
    for (const std::string_view key : {"uses", "image", "include", "remote"}) {
      if (line.starts_with('"') || line.starts_with('\'')) line.remove_prefix(1);
      if (!line.starts_with(key)) continue;
      std::string_view value = line.substr(key.size());
      if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
      if (!value.starts_with(':')) continue;
      value.remove_prefix(1);
      value = unquoted(value.substr(0, value.find(" #")));
      if (value.empty()) continue;
      const std::string_view what = key == "uses"    ? "action"
                                    : key == "image" ? "base image"
                                                     : "pipeline include";
      facts.add(std::string(what), value, number);
    }
  });
}

void path_file(std::string_view text, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    if (line.starts_with("import ") || line.starts_with("import\t")) {
      facts.add("start-up line", line, number);
    }
  });
}

void gemspec(std::string_view text, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    if (line.find(".extensions") != std::string_view::npos &&
        line.find('=') != std::string_view::npos) {
      facts.add("install hook extensions", line.substr(line.find('=') + 1), number);
    }
  });
}

void editor_json(std::string_view text, Facts& facts) {
  each_line(text, [&](std::string_view line, std::size_t number) {
    for (const std::string_view key :
         {"\"runOn\"", "\"postCreateCommand\"", "\"onCreateCommand\"", "\"initializeCommand\"",
          "\"updateContentCommand\"", "\"postStartCommand\"", "\"postAttachCommand\""}) {
      if (const auto at = line.find(key); at != std::string_view::npos) {
        facts.add("editor task " + std::string(key.substr(1, key.size() - 2)),
                  line.substr(at + key.size()), number);
      }
    }
    if (const auto at = line.find("\"image\""); at != std::string_view::npos) {
      facts.add("base image", line.substr(at + 7), number);
    }
  });
}

// --- which files

// Whatever its name goes on with: builders are told which one to take.
bool is_dockerfile(std::string_view name) {
  const std::string low = lower(name);
  return low.starts_with("dockerfile") || low.starts_with("containerfile") ||
         low.ends_with(".dockerfile");
}

bool is_yaml(std::string_view name) {
  const std::string low = lower(name);
  return low.ends_with(".yml") || low.ends_with(".yaml");
}

struct Kind {
  bool (*is)(std::string_view path, std::string_view name);
  std::string_view role;  // "" = a change of it says nothing by itself
  void (*read)(std::string_view text, Facts& facts);
};

constexpr std::string_view kSettings = "package manager setting";
constexpr std::string_view kManifest = "build script";

// Lower case: where packages come from, and what runs while they are fetched or used.
constexpr std::array<std::string_view, 12> kOtherSettings = {
    "bunfig.toml",         "uv.toml",        "poetry.toml",         ".pypirc",
    "rust-toolchain.toml", "rust-toolchain", "nuget.config",        ".mise.toml",
    "mise.toml",           ".tool-versions", ".terraform.lock.hcl", ".bazelrc"};

// Lower case: what asks for packages, or says what is run to build and to test.  Most of them can
// run anything.
constexpr std::array<std::string_view, 52> kManifests = {"setup.cfg",
                                                         "pipfile",
                                                         "tox.ini",
                                                         "noxfile.py",
                                                         "conftest.py",
                                                         "requirements.in",
                                                         "pixi.toml",
                                                         "pixi.lock",
                                                         "go.mod",
                                                         "go.work",
                                                         "gemfile",
                                                         "gems.rb",
                                                         "composer.json",
                                                         "package.yaml",
                                                         "package.json5",
                                                         "deno.json",
                                                         "deno.jsonc",
                                                         "build.sbt",
                                                         "plugins.sbt",
                                                         "settings.gradle.kts",
                                                         "libs.versions.toml",
                                                         "gradle.properties",
                                                         "init.gradle",
                                                         "packages.config",
                                                         "workspace",
                                                         "workspace.bazel",
                                                         "module.bazel",
                                                         "build.bazel",
                                                         "conanfile.txt",
                                                         "conanfile.py",
                                                         "vcpkg.json",
                                                         "mix.exs",
                                                         "rebar.config",
                                                         "package.swift",
                                                         "podfile",
                                                         "pubspec.yaml",
                                                         "stack.yaml",
                                                         "flake.nix",
                                                         "shell.nix",
                                                         "default.nix",
                                                         "vagrantfile",
                                                         "earthfile",
                                                         "tiltfile",
                                                         "skaffold.yaml",
                                                         "chart.yaml",
                                                         ".gitpod.yml",
                                                         ".envrc",
                                                         ".gitattributes",
                                                         "docker-bake.hcl",
                                                         "procfile",
                                                         "modules.txt",
                                                         "simple-git-hooks.json"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_compose_file(std::string_view name) {
  const std::string low = lower(name);
  return (low.starts_with("docker-compose") || low.starts_with("compose.")) &&
         (low.ends_with(".yml") || low.ends_with(".yaml"));
}

// The first that fits counts.
constexpr std::array<Kind, 28> kKinds = {{
    {[](std::string_view, std::string_view name) { return name == "package.json"; }, "",
     package_json},
    {[](std::string_view, std::string_view name) { return lower(name) == ".npmrc"; }, kSettings,
     npmrc},
    {[](std::string_view, std::string_view name) {
       return lower(name) == ".yarnrc.yml" || lower(name) == ".yarnrc";
     },
     kSettings, yarnrc},
    {[](std::string_view, std::string_view name) { return lower(name) == "pnpm-workspace.yaml"; },
     kSettings, pnpm_workspace},
    {[](std::string_view, std::string_view name) {
       return lower(name) == ".pnpmfile.cjs" || lower(name) == ".pnpmfile.mjs";
     },
     "package manager hook", nullptr},
    {[](std::string_view, std::string_view name) { return name == "binding.gyp"; }, "install hook",
     nullptr},
    {[](std::string_view, std::string_view name) {
       return lower(name) == "pip.conf" || lower(name) == "pip.ini";
     },
     kSettings, pip_conf},
    {[](std::string_view path, std::string_view name) {
       return is_one_of(lower(name), kOtherSettings) || has_folder(path, ".mvn");
     },
     kSettings, nullptr},
    {[](std::string_view, std::string_view name) {
       return name.find("requirements") != std::string_view::npos && name.ends_with(".txt");
     },
     "", requirements},
    {[](std::string_view path, std::string_view name) {
       return has_folder(path, ".cargo") && (name == "config.toml" || name == "config");
     },
     kSettings, cargo_config},
    {[](std::string_view, std::string_view name) { return name == "Cargo.toml"; }, kManifest,
     cargo_toml},
    {[](std::string_view, std::string_view name) { return name == "build.rs"; }, "install hook",
     nullptr},
    {[](std::string_view, std::string_view name) {
       return name == "setup.py" || name == "extconf.rb" || name == "rubygems_plugin.rb";
     },
     "install hook", nullptr},
    {[](std::string_view, std::string_view name) { return name == "pyproject.toml"; }, kManifest,
     pyproject},
    {[](std::string_view, std::string_view name) { return name.ends_with(".gemspec"); }, kManifest,
     gemspec},
    {[](std::string_view path, std::string_view name) {
       // In other letters some file systems and package managers take them too.
       return is_one_of(lower(name), kManifests) || name == "Package.json" ||
              has_folder(path, "buildSrc");
     },
     kManifest, nullptr},
    {[](std::string_view, std::string_view name) { return name.ends_with(".pth"); },
     "start-up file", path_file},
    {[](std::string_view, std::string_view name) {
       return name == "sitecustomize.py" || name == "usercustomize.py";
     },
     "start-up file", nullptr},
    {[](std::string_view, std::string_view name) { return is_dockerfile(name); }, "container build",
     dockerfile},
    {[](std::string_view, std::string_view name) { return is_compose_file(name); },
     "container build", pipeline},
    {[](std::string_view path, std::string_view name) {
       return (has_folder(path, ".github/workflows") || name == ".gitlab-ci.yml" ||
               name == "azure-pipelines.yml" || name == "action.yml" || name == "action.yaml" ||
               has_folder(path, ".circleci") || has_folder(path, ".gitlab/ci") ||
               has_folder(path, ".woodpecker") || name == ".woodpecker.yml" ||
               name == ".drone.yml" || name == ".travis.yml" || name == "bitbucket-pipelines.yml" ||
               name == "cloudbuild.yaml") &&
              is_yaml(name);
     },
     "CI workflow", pipeline},
    {[](std::string_view, std::string_view name) { return name.starts_with("Jenkinsfile"); },
     "CI workflow", nullptr},
    {[](std::string_view, std::string_view name) {
       const std::string low = lower(name);
       return low == "makefile" || low == "gnumakefile" || low == "cmakelists.txt" ||
              low == "justfile" || low == "rakefile" || low == "configure" ||
              low == "configure.ac" || low == "meson.build" || low == "gruntfile.js" ||
              low == "gulpfile.js" || low == "taskfile.yml" || low == "build.gradle" ||
              low == "build.gradle.kts" || low == "settings.gradle" || low == "pom.xml" ||
              low == "gradle-wrapper.properties" || low == "gradle-wrapper.jar" ||
              low.ends_with(".mk") || low.ends_with(".cmake") || low.ends_with(".csproj") ||
              low.ends_with(".fsproj") || low.ends_with(".vbproj") || low.ends_with(".targets") ||
              low.ends_with(".props");
     },
     "build script", nullptr},
    {[](std::string_view path, std::string_view name) {
       return has_folder(path, ".husky") || has_folder(path, ".githooks") ||
              name == ".pre-commit-config.yaml" ||
              name.find("lefthook") != std::string_view::npos || name == ".gitmodules";
     },
     "git hook", nullptr},
    {[](std::string_view path, std::string_view name) {
       return name == "devcontainer.json" || name == ".devcontainer.json" ||
              (has_folder(path, ".vscode") && name == "tasks.json");
     },
     "editor task", editor_json},
    {[](std::string_view path, std::string_view) {
       return has_folder(path, ".vscode") || has_folder(path, ".devcontainer") ||
              has_folder(path, ".idea/runConfigurations");
     },
     "editor task", nullptr},
    {[](std::string_view path, std::string_view name) {
       return (name == "postinst" || name == "preinst" || name == "prerm" || name == "postrm") &&
              (has_folder(path, "DEBIAN") || has_folder(path, "debian"));
     },
     "install hook", nullptr},
    {[](std::string_view path, std::string_view name) {
       return name.starts_with(".minescan") || has_folder(path, ".minescan");
     },
     "policy", nullptr},
}};

const Kind* kind_of(std::string_view path) {
  const std::string_view name = base_name(path);
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const Kind& kind) { return kind.is(path, name); });
  return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace

std::string_view role_of(std::string_view path) {
  const Kind* kind = kind_of(path);
  return kind == nullptr ? std::string_view() : kind->role;
}

bool has_facts(std::string_view path) {
  const Kind* kind = kind_of(path);
  return kind != nullptr && kind->read != nullptr;
}

std::vector<Fact> facts_of(std::string_view path, std::string_view text) {
  Facts facts;
  const Kind* kind = kind_of(path);
  if (kind != nullptr && kind->read != nullptr) kind->read(text, facts);
  return facts.take();
}

}  // namespace minescan::review
