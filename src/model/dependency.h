#pragma once
// A package as a lockfile or a user names it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minescan {

enum class Ecosystem : std::uint8_t { npm, pypi, cargo, golang, gem, nuget, maven };

// The type of a package URL: "npm", "pypi", "cargo", "golang", "gem", "nuget", "maven".
std::string_view ecosystem_name(Ecosystem ecosystem);
std::optional<Ecosystem> ecosystem_by_name(std::string_view name);

// A promised digest.  Several of one algorithm mean that any of them is right.
struct Integrity {
  // "sha512", "sha384", "sha256", "sha1", "md5"; others as written, of which Go's "h1" and NuGet's
  // "contentHash" are not over the bytes that are fetched.
  std::string algorithm;
  std::string hex;  // lower case
  auto operator<=>(const Integrity&) const = default;
};

// One file of a package: a tarball of npm, a crate; of PyPI a sdist or a wheel.
struct PackageFile {
  std::string name;  // "demo-1.0-py3-none-any.whl"; "" when the lockfile names none
  std::string url;   // as written, without the digest behind '#'; "" = the registry's
  std::vector<Integrity> integrity;  // empty = nobody promises anything
  std::uint64_t size = 0;            // 0 = unknown
  auto operator<=>(const PackageFile&) const = default;
};

// One entry of a lockfile.
struct Dependency {
  enum class Source : std::uint8_t {
    registry,  // by name and version
    url,       // one archive at a URL
    git,       // a commit of a repository
    path,      // in the same tree: workspaces, links, local files
    bundled,   // inside the archive of another package
  };
  Ecosystem ecosystem = Ecosystem::npm;
  std::string name;     // the real one, normalised as the ecosystem does; of aliases not the alias
  std::string version;  // "" when the lockfile states none
  std::string alias;    // the name under which it is installed, when that is another one
  Source source = Source::registry;
  std::string registry;  // index or registry when the lockfile names one; "" = the configured one
  // Of git the repository's URL, of url the URL, of path the cleaned path from the tree's root; as
  // written when it lies outside of the tree, "" when the lockfile names none (Cargo's).
  std::string location;
  std::string commit;  // of git
  std::vector<PackageFile> files;
  bool development = false;  // only for developing or testing
  bool optional = false;
  bool install_script = false;  // the lockfile says that code runs when it is installed
  std::string file;             // the lockfile's path, or that of a file it includes
  std::uint32_t line = 0;       // 1-based in `file`, where the entry begins
  auto operator<=>(const Dependency&) const = default;
};

// "pkg:npm/%40scope/name@1.2.3": a package URL without qualifiers.
std::string purl(Ecosystem ecosystem, std::string_view name, std::string_view version);
std::string purl(const Dependency& dependency);

// Of a package URL or of "npm:@scope/name@1.2.3" ("pypi:", "crate:" and "cargo:" likewise).
// nullopt when it is neither.  What follows '?' or '#' is left out.
struct PackageName {
  Ecosystem ecosystem = Ecosystem::npm;
  std::string name;     // normalised
  std::string version;  // "" when none is stated; for npm also a tag ("latest")
};
std::optional<PackageName> parse_package_name(std::string_view text);

// Lower case, runs of "-", "_" and "." as one "-" (PEP 503) for PyPI; others have their own rules.
std::string normalised_name(Ecosystem ecosystem, std::string_view name);

}  // namespace minescan
