#include "app/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>

#include "base/printable.h"
#include "report/report.h"

namespace minescan::app {
namespace {

constexpr const char* kIntroduction =
    R"(Finds cryptomining in container images, packages and source trees before it runs.

Examples:
  minescan image registry.example/team/app:1.2        an image, all its platforms
  minescan image oci-archive:app.tar --fail-on warning
  minescan image localhost:5000/app:1 -o sarif=app.sarif -o json=app.json
  minescan package npm:left-pad@1.3.0                 a package, out of its registry
  minescan package left-pad-1.3.0.tgz                 a package's file, or any other file
  minescan repo .                                     a tree
  minescan gate --base origin/main                    what a change brings, before it is merged
  minescan diff npm:left-pad@1.2.0 npm:left-pad@1.3.0 what a version brought
  minescan inspect libfoo.so                          what is seen in one file
  minescan explain MSN1001                            what a rule means and what to do
  minescan explain 5dfadb9a4f867cc0 --report app.json why a finding was made)";

constexpr const char* kExitCodes =
    R"(Exit codes:
  0  complete, and nothing at or above --fail-on
  1  findings at or above --fail-on
  2  no verdict: wrong usage, not reachable, refused, wrong digest
  3  nothing found, but some bytes could not be looked at (see the gaps in the report))";

constexpr const char* kInspectExitCodes =
    R"(Exit codes:
  0  complete, whatever was found
  2  wrong usage, or the file could not be read
  3  some bytes could not be looked at)";

constexpr const char* kPackageExamples =
    R"(Examples:
  minescan package npm:left-pad                       the version that the tag latest names
  minescan package npm:@types/node@22.1.0             a version of a package with a scope
  minescan package pypi:requests@2.32.0               a source archive and all wheels
  minescan package crate:rand@0.8.5
  minescan package pkg:npm/%40types/node@22.1.0       the same as a package URL
  minescan package npm:app@1.2.3 --npm-registry https://npm.example/
  minescan package ./left-pad-1.3.0.tgz               a file)";

constexpr const char* kBuildExamples =
    R"(Examples:
  minescan signatures keygen signing.key
  minescan signatures build ours/ -o ours.pack --sign-key signing.key --pack-version 12
  minescan repo . --signatures ours.pack --signature-key signing.key.pub)";

constexpr const char* kGateExamples =
    R"(Examples:
  minescan gate --base origin/main                    the working tree against a branch
  minescan gate --base origin/main --head HEAD        a pull request, as it is committed
  minescan gate --staged                              before a commit
  minescan gate --base origin/main -o sarif=gate.sarif -o markdown=comment.md
  minescan gate --lockfile package-lock.json --against old/package-lock.json)";

constexpr const char* kDiffExamples =
    R"(Examples:
  minescan diff npm:left-pad@1.2.0 npm:left-pad@1.3.0
  minescan diff old.whl new.whl
  minescan diff registry.example/app:1.1 registry.example/app:1.2)";

// What CLI11 fills in as text before it is checked.
struct Typed {
  std::string format = "text";
  std::string inspect_format = "text";
  std::vector<std::string> outputs;
  std::string token;  // that there is one; its value stays where it is
  std::string fail_on = "error";
  std::string colour = "auto";
  bool password_stdin = false;
  bool no_progress = false;
  bool no_cache = false;
  bool no_sandbox = false;
};

std::string version_line() { return std::string("minescan ") + MINESCAN_VERSION; }

std::vector<std::string> names(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

// "text, json or sarif"
std::string format_list() {
  const auto formats = report::format_names();
  std::string list;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == formats.size() ? " or " : ", ") + std::string(formats[i]);
  }
  return list;
}

// CLI11 takes "-1" for the highest number there is.
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

void add_network_options(CLI::App& command, Options& options) {
  command
      .add_option("--insecure", options.acquire.insecure,
                  "HOST[:PORT] that may use plain HTTP or a certificate that does not verify")
      ->allow_extra_args(false);
  command.add_option("--cacert", options.acquire.ca_file,
                     "File with certificates to trust besides the system's");
}

// For every command that fetches packages.
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

// One thing went wrong with what was typed.
int usage_error(const std::string& what) {
  std::fprintf(stderr, "minescan: %s\n", printable(what).c_str());
  return 2;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// " (did you mean --platform?)" when an option of the command is close to what was typed.
std::string suggestion(const CLI::App& command, const std::string& typed) {
  std::string best;
  std::size_t least = 4;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::size_t d = distance("--" + name, typed.substr(0, typed.find('=')));
      if (d < least) {
        least = d;
        best = name;
      }
    }
  }
  return best.empty() ? "" : " (did you mean --" + best + "?)";
}

