#pragma once
// Where libgit2 gets a repository's objects from: from files that are read here (loose.h, pack.h),
// because its own readers go round in circles, crash, or take all memory on damaged ones.  What it
// gets it compares with the id that it asked for.  Neither an index over several packs nor a graph
// of commits is believed or read, as nothing compares those with the objects.

#include <git2.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace minescan::acquire {

// Before the first object is read of the repository.  Directories of objects: its own, then those
// that it borrows from (places.h); what one cannot give the next is asked for.  What is wrong with
// an object is what libgit2 says of it, one sentence.  Errors: Code::io when libgit2 refuses.
Result<void> read_objects_here(git_repository* repo, std::vector<std::string> directories);

}  // namespace minescan::acquire
