#pragma once
// Signature packs as files: using one that a trusted key signed, and making one.

#include <memory>
#include <string>

#include "app/options.h"
#include "base/result.h"
#include "match/signature_set.h"

namespace minescan::app {

// The signatures of the pack in the file, which --signatures or --signatures-only names.  Errors:
// --signature-key names nobody who signed it; it was changed or cut short; it is older than
// --signatures-min-version, or than what was used on this machine before.  Where that cannot be
// remembered a warning goes to standard error, unless there is a --signatures-min-version.
Result<std::shared_ptr<const match::SignatureSet>> load_pack(const Options& options,
                                                             const std::string& path);

// Whether the command tests its signatures.
match::Examples wanted_examples(const Options& options);

// `minescan signatures build`: a signed pack out of a directory of signatures.
Result<int> run_signatures_build(const Options& options);

// `minescan signatures keygen`: a new key, as FILE and FILE.pub.
Result<int> run_signatures_keygen(const Options& options);

}  // namespace minescan::app
