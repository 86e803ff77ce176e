#include "app/sandbox.h"

#include <chrono>
#include <utility>

#include "acquire/git/apart.h"
#include "app/gate/gate.h"

namespace minescan::app {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

// What git's owner configuration is found by, and whom sudo runs for, whose repositories git
// trusts.
const std::vector<std::string> kOfGit = {"HOME", "XDG_CONFIG_HOME", "SUDO_UID"};

}  // namespace

Result<Sandbox> Sandbox::start(const Options& options,
                               const std::shared_ptr<const match::SignatureSet>& signatures,
                               const Limits& limits) {
  Sandbox sandbox;
  const std::chrono::seconds patience(options.unit_seconds);
  if (!options.sandbox) {
    sandbox.why_not_ = "--no-sandbox was given";
    sandbox.tasks_ = std::make_unique<Tasks>(nullptr, patience, signatures);
    return sandbox;
  }
  MINESCAN_TRY_ASSIGN(sandbox.matcher_, match::Matcher::create(signatures));
  auto nursery = examine::worker::Nursery::start({.matcher = sandbox.matcher_.get(),
                                                  .limits = limits,
                                                  .perform = perform,
                                                  .told = options.told});
  if (nursery) {
    sandbox.nursery_ = std::move(*nursery);
  } else {
    sandbox.why_not_ = nursery.error().what;
  }
  sandbox.tasks_ = std::make_unique<Tasks>(sandbox.nursery_.get(), patience, signatures);
  MINESCAN_TRY(sandbox.check(options));
  return sandbox;
}

Result<void> Sandbox::check(const Options& options) const {
  if (!options.require_sandbox) return {};
  const std::vector<std::string> notes = this->notes();
  if (notes.empty()) return {};
  return fail(Code::unsupported, "--require-sandbox: " + joined(notes) + "; see minescan doctor");
}

Result<void> Sandbox::start_git(const Options& options) {
  if (!options.sandbox) return {};
  acquire::ComparisonServer server(git_question(options));
  auto git = examine::worker::ReadingProcess::start(
      {.name = "minescan-git",
       .prepare = acquire::ComparisonServer::prepare,
       .open = [&] { return server.open(); },
       .serve = [&](int socket) { server.serve(socket); },
       .environment = kOfGit,
       .told = options.told,
       .patience = std::chrono::seconds(options.unit_seconds)});
  if (git) {
    git_ = std::move(*git);
  } else {
    why_no_git_ = git.error().what;
  }
  return check(options);
}

std::vector<std::string> Sandbox::notes() const {
  if (nursery_ == nullptr) {
    return {"untrusted bytes were read without a sandbox: " + why_not_};
  }
  std::vector<std::string> notes;
  const auto note = [&](const Result<examine::worker::Confinement>& confinement,
                        const std::string& what) {
    if (!confinement) {
      notes.push_back("the sandbox is not known: " + confinement.error().what);
    } else if (!confinement->whole()) {
      notes.push_back(what + " read in a weaker sandbox: " + joined(confinement->missing()));
    }
  };
  note(nursery_->confinement(), "untrusted bytes were");
  if (!why_no_git_.empty()) {
    notes.push_back("the git repository was read without a sandbox: " + why_no_git_);
  }
  if (git_ != nullptr) note(git_->confinement(), "the git repository was");
  return notes;
}

}  // namespace minescan::app
