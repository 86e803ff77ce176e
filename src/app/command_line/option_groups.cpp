#include "app/command_line/option_groups.h"

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "report/report.h"

namespace minescan::app {
namespace {

std::vector<std::string> names(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

void add_network_options(CLI::App& command, Options& options) {
  command
      .add_option("--insecure", options.acquire.insecure,
                  "HOST[:PORT] that may use plain HTTP or a certificate that does not verify")
      ->allow_extra_args(false);
  command.add_option("--cacert", options.acquire.ca_file,
                     "File with certificates to trust besides the system's");
}

}  // namespace

std::string format_list() {
  const auto formats = report::format_names();
  std::string list;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == formats.size() ? " or " : ", ") + std::string(formats[i]);
  }
  return list;
}

std::string is_pack_version(const std::string& text) {
  std::uint64_t version = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, version);
  const bool right = error == std::errc() && stop == end && version > 0;
  return right ? "" : "'" + text + "' is no version of a pack: a number from 1 on";
}

void add_signature_options(CLI::App& command, Options& options) {
  auto* added = command.add_option("--signatures", options.signatures_added,
                                   "Add the signatures of this directory (its *.yaml) or of this "
                                   "signature pack");
  command
      .add_option("--signatures-only", options.signatures_only,
                  "Use the signatures of this directory or pack instead of the built-in ones")
      ->excludes(added);
  command
      .add_option("--signature-key", options.signature_keys,
                  "Public key (PEM, Ed25519) with which a signature pack must be signed; may be "
                  "given several times")
      ->allow_extra_args(false);
  command
      .add_option("--signatures-min-version", options.signatures_least,
                  "Refuse a signature pack of a lower version: where the home directory is fresh, "
                  "as in most pipelines, nothing else tells that a pack is old")
      ->check(is_pack_version);
}

void add_cache_options(CLI::App& command, Options& options) {
  command
      .add_option("--cache-dir", options.cache_directory,
                  "Directory of the cache instead of $XDG_CACHE_HOME/minescan or ~/.cache/minescan")
      ->envname("MINESCAN_CACHE_DIR");
  command
      .add_option("--cache-size", options.cache_bytes,
                  "What the cache may take on disk, as 512M or 2G (default 1G)")
      ->transform(CLI::AsSizeValue(false))
      ->envname("MINESCAN_CACHE_SIZE");
}

void add_sandbox_options(CLI::App& command, Options& options, Typed& typed) {
  auto* none = command.add_flag("--no-sandbox", typed.no_sandbox,
                                "Read untrusted bytes in the same process, for debugging; the "
                                "report says so");
  command
      .add_flag("--require-sandbox", options.require_sandbox,
                "Exit with 2 where the system cannot confine what reads untrusted bytes; see "
                "minescan doctor")
      ->excludes(none);
  command
      .add_option("--unit-timeout", options.unit_seconds,
                  "Seconds without any progress after which a layer, package or part of a tree is "
                  "given up")
      ->check(CLI::Range(1u, 86'400u))
      ->capture_default_str();
}

void add_scan_options(CLI::App& command, Options& options, Typed& typed) {
  command.add_option("-f,--format", typed.format, "Format of the report: " + format_list())
      ->check(CLI::IsMember(names(report::format_names())))
      ->capture_default_str();
  command
      .add_option("-o,--output", typed.outputs,
                  "Write the report to FILE, or as FORMAT=FILE; may be given several times; "
                  "- is standard output")
      ->allow_extra_args(false);
  command
      .add_option("--fail-on", typed.fail_on,
                  "Lowest level that makes the exit code 1: error, warning or note")
      ->check(CLI::IsMember({"error", "warning", "note"}))
      ->capture_default_str();
  command.add_option(
      "--sarif-location", options.sarif_location,
      "Path in the repository (usually the Dockerfile) at which SARIF shows findings");
  command.add_flag(
      "--timestamps", options.timestamps,
      "Put start and end times into SARIF and GitLab's report (SOURCE_DATE_EPOCH is honoured)");
  command.add_option("-j,--jobs", options.jobs, "Units examined at once; 0 = one per processor")
      ->check(CLI::Range(0u, 256u))
      ->capture_default_str();
  command.add_option("--color,--colour", typed.colour, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command.add_flag("--no-progress", typed.no_progress, "No progress line on the terminal");
  command.add_flag("-q,--quiet", options.quiet, "Say nothing on standard error but errors");
  command.add_flag("-v,--verbose", options.verbose, "Show all evidence and every gap");
  command.add_option(
      "--config", options.config,
      "Configuration with fail-on, baseline, ignore and accept-gaps; one in what is scanned is "
      "never read");
  command.add_option("--baseline", options.baseline,
                     "JSON report; what stands in it is shown but does not count");
  command
      .add_option("--accept-gap", options.accept_gaps,
                  "KIND[:PATH] of gaps that do not make the scan incomplete, such as "
                  "decode.encrypted:vendor/*.zip; they are shown all the same; may be given "
                  "several times")
      ->allow_extra_args(false);
  add_signature_options(command, options);
  add_sandbox_options(command, options, typed);
  command.add_flag("--no-cache", typed.no_cache,
                   "Neither use nor keep what was learned of layers and files: where others can "
                   "fill the cache");
  add_cache_options(command, options);
}

void add_package_options(CLI::App& command, Options& options) {
  acquire::PackageSettings& packages = options.acquire.packages;
  command.add_option("--npm-registry", packages.npm_registry,
                     "URL of the npm registry, instead of what npm's environment and .npmrc say");
  command.add_option("--pypi-index,--index-url", packages.pypi_index,
                     "URL of the Python index (its simple page), instead of what pip's environment "
                     "and pip.conf say");
  command.add_option("--cargo-index", packages.cargo_registry,
                     "URL of the sparse index of crates, instead of what Cargo's environment and "
                     "config.toml say");
  command
      .add_option("--max-package-size", options.acquire.max_package_bytes,
                  "Most bytes of one downloaded file (500000, 500KB, 2GB); of what is larger the "
                  "rest is a gap")
      ->transform(CLI::AsSizeValue(true))
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->capture_default_str();
  add_network_options(command, options);
}

void add_verify_options(CLI::App& command, Options& options) {
  command.add_flag("--verify-installed", options.verify_installed,
                   "Fetch the packages that lie in it (node_modules, site-packages, vendor), and "
                   "say which of their files are not the registry's");
}

void add_image_options(CLI::App& command, Options& options, Typed& typed) {
  command
      .add_option("--platform", options.acquire.platforms,
                  "Only this platform (os/arch[/variant]); may be given several times; what is "
                  "left out is listed in the report")
      ->allow_extra_args(false);
  add_network_options(command, options);
  command.add_option("--username", options.username, "User name for the image's registry");
  command.add_flag("--password-stdin", typed.password_stdin,
                   "Read the password from standard input");
  command.add_option("--registry-token", typed.token,
                     "Bearer token for the image's registry (Env:MINESCAN_REGISTRY_TOKEN)");
}

}  // namespace minescan::app
