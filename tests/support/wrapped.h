#pragma once
// Makes what wrappers of scripts and programs append to an interpreter, honest ones and others.

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/compressors.h"

namespace minescan::test {

inline std::string big32(std::uint64_t value) {
  std::string bytes = little(static_cast<std::uint32_t>(value));
  return {bytes.rbegin(), bytes.rend()};
}
inline std::string little32(std::uint64_t value) {
  return little(static_cast<std::uint32_t>(value));
}
inline std::string little64(std::uint64_t value) { return little(value); }

inline std::string zlib_of(std::string_view text) {
  std::uint32_t a = 1, b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return "\x78\x9c" + raw_deflate(text) + big32(b << 16 | a);
}

// --- asar

// `base` is added to nothing: `json` says where in `files` things lie.
inline std::string asar(const std::string& json, const std::string& files) {
  const std::string text = json + std::string((4 - json.size() % 4) % 4, '\0');
  return little32(4) + little32(text.size() + 8) + little32(text.size() + 4) +
         little32(json.size()) + text + files;
}

// --- Node.js

struct SeaSpec {
  std::uint32_t flags = 0;
  std::string path = "main.js";
  std::string script;
  std::string code_cache;                                   // with flag 4
  std::vector<std::pair<std::string, std::string>> assets;  // with flag 8
  std::optional<std::uint64_t> script_size;                 // instead of the script's
  bool extra_byte = false;                                  // of version 24
};

inline std::string sea_text(std::string_view text) {
  return little64(text.size()) + std::string(text);
}

inline std::string sea(const SeaSpec& spec) {
  std::string bytes = little32(0x0143da20) + little32(spec.flags);
  if (spec.extra_byte) bytes += '\1';
  bytes += sea_text(spec.path);
  bytes += little64(spec.script_size.value_or(spec.script.size())) + spec.script;
  if ((spec.flags & 4) != 0) bytes += sea_text(spec.code_cache);
  if ((spec.flags & 8) == 0) return bytes;
  bytes += little64(spec.assets.size());
  for (const auto& [name, body] : spec.assets) bytes += sea_text(name) + sea_text(body);
  return bytes;
}

inline std::string nexe(const std::string& script, const std::string& resources,
                        std::optional<double> claimed = std::nullopt) {
  const auto number = [](double value) { return little64(std::bit_cast<std::uint64_t>(value)); };
  return script + resources + "<nexe~~sentinel>" +
         number(claimed.value_or(static_cast<double>(script.size()))) +
         number(static_cast<double>(resources.size()));
}

inline std::string pkg(const std::string& payload, const std::string& table) {
  return payload +
         "(function(process, require, console, EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE) {\n"
         "return (function (REQUIRE_COMMON, VIRTUAL_FILESYSTEM) {\n{\"no\": table};\n"
         "})(function (exports) {\n},\n" +
         table + "\n,\n\"/snapshot/app/index.js\"\n);\n});";
}

// --- marshalled Python of 3.11

inline std::string py_text(std::string_view text) {
  return 'z' + std::string(1, static_cast<char>(text.size())) + std::string(text);
}
inline std::string py_bytes(std::string_view text) {
  return 's' + little32(text.size()) + std::string(text);
}
inline std::string py_int(std::int32_t number) {
  return 'i' + little32(static_cast<std::uint32_t>(number));
}
inline std::string py_tuple(const std::vector<std::string>& items) {
  std::string bytes = ')' + std::string(1, static_cast<char>(items.size()));
  for (const std::string& item : items) bytes += item;
  return bytes;
}
inline std::string py_code(const std::vector<std::string>& constants) {
  const std::string none = py_tuple({});
  return '\xe3' + std::string(20, '\0') + py_bytes("code") + py_tuple(constants) +
         py_tuple({py_text("os"), py_text("system")}) + none + py_bytes("") + py_text("mine.py") +
         py_text("<module>") + py_text("<module>") + little32(1) + py_bytes("") + py_bytes("");
}
inline std::string pyc(const std::string& code) {
  return std::string("\xa7\x0d\r\n", 4) + std::string(12, '\0') + code;
}

// --- PyInstaller

struct PyEntry {
  char type = 'b';
  std::string name;
  std::string body;
  bool compressed = true;
};

inline std::string pyz(const std::vector<std::pair<std::string, std::string>>& modules) {
  std::string bodies;
  std::vector<std::string> rows;
  for (const auto& [name, code] : modules) {
    const std::string packed = zlib_of(code);
    rows.push_back(py_tuple(
        {py_text(name), py_tuple({py_int(0), py_int(static_cast<std::int32_t>(12 + bodies.size())),
                                  py_int(static_cast<std::int32_t>(packed.size()))})}));
    bodies += packed;
  }
  std::string table = '[' + little32(rows.size());
  for (const std::string& row : rows) table += row;
  return std::string("PYZ\0\xa7\x0d\r\n", 8) + big32(12 + bodies.size()) + bodies + table;
}

inline std::string pyinstaller(const std::vector<PyEntry>& entries) {
  std::string bodies, table;
  for (const PyEntry& entry : entries) {
    const std::string body = entry.compressed ? zlib_of(entry.body) : entry.body;
    std::string name = entry.name + '\0';
    name.resize((name.size() + 18 + 15) / 16 * 16 - 18, '\0');
    table += big32(18 + name.size()) + big32(bodies.size()) + big32(body.size()) +
             big32(entry.body.size()) + (entry.compressed ? '\1' : '\0') + entry.type + name;
    bodies += body;
  }
  const std::size_t size = bodies.size() + table.size() + 88;
  std::string library = "libpython3.11.so.1.0";
  library.resize(64, '\0');
  return bodies + table + "MEI\x0c\x0b\x0a\x0b\x0e" + big32(size) + big32(bodies.size()) +
         big32(table.size()) + big32(311) + library;
}

// --- .NET

struct NetFile {
  std::string name;
  std::string body;
  bool compressed = false;
};

inline const std::string kNetHostMark(
    "\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32"
    "\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae");

// `host`, with the mark behind it, then the files and the manifest.
inline std::string net_bundle(const std::string& host, const std::vector<NetFile>& files,
                              std::uint32_t major = 6) {
  const std::size_t begin = host.size() + 8 + kNetHostMark.size();
  std::string bodies, rows;
  const auto text = [](const std::string& name) {
    return std::string(1, static_cast<char>(name.size())) + name;
  };
  for (const NetFile& file : files) {
    const std::string body = file.compressed ? raw_deflate(file.body) : file.body;
    rows += little64(begin + bodies.size()) + little64(file.body.size());
    if (major >= 6) rows += little64(file.compressed ? body.size() : 0);
    rows += '\1' + text(file.name);
    bodies += body;
  }
  std::string manifest = little32(major) + little32(0) + little32(files.size()) + text("id");
  if (major >= 2) manifest += std::string(40, '\0');
  return host + little64(begin + bodies.size()) + kNetHostMark + bodies + manifest + rows;
}

}  // namespace minescan::test
