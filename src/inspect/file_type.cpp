#include "inspect/file_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/ascii.h"
#include "inspect/wrappers/marshal.h"

namespace minescan::inspect {
namespace {

using std::string_view_literals::operator""sv;

struct Magic {
  std::string_view bytes;
  std::string_view name;
};

// Programs and what interpreters run without source.
constexpr std::array kExecutables = {
    Magic{"\x7f"
          "ELF"sv,
          "ELF"},
    Magic{"\0asm"sv, "WebAssembly"},
    Magic{"\xfe\xed\xfa\xce"sv, "Mach-O"},
    Magic{"\xfe\xed\xfa\xcf"sv, "Mach-O"},
    Magic{"\xce\xfa\xed\xfe"sv, "Mach-O"},
    Magic{"\xcf\xfa\xed\xfe"sv, "Mach-O"},
    Magic{"\xca\xfe\xba\xbe"sv, "Mach-O universal or Java class"},
    Magic{"MZ"sv, "PE"},
    Magic{"dex\n03"sv, "Dalvik executable"},
    Magic{"\x1bLua"sv, "Lua bytecode"},
    Magic{"BC\xc0\xde"sv, "LLVM bitcode"},
    Magic{"\x03\x02\x23\x07"sv, "SPIR-V"},
    Magic{"\x07\x23\x02\x03"sv, "SPIR-V"},
    Magic{"\x50\xed\x55\xba"sv, "CUDA fat binary"},
};

struct Suffix {
  std::string_view suffix;
  ViewKind view;
  std::string_view name;
};

// Lower case.  Only used for what already proved to be text.
constexpr std::array kSuffixes = {
    Suffix{".sh", ViewKind::script, "shell script"},
    Suffix{".bash", ViewKind::script, "shell script"},
    Suffix{".zsh", ViewKind::script, "shell script"},
    Suffix{".py", ViewKind::script, "Python"},
    Suffix{".pth", ViewKind::script, "Python path file"},
    Suffix{".js", ViewKind::script, "JavaScript"},
    Suffix{".mjs", ViewKind::script, "JavaScript"},
    Suffix{".cjs", ViewKind::script, "JavaScript"},
    Suffix{".ts", ViewKind::script, "TypeScript"},
    Suffix{".rb", ViewKind::script, "Ruby"},
    Suffix{".pl", ViewKind::script, "Perl"},
    Suffix{".php", ViewKind::script, "PHP"},
    Suffix{".lua", ViewKind::script, "Lua"},
    Suffix{".ps1", ViewKind::script, "PowerShell"},
    Suffix{".psm1", ViewKind::script, "PowerShell"},
    Suffix{".bat", ViewKind::script, "batch file"},
    Suffix{".cmd", ViewKind::script, "batch file"},
    Suffix{".vbs", ViewKind::script, "VBScript"},
    Suffix{".ahk", ViewKind::script, "AutoHotkey"},
    Suffix{".au3", ViewKind::script, "AutoIt"},
    Suffix{".go", ViewKind::script, "Go"},
    Suffix{".rs", ViewKind::script, "Rust"},
    Suffix{".c", ViewKind::script, "C"},
    Suffix{".h", ViewKind::script, "C"},
    Suffix{".cc", ViewKind::script, "C++"},
    Suffix{".cpp", ViewKind::script, "C++"},
    Suffix{".cu", ViewKind::script, "CUDA"},
    Suffix{".cl", ViewKind::script, "OpenCL"},
    Suffix{".java", ViewKind::script, "Java"},
    Suffix{".cs", ViewKind::script, "C#"},
    Suffix{".ipynb", ViewKind::script, "notebook"},
    Suffix{".service", ViewKind::script, "systemd unit"},
    Suffix{".timer", ViewKind::script, "systemd unit"},
    Suffix{".dockerfile", ViewKind::script, "Dockerfile"},
    Suffix{"dockerfile", ViewKind::script, "Dockerfile"},
    Suffix{"containerfile", ViewKind::script, "Dockerfile"},
    Suffix{"makefile", ViewKind::script, "Makefile"},
    Suffix{".mk", ViewKind::script, "Makefile"},
    Suffix{"jenkinsfile", ViewKind::script, "Jenkins pipeline"},
    Suffix{"crontab", ViewKind::script, "crontab"},
    Suffix{".fish", ViewKind::script, "shell script"},
    Suffix{".ksh", ViewKind::script, "shell script"},
    Suffix{".csh", ViewKind::script, "shell script"},
    Suffix{".bashrc", ViewKind::script, "shell script"},
    Suffix{".profile", ViewKind::script, "shell script"},
    Suffix{"rc.local", ViewKind::script, "shell script"},
    Suffix{".jsx", ViewKind::script, "JavaScript"},
    Suffix{".tsx", ViewKind::script, "TypeScript"},
    Suffix{".vue", ViewKind::script, "JavaScript"},
    Suffix{".svelte", ViewKind::script, "JavaScript"},
    Suffix{".coffee", ViewKind::script, "CoffeeScript"},
    Suffix{".groovy", ViewKind::script, "Groovy"},
    Suffix{".gradle", ViewKind::script, "Groovy"},
    Suffix{".kt", ViewKind::script, "Kotlin"},
    Suffix{".kts", ViewKind::script, "Kotlin"},
    Suffix{".scala", ViewKind::script, "Scala"},
    Suffix{".swift", ViewKind::script, "Swift"},
    Suffix{".m", ViewKind::script, "Objective-C"},
    Suffix{".nim", ViewKind::script, "Nim"},
    Suffix{".zig", ViewKind::script, "Zig"},
    Suffix{".jl", ViewKind::script, "Julia"},
    Suffix{".r", ViewKind::script, "R"},
    Suffix{".ex", ViewKind::script, "Elixir"},
    Suffix{".exs", ViewKind::script, "Elixir"},
    Suffix{".dart", ViewKind::script, "Dart"},
    Suffix{".tcl", ViewKind::script, "Tcl"},
    Suffix{".awk", ViewKind::script, "awk"},
    Suffix{".psd1", ViewKind::script, "PowerShell"},
    Suffix{".vb", ViewKind::script, "Visual Basic"},
    Suffix{".wsf", ViewKind::script, "Windows script"},
    Suffix{".hta", ViewKind::script, "Windows script"},
    Suffix{".jsp", ViewKind::script, "JSP"},
    Suffix{".asp", ViewKind::script, "ASP"},
    Suffix{".aspx", ViewKind::script, "ASP"},
    Suffix{".gemspec", ViewKind::script, "Ruby"},
    Suffix{"gemfile", ViewKind::script, "Ruby"},
    Suffix{"rakefile", ViewKind::script, "Ruby"},
    Suffix{"vagrantfile", ViewKind::script, "Ruby"},
    Suffix{"procfile", ViewKind::script, "Procfile"},
    Suffix{"cmakelists.txt", ViewKind::script, "CMake"},
    Suffix{".cmake", ViewKind::script, "CMake"},
    Suffix{".nix", ViewKind::script, "Nix"},
    Suffix{".spec", ViewKind::script, "rpm spec"},
    Suffix{".socket", ViewKind::script, "systemd unit"},
    Suffix{".desktop", ViewKind::script, "desktop entry"},
    Suffix{".rules", ViewKind::config, "rules"},
    Suffix{".gyp", ViewKind::config, "gyp"},
    Suffix{".gypi", ViewKind::config, "gyp"},
    Suffix{".tf", ViewKind::config, "Terraform"},
    Suffix{".tfvars", ViewKind::config, "Terraform"},
    Suffix{".hcl", ViewKind::config, "HCL"},
    Suffix{".nomad", ViewKind::config, "HCL"},
    Suffix{"package.json", ViewKind::script, "package.json"},
    Suffix{".json", ViewKind::config, "JSON"},
    Suffix{".json5", ViewKind::config, "JSON"},
    Suffix{".yaml", ViewKind::config, "YAML"},
    Suffix{".yml", ViewKind::config, "YAML"},
    Suffix{".toml", ViewKind::config, "TOML"},
    Suffix{".ini", ViewKind::config, "INI"},
    Suffix{".cfg", ViewKind::config, "configuration"},
    Suffix{".conf", ViewKind::config, "configuration"},
    Suffix{".env", ViewKind::config, "environment file"},
    Suffix{".properties", ViewKind::config, "properties"},
    Suffix{".xml", ViewKind::config, "XML"},
    Suffix{".plist", ViewKind::config, "XML"},
};

constexpr std::array kDocumentNames = {".md"sv,   ".markdown"sv, ".rst"sv,      ".txt"sv,
                                       ".adoc"sv, ".html"sv,     ".htm"sv,      "readme"sv,
                                       ".1"sv,    ".8"sv,        "changelog"sv, "license"sv};

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b') ||
         byte == 0x7f;
}

Encoding encoding_of(std::string_view head) {
  if (head.starts_with("\xff\xfe\0\0"sv)) return Encoding::utf32le;
  if (head.starts_with("\0\0\xfe\xff"sv)) return Encoding::utf32be;
  if (head.starts_with("\xff\xfe"sv)) return Encoding::utf16le;
  if (head.starts_with("\xfe\xff"sv)) return Encoding::utf16be;
  // Without a mark: text is mostly ASCII, so the zero bytes of wide characters stand in one column.
  const std::size_t units = head.size() / 4;
  if (units < 4) return Encoding::bytes;
  std::array<std::size_t, 4> zero{};
  std::array<std::size_t, 4> ascii{};
  for (std::size_t i = 0; i < units * 4; ++i) {
    if (head[i] == '\0') ++zero[i % 4];
    if (!is_control(head[i]) && static_cast<unsigned char>(head[i]) < 0x80) ++ascii[i % 4];
  }
  const auto most = [&](std::size_t n) { return n * 10 >= units * 9; };
  if (most(ascii[0]) && most(zero[1]) && most(zero[2]) && most(zero[3])) return Encoding::utf32le;
  if (most(zero[0]) && most(zero[1]) && most(zero[2]) && most(ascii[3])) return Encoding::utf32be;
  if (most(ascii[0]) && most(zero[1]) && most(ascii[2]) && most(zero[3])) return Encoding::utf16le;
  if (most(zero[0]) && most(ascii[1]) && most(zero[2]) && most(ascii[3])) return Encoding::utf16be;
  return Encoding::bytes;
}

// A few control bytes do not make a text binary: shells skip them, and a scanner that gave up at
// the first would be easy to blind.
bool is_text(std::string_view head) {
  const auto controls =
      static_cast<std::size_t>(std::count_if(head.begin(), head.end(), is_control));
  return controls * 20 <= head.size();
}

// Whether a line reads as prose: words and spaces that begin with a letter, and nothing that a
// shell would act on.
bool is_prose(std::string_view line) {
  if (line.size() < 20) return false;
  if (line.find_first_of("|;$`={}<>\\") != std::string_view::npos) return false;
  const auto letters = std::count_if(line.begin(), line.end(), [](unsigned char c) {
    return std::isalpha(c) != 0 || c == ' ' || c == ',' || c == '.' || c >= 0x80;
  });
  return letters * 10 >= static_cast<std::ptrdiff_t>(line.size()) * 8 &&
         std::count(line.begin(), line.end(), ' ') >= 3;
}

bool is_markup(std::string_view line) {
  return line.starts_with("## ") || line.starts_with("```") || line.starts_with("===") ||
         line.starts_with("<p") || line.starts_with("<h") || line.starts_with("<!DOCTYPE") ||
         line.starts_with(".SH") || line.starts_with(".TH") ||
         line.find("](") != std::string_view::npos;
}

// A name alone must not make a command harmless: a script can be called README.md.  So the content
// has to read as a document too.
bool reads_as_document(std::string_view head) {
  std::size_t lines = 0, prose = 0;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    ++lines;
    if (is_prose(line) || is_markup(line)) ++prose;
  }
  return lines > 0 && prose * 4 >= lines;
}

