#include "acquire/platform.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

struct Alias {
  std::string_view spelled, architecture, variant;
};
constexpr std::array<Alias, 6> kAliases = {{{"x86_64", "amd64", ""},
                                            {"x86-64", "amd64", ""},
                                            {"aarch64", "arm64", ""},
                                            {"armhf", "arm", "v7"},
                                            {"armel", "arm", "v6"},
                                            {"i386", "386", ""}}};

// Higher first; a machine runs what stands behind its own.
constexpr std::array<std::string_view, 5> kArmVariants = {"v8", "v7", "v6", "v5", ""};

// v8 is the only arm64 there was when the variant was invented, so it is left out as often as not.
std::string plain_variant(const Platform& platform) {
  if (platform.architecture == "arm64" && platform.variant == "v8") return {};
  return platform.variant;
}

// The variants that fit, best first.
std::vector<std::string> acceptable(const Platform& wish) {
  if (wish.architecture == "arm") {
    const auto at = std::find(kArmVariants.begin(), kArmVariants.end(), wish.variant);
    if (at != kArmVariants.end()) return {at, kArmVariants.end()};
  }
  return {plain_variant(wish)};
}

}  // namespace

Result<Platform> parse_platform(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const bool empty_part =
      std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
  if (parts.size() < 2 || parts.size() > 3 || empty_part || text.find(':') != std::string::npos) {
    return fail(Code::usage, in_quotes(text, 100) +
                                 " is not a platform; write os/architecture or "
                                 "os/architecture/variant, such as linux/arm64");
  }
  Platform platform{parts[0], parts[1], parts.size() == 3 ? parts[2] : std::string()};
  for (const Alias& alias : kAliases) {
    if (platform.architecture != alias.spelled) continue;
    platform.architecture = alias.architecture;
    if (platform.variant.empty()) platform.variant = alias.variant;
  }
  return platform;
}

bool same_machine(const Platform& wish, const Platform& there) {
  return wish.os == there.os && wish.architecture == there.architecture;
}

std::vector<bool> select(const Platform& wish, const std::vector<Platform>& there) {
  std::vector<bool> taken(there.size(), false);
  if (wish.variant.empty()) {
    std::transform(there.begin(), there.end(), taken.begin(),
                   [&](const Platform& platform) { return same_machine(wish, platform); });
    return taken;
  }
  for (const std::string& variant : acceptable(wish)) {
    bool any = false;
    for (std::size_t i = 0; i < there.size(); ++i) {
      if (!same_machine(wish, there[i]) || plain_variant(there[i]) != variant) continue;
      taken[i] = any = true;
    }
    if (any) break;
  }
  return taken;
}

}  // namespace minescan::acquire
