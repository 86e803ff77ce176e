#include "app/packs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "acquire/acquire.h"
#include "app/cache.h"
#include "app/clock.h"
#include "app/signatures.h"
#include "base/printable.h"
#include "base/write_all.h"
#include "match/signed_pack.h"
#include "report/report.h"
#include "report/words.h"
#include "store/versions.h"

namespace minescan::app {
namespace {

void warn(const Options& options, const std::string& what) {
  if (!options.quiet) std::fprintf(stderr, "minescan: %s\n", printable(what).c_str());
}

Result<std::vector<match::PublicKey>> public_keys(const Options& options) {
  std::vector<match::PublicKey> keys;
  for (const std::string& path : options.signature_keys) {
    MINESCAN_TRY_ASSIGN(const std::string pem, acquire::read_text(path, match::kMostKeyFile));
    MINESCAN_TRY_ASSIGN(keys.emplace_back(), match::read_public_key(path, pem));
  }
  return keys;
}

std::string file_and_version(const std::string& path, const SignaturePack& pack) {
  return "the signature pack '" + path + "' is version " + std::to_string(pack.version) + " of " +
         pack.name;
}

// Why versions cannot be remembered goes to `warning`; an older pack than the last is an error.
Result<void> check_version(const Options& options, const std::string& path,
                           const SignaturePack& pack, std::string& warning) {
  if (pack.version < options.signatures_least) {
    return fail(Code::refused, file_and_version(path, pack) + ", and --signatures-min-version is " +
                                   std::to_string(options.signatures_least) +
                                   "; fetch a newer one");
  }
  const std::string place = state_place();
  if (place.empty()) {
    warning = "neither HOME nor XDG_STATE_HOME is set";
    return {};
  }
  const auto highest = store::highest_version(place, pack);
  if (!highest) {
    warning = highest.error().what;
  } else if (pack.version < *highest) {
    return fail(Code::refused, file_and_version(path, pack) + ", and version " +
                                   std::to_string(*highest) +
                                   " was used before; fetch the newest one, or remove '" +
                                   store::version_file(place, pack) + "' to go back");
  }
  return {};
}

void remember_version(const SignaturePack& pack, std::string& warning) {
  const std::string place = state_place();
  if (place.empty()) return;
  if (const auto done = store::remember_version(place, pack); !done && warning.empty()) {
    warning = done.error().what;
  }
}

Result<std::shared_ptr<const match::SignatureSet>> signatures_of(const Options& options,
                                                                 const std::string& path,
                                                                 const match::TrustedPack& pack) {
  const bool alone = !options.signatures_only.empty();
  MINESCAN_TRY_ASSIGN(const match::PackSources sources, match::sources_of(pack));
  if (sources.maker == match::pack_maker() && sources.with_built_in != alone) {
    return match::SignatureSet::from_pack(pack, wanted_examples(options));
  }
  const char* why = sources.with_built_in != alone ? "made by another minescan"
                    : alone                        ? "made to be used with --signatures"
                                                   : "made to be used with --signatures-only";
  warn(options, "the signature pack '" + path + "' was " + why +
                    ": its patterns are compiled at every start, which takes seconds");
  if (alone) return match::SignatureSet::compile(sources.files, pack.label());
  MINESCAN_TRY_ASSIGN(const auto built_in, match::SignatureSet::from_pack(
                                               match::built_in_pack(), wanted_examples(options)));
  return match::SignatureSet::extend(*built_in, sources.files, pack.label());
}

// A file that was not there before.
Result<void> write_new(const std::string& path, const std::string& text, unsigned mode) {
  const auto failed = [&](const std::string& why) {
    return fail(Code::io, "cannot write the key '" + path + "': " + why);
  };
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.valid()) {
    return failed(errno == EEXIST ? "it is there already; name another file"
                                  : std::strerror(errno));
  }
  if (write_all(file.get(), as_bytes(text)) && ::fsync(file.get()) == 0) return {};
  const int reason = errno;
  ::unlink(path.c_str());
  return failed(std::strerror(reason));
}

}  // namespace

match::Examples wanted_examples(const Options& options) {
  const bool tested =
      options.command == Command::signatures_test || options.command == Command::signatures_build;
  return tested ? match::Examples::with : match::Examples::without;
}