const CLI::App& chosen(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

// "signatures build"
std::string chosen_name(const CLI::App& app) {
  std::string name;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    name += (name.empty() ? "" : " ") + at->get_name();
  }
  return name;
}

// What to say when the command line does not begin with a command.
std::string no_command(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  const std::string commands =
      "the commands are image, package, repo, gate, diff, inspect, explain, signatures, cache "
      "and doctor";
  if (first.empty()) return "a command is missing; " + commands + "; see minescan --help";
  if (first.front() == '-') {
    return "'" + first + "' is no option of minescan itself; options come after the command (" +
           commands + ")";
  }
  return "there is no command '" + first + "'; " + commands;
}

Result<void> read_outputs(const Typed& typed, Options& options) {
  for (const std::string& output : typed.outputs) {
    const std::size_t equals = output.find('=');
    const std::string format = output.substr(0, equals);
    const bool named = equals != std::string::npos && report::format_by_name(format) != nullptr;
    Output parsed{.format = named ? format : typed.format,
                  .path = named ? output.substr(equals + 1) : output};
    const bool like_format =
        equals != std::string::npos && equals > 0 &&
        format.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
    if (like_format && !named) {
      std::string what = "-o '" + output;
      what.append("': there is no format '").append(format);
      what.append("'; use ").append(format_list());
      what.append(" (a file of that name is ./").append(output);
      return fail(Code::usage, what + ")");
    }
    if (parsed.path.empty()) return fail(Code::usage, "-o '" + output + "' names no file");
    for (const Output& other : options.outputs) {
      if (other.path == parsed.path) {
        return fail(Code::usage, "-o names '" + parsed.path + "' twice");
      }
    }
    options.outputs.push_back(std::move(parsed));
  }
  if (options.outputs.empty()) options.outputs.push_back({typed.format, "-"});
  return {};
}

Result<void> check_password(const Typed& typed, const Options& options) {
  if (options.username.empty() && !typed.password_stdin) return {};
  if (options.username.empty()) return fail(Code::usage, "--password-stdin needs --username");
  if (!typed.password_stdin) {
    return fail(Code::usage, "--username needs --password-stdin; a password is never an argument");
  }
  return {};
}

constexpr std::string_view kToken = "--registry-token";

// The arguments without the secret among them, of which the parser would make copies.
struct Arguments {
  std::vector<std::string> texts;
  const char* token = nullptr;
};
Arguments without_secrets(int argc, char** argv) {
  Arguments arguments;
  for (int i = 0; i < argc; ++i) {
    const std::string_view text = argv[i];
    const bool joined = text.starts_with(kToken) && text.substr(kToken.size()).starts_with('=');
    const bool apart = i > 0 && std::string_view(argv[i - 1]) == kToken;
    if (joined) {
      arguments.token = argv[i] + kToken.size() + 1;
      arguments.texts.push_back(std::string(kToken) + "=given");
    } else if (apart) {
      arguments.token = argv[i];
      arguments.texts.emplace_back("given");
    } else {
      arguments.texts.emplace_back(text);
    }
  }
  return arguments;
}