bool is_json(std::string_view head) {
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  const std::size_t next = head.find_first_not_of(" \t\r\n", first + 1);
  if (next == std::string_view::npos) return false;
  const char a = head[first], b = head[next];
  return (a == '{' && (b == '"' || b == '}' || b == '/')) || (a == '[' && (b == '{' || b == '"'));
}

// Nothing but NAME=value, comments and empty lines, and so several names.
bool reads_as_environment(std::string_view head) {
  std::size_t names = 0;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    const bool whole = end != std::string_view::npos;
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(whole ? end + 1 : head.size());
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    const std::size_t name = line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", first);
    if (name == std::string_view::npos && !whole) break;  // the head ends in it
    if (name == std::string_view::npos || name == first || line[name] != '=') return false;
    ++names;
  }
  return names > 1;
}

// Nothing but options, comments and empty lines, and several options: a program reads its command
// line out of the file.
bool reads_as_options(std::string_view head) {
  std::size_t options = 0;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    const bool whole = end != std::string_view::npos;
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(whole ? end + 1 : head.size());
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#' || line[first] == ';') continue;
    if (line[first] != '-') return false;
    const std::size_t name = line.find_first_not_of('-', first);
    if (name == std::string_view::npos || name > first + 2) return false;
    if (std::isalpha(static_cast<unsigned char>(line[name])) == 0) return false;
    ++options;
  }
  return options > 1;
}

