#include "acquire/packages/config_file.h"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "acquire/files.h"
#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kConfigLimit = std::size_t{1} << 20;

bool may_be_judged(const std::string& folder) {
  std::error_code absent;
  const std::string real = std::filesystem::weakly_canonical(folder, absent).string();
  const std::string here = std::filesystem::current_path(absent).string();
  return (real + "/").find("/node_modules/") != std::string::npos ||
         (here != "/" && (real + "/").starts_with(here + "/"));
}

}  // namespace

Result<std::optional<std::string>> read_config(const std::string& path) {
  const auto file = open_named_file(path);
  if (!file) {
    if (file.error().code == Code::not_found) return std::optional<std::string>();
    return fail(Code::usage, "configuration file: " + file.error().what);
  }
  auto text = read_whole(file->get(), path, kConfigLimit);
  if (!text) return fail(Code::usage, "configuration file: " + text.error().what);
  return std::optional<std::string>(std::move(*text));
}

std::string program_path(const std::string& name, const std::string& search_path) {
  std::string_view rest = search_path;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (!folder.starts_with('/') || may_be_judged(std::string(folder))) continue;
    std::error_code absent;
    const auto path = std::filesystem::canonical(std::string(folder) + "/" + name, absent);
    if (!absent && std::filesystem::is_regular_file(path, absent)) return path.string();
  }
  return {};
}

std::string parent_folder(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace minescan::acquire
