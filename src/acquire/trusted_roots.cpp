#include "acquire/trusted_roots.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "acquire/curl_options.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

Result<std::string> read_file(const std::string& path, const char* what) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good() || text.str().empty()) {
    return fail(Code::usage, std::string(what) + " " + printable(path) + " cannot be read");
  }
  return text.str();
}

// "4042bcee.0", as OpenSSL looks for a certificate: the hash of its subject and a number.
bool is_hashed_name(std::string_view name) {
  constexpr std::size_t kHashDigits = 8;
  return name.size() > kHashDigits + 1 && name[kHashDigits] == '.' &&
         name.substr(0, kHashDigits).find_first_not_of("0123456789abcdef") == name.npos &&
         name.substr(kHashDigits + 1).find_first_not_of("0123456789") == name.npos;
}

bool has_hashed_names(const std::string& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator files(folder, error), end;
  if (error) return false;
  for (auto file = files; file != end; file.increment(error)) {
    if (error) return false;
    if (is_hashed_name(file->path().filename().native())) return true;
  }
  return false;
}

std::string chosen(std::string by_environment, const char* by_curl) {
  if (!by_environment.empty() || by_curl == nullptr) return by_environment;
  return by_curl;
}

}  // namespace

Result<TrustedRoots> TrustedRoots::create(const std::string& ca_file,
                                          const Environment& environment) {
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  TrustedRoots roots;
  roots.bundle_ = chosen(environment.get("SSL_CERT_FILE"), info->cainfo);
  roots.folder_ = chosen(environment.get("SSL_CERT_DIR"), info->capath);
  // GnuTLS reads all of a folder.  SSL_CERT_DIR may name several; then all roots are read as well.
  const std::string_view tls = info->ssl_version != nullptr ? info->ssl_version : "";
  roots.folder_serves_ = tls.starts_with("OpenSSL/") && has_hashed_names(roots.folder_);
  if (ca_file.empty()) return roots;

  MINESCAN_TRY_ASSIGN(roots.own_, read_file(ca_file, "--cacert file"));
  if (roots.own_.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return fail(Code::usage, "--cacert file " + printable(ca_file) + " holds no PEM certificate");
  }
  // curl takes a text or a file, not both.  A machine without a bundle is not an error: the user's
  // own roots may be all it needs.
  roots.own_and_all_ = roots.own_;
  if (auto bundle = read_file(roots.bundle_, "")) roots.own_and_all_ += "\n" + *bundle;
  return roots;
}

void TrustedRoots::give(void* easy, Set set) const {
  const std::string& own = set == Set::all ? own_and_all_ : own_;
  if (!own.empty()) {
    curl_blob blob{const_cast<char*>(own.data()), own.size(), CURL_BLOB_NOCOPY};
    set_option(easy, CURLOPT_CAINFO_BLOB, &blob);
  } else {
    const bool bundle = set == Set::all && !bundle_.empty();
    set_option(easy, CURLOPT_CAINFO, bundle ? bundle_.c_str() : static_cast<const char*>(nullptr));
  }
  if (!folder_.empty()) set_option(easy, CURLOPT_CAPATH, folder_.c_str());
}

}  // namespace minescan::acquire
