#pragma once
// Images for tests, made in the test: tar archives byte by byte, OCI layouts, Docker archives, and
// directories to put them in.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace minescan::test {

// A directory of its own below $TMPDIR, removed at the end.
class TempDirectory {
 public:
  TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();
  [[nodiscard]] std::string path(const std::string& below = "") const;
  // Writes a file, with the directories that lead to it; returns its path.
  std::string write(const std::string& below, const std::string& bytes) const;

 private:
  std::filesystem::path root_;
};

struct TarMember {
  std::string name;
  std::string body;
  char type = '0';
  std::string target;
};

// ustar, with the two zero blocks at the end.
std::string tar_bytes(const std::vector<TarMember>& members);

// A gzip member with stored blocks, so that no compressor is needed.
std::string gzip_bytes(const std::string& bytes);

// Blobs under their digests, and the documents over them.
struct BlobSet {
  std::map<std::string, std::string> blobs;  // digest to bytes

  // Each returns a descriptor as JSON text.
  std::string add(const std::string& media_type, const std::string& bytes);
  std::string add_config(const std::string& os, const std::string& architecture,
                         const std::vector<std::string>& diff_ids,
                         const std::vector<std::string>& commands = {});
  std::string add_manifest(const std::string& config, const std::vector<std::string>& layers);
  std::string add_index(const std::vector<std::string>& manifests);
};

inline const std::string kLayerType = "application/vnd.oci.image.layer.v1.tar";
inline const std::string kConfigType = "application/vnd.oci.image.config.v1+json";
inline const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline const std::string kIndexType = "application/vnd.oci.image.index.v1+json";

// A descriptor with more members before its end: with(d, R"("urls":["x"])").
std::string with(const std::string& descriptor, const std::string& members);
std::string digest_of(const std::string& descriptor);
std::string index_json(const std::vector<std::string>& manifests);

// One layer with one file, for linux/amd64; returns the manifest's descriptor.
std::string simple_image(BlobSet& blobs, const std::string& file_body,
                         const std::string& architecture = "amd64");

// The files of a layout: oci-layout, index.json, blobs/….
std::vector<TarMember> layout_members(const BlobSet& blobs, const std::string& index);
void write_layout(const TempDirectory& directory, const std::string& below, const BlobSet& blobs,
                  const std::string& index);

}  // namespace minescan::test
