#include "acquire/shared_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace minescan::acquire {
namespace {

[[noreturn]] void end(const char* library) {
  const char* why = ::dlerror();
  const std::string line = "minescan: the library " + std::string(library) +
                           " cannot be loaded: " + (why != nullptr ? why : "no reason was given") +
                           "; install the package that has it\n";
  // Whether that could be written changes nothing.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(2);
}

}  // namespace

SharedLibrary::SharedLibrary(const char* name)
    : name_(name), handle_(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) end(name_);
}

void* SharedLibrary::address(const char* function) const {
  void* found = ::dlsym(handle_, function);
  if (found == nullptr) end(name_);
  return found;
}

}  // namespace minescan::acquire