FileType text_type(std::string_view head, std::string_view path) {
  if (head.starts_with("#!")) return {.view = ViewKind::script, .name = "script"};
  if (head.starts_with("#cloud-config")) return {.view = ViewKind::config, .name = "cloud-init"};
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  for (const Suffix& known : kSuffixes) {
    if (!name.ends_with(known.suffix)) continue;
    // What a notebook says and what it printed is not run; its code is a view of its own
    // (Commands).
    const bool notebook = known.name == "notebook" && is_json(head);
    return {.view = notebook ? ViewKind::document : known.view, .name = known.name};
  }
  // cron reads every file of these folders, whatever it is called.
  if (path.find("cron.d/") != std::string_view::npos ||
      path.find("crontabs/") != std::string_view::npos) {
    return {.view = ViewKind::script, .name = "crontab"};
  }
  if (name.starts_with("dockerfile.") || name.starts_with("containerfile.")) {
    return {.view = ViewKind::script, .name = "Dockerfile"};
  }
  if (name.starts_with(".env") || reads_as_environment(head)) {
    return {.view = ViewKind::config, .name = "environment file"};
  }
  if (reads_as_options(head)) return {.view = ViewKind::config, .name = "options"};
  if (is_json(head)) return {.view = ViewKind::config, .name = "JSON"};
  if (head.find("<script") != std::string_view::npos) {
    return {.view = ViewKind::script, .name = "HTML with scripts"};
  }
  const bool named_document =
      std::any_of(kDocumentNames.begin(), kDocumentNames.end(), [&](std::string_view part) {
        return part.front() == '.' ? name.ends_with(part) : name.starts_with(part);
      });
  if (named_document && reads_as_document(head)) {
    return {.view = ViewKind::document, .name = "document"};
  }
  return {.view = ViewKind::text, .name = "text"};
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  static constexpr std::array kNames = {"bytes"sv, "utf-16le"sv, "utf-16be"sv, "utf-32le"sv,
                                        "utf-32be"sv};
  return kNames.at(static_cast<std::size_t>(encoding));
}

