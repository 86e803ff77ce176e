#include "support/image_bytes.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "base/digest.h"
#include "base/json.h"

namespace minescan::test {
namespace {

std::string octal(std::uint64_t value, int width) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llo", width - 1, static_cast<unsigned long long>(value));
  return std::string(text, static_cast<std::size_t>(width));
}

std::string list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ",";
    text += item;
  }
  return text + "]";
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::string little(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xffU);
  return text;
}

}  // namespace

TempDirectory::TempDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "minescan-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp: " + pattern);
  root_ = pattern;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;  // a test that failed half-way may leave odd permissions
  std::filesystem::remove_all(root_, ignored);
}

std::string TempDirectory::path(const std::string& below) const {
  return below.empty() ? root_.string() : (root_ / below).string();
}

std::string TempDirectory::write(const std::string& below, const std::string& bytes) const {
  const std::filesystem::path file = root_ / below;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
  return file.string();
}

std::string tar_bytes(const std::vector<TarMember>& members) {
  std::string tar;
  for (const TarMember& member : members) {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) {
      header.replace(at, text.size(), text);
    };
    if (member.name.size() > 100) throw std::runtime_error("name too long: " + member.name);
    put(0, member.name);
    put(100, octal(0644, 8));
    put(124, octal(member.body.size(), 12));
    put(136, octal(0, 12));
    put(148, "        ");
    header[156] = member.type;
    put(157, member.target);
    put(257, std::string("ustar\0", 6));
    put(263, "00");
    std::uint64_t sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, octal(sum, 7));
    tar += header + member.body;
    tar.append((512 - member.body.size() % 512) % 512, '\0');
  }
  return tar + std::string(1024, '\0');
}

std::string gzip_bytes(const std::string& bytes) {
  std::string out("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
  for (std::size_t at = 0; at == 0 || at < bytes.size(); at += 65535) {
    const std::string part = bytes.substr(at, 65535);
    const auto size = static_cast<std::uint32_t>(part.size());
    out += at + 65535 >= bytes.size() ? '\x01' : '\x00';
    out += little(size, 2) + little(~size, 2) + part;
  }
  return out + little(crc32(bytes), 4) + little(static_cast<std::uint32_t>(bytes.size()), 4);
}

std::string BlobSet::add(const std::string& media_type, const std::string& bytes) {
  const std::string digest = sha256(as_bytes(bytes));
  blobs[digest] = bytes;
  return R"({"mediaType":")" + media_type + R"(","digest":")" + digest + R"(","size":)" +
         std::to_string(bytes.size()) + "}";
}

std::string BlobSet::add_config(const std::string& os, const std::string& architecture,
                                const std::vector<std::string>& diff_ids,
                                const std::vector<std::string>& commands) {
  Json config = {{"os", os}, {"architecture", architecture}};
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};
  for (const std::string& command : commands) {
    // "#ENV …" stands for an instruction that makes no layer.
    Json entry = {{"created_by", command}};
    if (command.starts_with('#')) entry["empty_layer"] = true;
    config["history"].push_back(entry);
  }
  return add(kConfigType, write_json(config));
}

std::string BlobSet::add_manifest(const std::string& config,
                                  const std::vector<std::string>& layers) {
  return add(kManifestType, R"({"schemaVersion":2,"mediaType":")" + kManifestType +
                                R"(","config":)" + config + R"(,"layers":)" + list(layers) + "}");
}

std::string BlobSet::add_index(const std::vector<std::string>& manifests) {
  return add(kIndexType, index_json(manifests));
}

std::string with(const std::string& descriptor, const std::string& members) {
  return descriptor.substr(0, descriptor.size() - 1) + "," + members + "}";
}

std::string digest_of(const std::string& descriptor) {
  return json_string(parse_json(as_bytes(descriptor)).value(), "digest");
}

std::string index_json(const std::vector<std::string>& manifests) {
  return R"({"schemaVersion":2,"mediaType":")" + kIndexType + R"(","manifests":)" +
         list(manifests) + "}";
}

std::string simple_image(BlobSet& blobs, const std::string& file_body,
                         const std::string& architecture) {
  const std::string layer = tar_bytes({{"bin/app", file_body}});
  const std::string config =
      blobs.add_config("linux", architecture, {sha256(as_bytes(layer))}, {"COPY app /bin/app"});
  return blobs.add_manifest(config, {blobs.add(kLayerType, layer)});
}

std::vector<TarMember> layout_members(const BlobSet& blobs, const std::string& index) {
  std::vector<TarMember> members = {{"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"},
                                    {"index.json", index}};
  for (const auto& [digest, bytes] : blobs.blobs) {
    members.push_back({"blobs/sha256/" + digest.substr(7), bytes});
  }
  return members;
}

void write_layout(const TempDirectory& directory, const std::string& below, const BlobSet& blobs,
                  const std::string& index) {
  for (const TarMember& member : layout_members(blobs, index)) {
    directory.write(below + "/" + member.name, member.body);
  }
}

}  // namespace minescan::test