Result<void> interpret(const Typed& typed, Options& options) {
  MINESCAN_TRY(read_outputs(typed, options));
  MINESCAN_TRY(check_password(typed, options));
  options.fail_on = typed.fail_on == "note"      ? Level::note
                    : typed.fail_on == "warning" ? Level::warning
                                                 : Level::error;
  options.colour = typed.colour == "always"  ? Colour::always
                   : typed.colour == "never" ? Colour::never
                                             : Colour::automatic;
  options.progress = !typed.no_progress;
  options.use_cache = !typed.no_cache;
  options.sandbox = !typed.no_sandbox;
  return {};
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  CLI::App app(kIntroduction, "minescan");
  app.footer(kExitCodes);
  app.set_version_flag("-V,--version", version_line());
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);

  Options options;
  Typed typed;
  auto* image = app.add_subcommand("image", "Scan a container image");
  image
      ->add_option(
          "REFERENCE", options.target,
          "An image: name[:tag][@digest], oci:DIR[:TAG], oci-archive:FILE[:TAG], "
          "docker-archive:FILE[:REF], docker-daemon:REF, or the path of a layout or archive")
      ->required();
  add_image_options(*image, options, typed);
  add_verify_options(*image, options);
  add_scan_options(*image, options, typed);

  auto* package = app.add_subcommand(
      "package",
      "Scan a package out of its registry, or a file (.tgz .whl .crate .gem .deb .jar …)");
  package
      ->add_option("PACKAGE", options.target,
                   "A package: npm:NAME[@VERSION|@TAG], pypi:NAME[@VERSION], crate:NAME[@VERSION] "
                   "or a package URL (pkg:npm/…), without a version the newest; or a file")
      ->required();
  package->footer(kPackageExamples);
  add_package_options(*package, options);
  add_scan_options(*package, options, typed);

  auto* repo = app.add_subcommand("repo", "Scan a directory tree or a single file")->alias("fs");
  repo->add_option("PATH", options.target, "The tree")->required();
  add_verify_options(*repo, options);
  add_package_options(*repo, options);
  add_scan_options(*repo, options, typed);

  auto* gate = app.add_subcommand(
      "gate", "Scan what a change adds: changed files, and the packages that lockfiles bring");
  gate->add_option("REPOSITORY", options.target, "A git repository")->capture_default_str();
  auto* base = gate->add_option("--base", options.base,
                                "Revision that the change starts from (default HEAD); its "
                                ".minescan.yaml is what counts");
  auto* head = gate->add_option("--head", options.head,
                                "Revision with the change; without it the working tree");
  auto* staged =
      gate->add_flag("--staged", options.staged, "The index instead: what a commit would take")
          ->excludes(head);
  auto* against = gate->add_option("--against", options.against, "The lockfile before");
  auto* lockfile = gate->add_option("--lockfile", options.lockfile,
                                    "Compare this lockfile with that of --against, without git")
                       ->needs(against)
                       ->excludes(base)
                       ->excludes(head)
                       ->excludes(staged);
  against->needs(lockfile);
  gate->footer(kGateExamples);
  add_package_options(*gate, options);
  add_scan_options(*gate, options, typed);

  auto* diff = app.add_subcommand("diff", "Show what one artifact has that another one has not");
  diff->add_option("BEFORE", options.base, "A package, file, tree or image")->required();
  diff->add_option("AFTER", options.target, "The one that is judged")->required();
  diff->footer(kDiffExamples);
  add_package_options(*diff, options);
  add_scan_options(*diff, options, typed);

  auto* inspect = app.add_subcommand(
      "inspect", "Show what minescan sees in one file: parts, kernels, constants, packers");
  inspect->footer(kInspectExitCodes);
  inspect->add_option("FILE", options.target, "The file")->required();
  inspect->add_option("-f,--format", typed.inspect_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_signature_options(*inspect, options);
  add_sandbox_options(*inspect, options, typed);

  auto* doctor =
      app.add_subcommand("doctor", "Show how well this system confines what reads untrusted bytes");
  doctor->add_option("-f,--format", typed.inspect_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_signature_options(*doctor, options);
  add_cache_options(*doctor, options);

  auto* signatures =
      app.add_subcommand("signatures", "List, show or test the signatures, or make a pack of them");
  signatures->require_subcommand(1);
  auto* list = signatures->add_subcommand("list", "List rules and indicators");
  add_signature_options(*list, options);
  auto* show = signatures->add_subcommand("show", "Show one rule or indicator");
  show->add_option("ID", options.target, "Rule (MSN1001) or indicator (stratum-url)")->required();
  add_signature_options(*show, options);
  auto* explain = app.add_subcommand("explain", "Explain a rule, or a finding of a report");
  explain
      ->add_option("ID", options.target,
                   "Rule (MSN1001), or the finding's id as reports show it (5dfadb9a4f867cc0)")
      ->required();
  explain->add_option("--report", options.report,
                      "The JSON report with the finding, written by a scan with -o json=FILE");
  add_signature_options(*explain, options);
  auto* test = signatures->add_subcommand("test", "Run the examples that every signature carries");
  add_signature_options(*test, options);
  auto* build = signatures->add_subcommand(
      "build", "Make a signed pack of a directory's signatures, to be used with --signatures");
  build->footer(kBuildExamples);
  build->add_option("DIR", options.target, "The directory with *.yaml")->required();
  build->add_option("-o,--output", options.pack.file, "The pack")->required();
  build
      ->add_option("--sign-key", options.pack.key,
                   "Private key (PEM, Ed25519) as of signatures keygen or openssl genpkey")
      ->required();
  build
      ->add_option("--pack-version", options.pack.version,
                   "Higher than of the last pack: who used that one refuses lower ones")
      ->required()
      ->check(is_pack_version);
  build->add_option("--name", options.pack.name, "Versions are compared among packs of one name")
      ->capture_default_str();
  build->add_flag("--only", options.pack.only,
                  "Without the built-in signatures, to be used with --signatures-only");
  auto* keygen = signatures->add_subcommand("keygen", "Make a key to sign packs with");
  keygen
      ->add_option("FILE", options.target,
                   "The private key, which must not be there yet; the public one is FILE.pub")
      ->required();

  auto* cache = app.add_subcommand("cache", "Show or empty the cache of scanned layers and files");
  cache->require_subcommand(1);
  auto* info = cache->add_subcommand("info", "Show where the cache is and how large");
  add_cache_options(*info, options);
  auto* clean = cache->add_subcommand("clean", "Remove all that was kept");
  add_cache_options(*clean, options);

  const Arguments arguments = without_secrets(argc, argv);
  std::vector<const char*> texts;
  for (const std::string& text : arguments.texts) texts.push_back(text.c_str());
  try {
    app.parse(argc, texts.data());
  } catch (const CLI::CallForHelp&) {
    std::fputs(chosen(app).help("", CLI::AppFormatMode::Normal).c_str(), stdout);
    return {.options = std::nullopt, .exit_code = 0};
  } catch (const CLI::CallForVersion&) {
    std::printf("%s\n", version_line().c_str());
    return {.options = std::nullopt, .exit_code = 0};
  } catch (const CLI::ExtrasError&) {
    if (app.get_subcommands().empty()) {
      return {.options = std::nullopt, .exit_code = usage_error(no_command(argc, argv))};
    }
    const std::string first = app.remaining(true).empty() ? "" : app.remaining(true).front();
    return {.options = std::nullopt,
            .exit_code =
                usage_error("unknown argument '" + first + "'" + suggestion(chosen(app), first) +
                            "; see minescan " + chosen_name(app) + " --help")};
  } catch (const CLI::ParseError& e) {
    if (app.get_subcommands().empty()) {
      return {.options = std::nullopt, .exit_code = usage_error(no_command(argc, argv))};
    }
    return {.options = std::nullopt,
            .exit_code = usage_error(std::string(e.what()) + "; see minescan " + chosen_name(app) +
                                     " --help")};
  }
  if (image->parsed()) {
    options.command = Command::image;
    options.token = typed.token.empty() ? std::getenv("MINESCAN_REGISTRY_TOKEN") : arguments.token;
  }
  if (package->parsed()) options.command = Command::package;
  if (repo->parsed()) options.command = Command::repo;
  if (gate->parsed()) options.command = Command::gate;
  if (diff->parsed()) options.command = Command::diff;
  if (gate->parsed() && options.target.empty()) options.target = ".";
  options.base_given = gate->parsed() && gate->count("--base") > 0;
  options.fail_on_given =
      chosen(app).get_option_no_throw("--fail-on") != nullptr && chosen(app).count("--fail-on") > 0;
  if (inspect->parsed() || doctor->parsed()) {
    options.command = inspect->parsed() ? Command::inspect : Command::doctor;
    options.sandbox = !typed.no_sandbox;
    options.outputs = {{.format = typed.inspect_format, .path = "-"}};
    return {.options = std::move(options)};
  }
  if (list->parsed()) options.command = Command::signatures_list;
  if (show->parsed()) options.command = Command::signatures_show;
  if (test->parsed()) options.command = Command::signatures_test;
  if (build->parsed()) options.command = Command::signatures_build;
  if (keygen->parsed()) options.command = Command::signatures_keygen;
  if (explain->parsed()) options.command = Command::explain;
  if (info->parsed()) options.command = Command::cache_info;
  if (clean->parsed()) options.command = Command::cache_clean;
  if (const auto done = interpret(typed, options); !done) {
    return {.options = std::nullopt, .exit_code = usage_error(done.error().what)};
  }
  return {.options = std::move(options), .exit_code = 0};
}

Result<void> take_credentials(Options& options) {
  if (options.token != nullptr) options.acquire.registry_token = options.token;
  if (options.username.empty()) return {};
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    return fail(Code::usage, "--password-stdin: standard input holds no password");
  }
  if (line.back() == '\r') line.pop_back();
  options.acquire.username = options.username;
  options.acquire.password = line;
  return {};
}

}  // namespace minescan::app
