#include "acquire/packages/package_registry.h"

#include "acquire/packages/integrity.h"
#include "base/printable.h"

namespace minescan::acquire {

Result<std::shared_ptr<Transfers>> PackageContext::transfers(
    const std::string& ca_file, const std::vector<std::string>& unchecked_hosts) const {
  HttpSettings settings = http;
  settings.insecure = options.insecure;
  settings.insecure.insert(settings.insecure.end(), unchecked_hosts.begin(), unchecked_hosts.end());
  settings.ca_file = options.ca_file.empty() ? ca_file : options.ca_file;
  return Transfers::create(std::move(settings), slots, options.max_package_bytes);
}

std::string unit_name(Ecosystem ecosystem, const std::string& name, const std::string& version) {
  const std::string prefix(ecosystem == Ecosystem::cargo ? "crate" : ecosystem_name(ecosystem));
  return prefix + ":" + name + (version.empty() ? "" : "@" + version);
}

RemoteFile file_at(const Url& url, const std::string& name, const PackageFile* promised,
                   Notes& notes) {
  RemoteFile file{.name = name, .url = url};
  if (promised != nullptr) {
    file.digests = strongest(promised->integrity);
    file.size = promised->size;
  }
  if (file.digests.empty()) {
    notes.add("nobody promises a digest for " + printable(name, 300) +
              "; it is scanned as it came");
  }
  return file;
}

}  // namespace minescan::acquire
