#include "app/command_line/commands.h"

namespace minescan::app {
namespace {

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

void when_given(CLI::App& command, Options& options, Command which) {
  command.parse_complete_callback([&options, which] { options.command = which; });
}

void add_image(CLI::App& app, Options& options, Typed& typed) {
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
  when_given(*image, options, Command::image);
}

void add_package(CLI::App& app, Options& options, Typed& typed) {
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
  when_given(*package, options, Command::package);
}

void add_repo(CLI::App& app, Options& options, Typed& typed) {
  auto* repo = app.add_subcommand("repo", "Scan a directory tree or a single file")->alias("fs");
  repo->add_option("PATH", options.target, "The tree")->required();
  add_verify_options(*repo, options);
  add_package_options(*repo, options);
  add_scan_options(*repo, options, typed);
  when_given(*repo, options, Command::repo);
}

void add_gate(CLI::App& app, Options& options, Typed& typed) {
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
  gate->parse_complete_callback([gate, &options] {
    options.command = Command::gate;
    options.base_given = gate->count("--base") > 0;
    if (options.target.empty()) options.target = ".";
  });
}

void add_diff(CLI::App& app, Options& options, Typed& typed) {
  auto* diff = app.add_subcommand("diff", "Show what one artifact has that another one has not");
  diff->add_option("BEFORE", options.base, "A package, file, tree or image")->required();
  diff->add_option("AFTER", options.target, "The one that is judged")->required();
  diff->footer(kDiffExamples);
  add_package_options(*diff, options);
  add_scan_options(*diff, options, typed);
  when_given(*diff, options, Command::diff);
}

void add_inspect(CLI::App& app, Options& options, Typed& typed) {
  auto* inspect = app.add_subcommand(
      "inspect", "Show what minescan sees in one file: parts, kernels, constants, packers");
  inspect->footer(kInspectExitCodes);
  inspect->add_option("FILE", options.target, "The file")->required();
  inspect->add_option("-f,--format", typed.inspect_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_signature_options(*inspect, options);
  add_sandbox_options(*inspect, options, typed);
  when_given(*inspect, options, Command::inspect);
}

void add_doctor(CLI::App& app, Options& options, Typed& typed) {
  auto* doctor =
      app.add_subcommand("doctor", "Show how well this system confines what reads untrusted bytes");
  doctor->add_option("-f,--format", typed.inspect_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_signature_options(*doctor, options);
  add_cache_options(*doctor, options);
  when_given(*doctor, options, Command::doctor);
}

void add_signatures(CLI::App& app, Options& options) {
  auto* signatures =
      app.add_subcommand("signatures", "List, show or test the signatures, or make a pack of them");
  signatures->require_subcommand(1);
  auto* list = signatures->add_subcommand("list", "List rules and indicators");
  add_signature_options(*list, options);
  auto* show = signatures->add_subcommand("show", "Show one rule or indicator");
  show->add_option("ID", options.target, "Rule (MSN1001) or indicator (stratum-url)")->required();
  add_signature_options(*show, options);
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
  when_given(*list, options, Command::signatures_list);
  when_given(*show, options, Command::signatures_show);
  when_given(*test, options, Command::signatures_test);
  when_given(*build, options, Command::signatures_build);
  when_given(*keygen, options, Command::signatures_keygen);
}

void add_explain(CLI::App& app, Options& options) {
  auto* explain = app.add_subcommand("explain", "Explain a rule, or a finding of a report");
  explain
      ->add_option("ID", options.target,
                   "Rule (MSN1001), or the finding's id as reports show it (5dfadb9a4f867cc0)")
      ->required();
  explain->add_option("--report", options.report,
                      "The JSON report with the finding, written by a scan with -o json=FILE");
  add_signature_options(*explain, options);
  when_given(*explain, options, Command::explain);
}

void add_cache(CLI::App& app, Options& options) {
  auto* cache = app.add_subcommand("cache", "Show or empty the cache of scanned layers and files");
  cache->require_subcommand(1);
  auto* info = cache->add_subcommand("info", "Show where the cache is and how large");
  add_cache_options(*info, options);
  auto* clean = cache->add_subcommand("clean", "Remove all that was kept");
  add_cache_options(*clean, options);
  when_given(*info, options, Command::cache_info);
  when_given(*clean, options, Command::cache_clean);
}

}  // namespace

void add_commands(CLI::App& app, Options& options, Typed& typed) {
  add_image(app, options, typed);
  add_package(app, options, typed);
  add_repo(app, options, typed);
  add_gate(app, options, typed);
  add_diff(app, options, typed);
  add_inspect(app, options, typed);
  add_doctor(app, options, typed);
  add_signatures(app, options);
  add_explain(app, options);
  add_cache(app, options);
}

}  // namespace minescan::app