Result<std::shared_ptr<const match::SignatureSet>> load_pack(const Options& options,
                                                             const std::string& path) {
  if (options.signature_keys.empty()) {
    return fail(Code::usage, "'" + path +
                                 "' is a file: of a signature pack name the public key of who "
                                 "signs it with --signature-key; *.yaml are given as a directory");
  }
  MINESCAN_TRY_ASSIGN(const auto keys, public_keys(options));
  MINESCAN_TRY_ASSIGN(std::string file, acquire::read_text(path, match::kMostPackFile));
  MINESCAN_TRY_ASSIGN(const match::TrustedPack pack,
                      match::open_signed_pack(path, std::move(file), keys));
  const SignaturePack& label = *pack.label();
  std::string warning;
  MINESCAN_TRY(check_version(options, path, label, warning));
  auto signatures = signatures_of(options, path, pack);
  if (!signatures) {
    return fail(signatures.error().code, "'" + path + "': " + signatures.error().what);
  }
  remember_version(label, warning);
  if (!warning.empty() && options.signatures_least == 0) {
    warn(options, "the version of the signature pack '" + path + "' is not remembered: " + warning +
                      "; say which one is the oldest to be used with --signatures-min-version");
  }
  return signatures;
}

Result<int> run_signatures_build(const Options& options) {
  const Options::Pack& wanted = options.pack;
  MINESCAN_TRY_ASSIGN(const std::string secret,
                      acquire::read_text(wanted.key, match::kMostKeyFile));
  // Without it the same files make the same pack at any time.
  const std::uint64_t made = source_date_epoch().value_or(0);
  const SignaturePack label{
      .name = wanted.name, .version = wanted.version, .made = made, .key = {}};
  // What is wrong with key or label is said before patterns are compiled, which takes a while.
  MINESCAN_TRY(match::sign_pack({}, label, wanted.key, secret));
  match::PackSources sources{
      .maker = match::pack_maker(), .with_built_in = !wanted.only, .files = {}};
  MINESCAN_TRY_ASSIGN(sources.files, read_signatures(options.target));
  MINESCAN_TRY_ASSIGN(auto signatures, match::SignatureSet::from_pack(match::built_in_pack(),
                                                                      wanted_examples(options)));
  MINESCAN_TRY_ASSIGN(signatures, wanted.only
                                      ? match::SignatureSet::compile(sources.files)
                                      : match::SignatureSet::extend(*signatures, sources.files));
  MINESCAN_TRY_ASSIGN(const auto failures, failing_examples(signatures));
  if (!failures.empty()) {
    return fail(Code::usage,
                failures.front() + (failures.size() == 1
                                        ? ""
                                        : " (and " + std::to_string(failures.size() - 1) +
                                              " more; minescan signatures test shows all)"));
  }
  MINESCAN_TRY_ASSIGN(const std::string pack, signatures->to_pack(&sources));
  MINESCAN_TRY_ASSIGN(const std::string file, match::sign_pack(pack, label, wanted.key, secret));
  MINESCAN_TRY(report::write_file(wanted.file, file));
  std::printf("%s: version %llu of %s, %zu rules, %zu indicators, %s\n",
              printable(wanted.file).c_str(), static_cast<unsigned long long>(label.version),
              label.name.c_str(), signatures->rules().size(), signatures->indicators().size(),
              signatures->digest().c_str());
  return 0;
}

Result<int> run_signatures_keygen(const Options& options) {
  const std::string public_file = options.target + ".pub";
  MINESCAN_TRY_ASSIGN(const match::KeyPair keys, match::make_key_pair());
  MINESCAN_TRY_ASSIGN(const match::PublicKey key,
                      match::read_public_key(public_file, keys.public_pem));
  MINESCAN_TRY(write_new(options.target, keys.secret_pem, 0600));
  if (auto done = write_new(public_file, keys.public_pem, 0644); !done) {
    ::unlink(options.target.c_str());
    return tl::unexpected(done.error());
  }
  std::printf("key %s: %s signs and stays secret, %s goes to who uses the packs\n",
              match::key_id(key).c_str(), printable(options.target).c_str(),
              printable(public_file).c_str());
  return 0;
}

}  // namespace minescan::app
