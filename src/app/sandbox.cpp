#include "app/sandbox.h"

#include <utility>

namespace minescan::app {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

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
  if (!options.require_sandbox) return sandbox;
  const std::vector<std::string> notes = sandbox.notes();
  if (notes.empty()) return sandbox;
  return fail(Code::unsupported, "--require-sandbox: " + joined(notes) + "; see minescan doctor");
}

std::vector<std::string> Sandbox::notes() const {
  if (nursery_ == nullptr) {
    return {"untrusted bytes were read without a sandbox: " + why_not_};
  }
  const auto confinement = nursery_->confinement();
  if (!confinement) return {"the sandbox is not known: " + confinement.error().what};
  if (confinement->whole()) return {};
  return {"untrusted bytes were read in a weaker sandbox: " + joined(confinement->missing())};
}

}  // namespace minescan::app