FileType file_type(ByteView bytes, std::string_view name) {
  const std::string_view head = as_text(bytes.first(std::min(bytes.size(), kTypeBytes)));
  for (const Magic& magic : kExecutables) {
    if (head.starts_with(magic.bytes)) return {.view = ViewKind::executable, .name = magic.name};
  }
  // Python's own magic numbers end in "\r\n".  Without the name, the flags of 3.7 and later and the
  // first object tell.
  if (head.size() >= 16 && head[2] == '\r' && head[3] == '\n') {
    const std::string_view flags = head.substr(4, 4);
    const bool code = (flags[0] & ~3) == 0 && flags.substr(1) == "\0\0\0"sv &&
                      (head.substr(16, 1) == "\xe3"sv || head.substr(16, 1) == "c"sv);
    if (code || lower(name).ends_with(".pyc")) {
      return {.view = ViewKind::executable, .name = "Python bytecode"};
    }
  }
  if (wrappers::is_bare_code(as_bytes(head))) {
    return {.view = ViewKind::executable, .name = "Python bytecode"};
  }
  const Encoding encoding = encoding_of(head);
  if (encoding != Encoding::bytes) {
    FileType type = text_type({}, name);
    type.encoding = encoding;
    return type;
  }
  if (is_text(head)) return text_type(head, name);
  // A shell reads to where it is told to stop, whatever follows.
  const std::string_view front = head.substr(0, head.find('\0'));
  const bool padded = head.substr(front.size()).starts_with("\0\0\0\0\0\0\0\0"sv);
  if (front.size() >= 8 && is_text(front) && (padded || front.starts_with("#!"))) {
    FileType type = text_type(front, name);
    if (type.view == ViewKind::script) return type;
  }
  return {};
}

}  // namespace minescan::inspect
