#pragma once
// Libraries that are loaded when they are first called, and not with the program.  libcurl and
// libgit2 bring 31 of the 53 libraries that would be loaded otherwise: half the time of a start,
// which most scans need nothing of.  Workers are forked before, so there is no TLS, LDAP or
// Kerberos in the memory of what reads hostile bytes.
//
// Calls are written as ever: a file beside this one defines the functions by their own names and
// passes them on.  The compiler compares them with the library's header.

namespace minescan::acquire {

class SharedLibrary {
 public:
  // By the name that the linker would have written down (SONAME), found where the system's loader
  // finds libraries.  Without it the process says so in one sentence and ends with exit code 2, as
  // there is nobody to give an error to.
  explicit SharedLibrary(const char* name);

  // A function of it.  It stays for as long as the process does.
  template <typename Function>
  [[nodiscard]] Function find(const char* function) const {
    return reinterpret_cast<Function>(address(function));
  }

 private:
  [[nodiscard]] void* address(const char* function) const;

  const char* name_;
  void* handle_;
};

}  // namespace minescan::acquire

// Defines the function `name`, which `library` is asked for once.
#define MINESCAN_PASS_ON(library, result, name, parameters, ...)           \
  extern "C" result name parameters {                                      \
    static const auto function = library().find<decltype(&(name))>(#name); \
    return function(__VA_ARGS__);                                          \
  }
