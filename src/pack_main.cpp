// minescan-pack SIGNATURES_DIR OUTPUT: compiles signatures/ into the pack that the program carries.
// Runs at build time only.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "match/signature_set.h"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc != 3) {
    std::fprintf(stderr, "usage: minescan-pack SIGNATURES_DIR OUTPUT\n");
    return 2;
  }
  const fs::path root = argv[1];
  std::vector<minescan::match::SignatureFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".yaml") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files.push_back({fs::relative(entry.path(), root).string(), text.str()});
  }
  // The order of a directory is the file system's; the pack's must not be.
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });

  const auto set = minescan::match::SignatureSet::compile(files);
  if (!set) {
    std::fprintf(stderr, "minescan-pack: %s\n", set.error().what.c_str());
    return 1;
  }
  const auto pack = (*set)->to_pack();
  if (!pack) {
    std::fprintf(stderr, "minescan-pack: %s\n", pack.error().what.c_str());
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary);
  out.write(pack->data(), static_cast<std::streamsize>(pack->size()));
  out.close();
  if (!out) {
    std::fprintf(stderr, "minescan-pack: cannot write %s\n", argv[2]);
    return 1;
  }
  return 0;
}
