#include <sys/stat.h>

#include "acquire/acquire.h"
#include "acquire/local_file.h"
#include "acquire/quoted.h"

namespace minescan::acquire {

Result<Acquired> package(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return fail(Code::usage,
                in_quotes(path) + " is a directory, not a package; scan it with 'minescan repo'");
  }
  return local_file(path, Artifact::Kind::package);
}

}  // namespace minescan::acquire
