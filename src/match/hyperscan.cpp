#include "match/hyperscan.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <numeric>

#include "base/large_memory.h"

namespace minescan::match {
namespace {

using CompileErrorHandle = std::unique_ptr<hs_compile_error_t, Freer<hs_free_compile_error>>;

unsigned flags_of(const Indicator& indicator) {
  unsigned flags = HS_FLAG_DOTALL;
  if (indicator.caseless) flags |= HS_FLAG_CASELESS;
  return flags;
}

constexpr ViewMask kBinaryViews = view_bit(ViewKind::executable) | view_bit(ViewKind::binary);
constexpr ViewMask kTextViews = view_bit(ViewKind::script) | view_bit(ViewKind::config) |
                                view_bit(ViewKind::document) | view_bit(ViewKind::text);
constexpr ViewMask kShortViews = view_bit(ViewKind::argv) | view_bit(ViewKind::command) |
                                 view_bit(ViewKind::image_config) | view_bit(ViewKind::path) |
                                 view_bit(ViewKind::kernels) | view_bit(ViewKind::packer) |
                                 view_bit(ViewKind::change);
// No patterns look into numbers.
static_assert((kBinaryViews | kTextViews | kShortViews | view_bit(ViewKind::code) |
               view_bit(ViewKind::gpu_code)) == kAllViews);

// Anchors would be false at the seams of windows, so they are refused; a lexical look is enough,
// since the expression itself was accepted before.
bool has_anchor(std::string_view regex) {
  bool in_class = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '\\') {
      ++i;
      if (i < regex.size() && !in_class &&
          std::string_view("bBAzZG").find(regex[i]) != std::string_view::npos) {
        return true;
      }
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (i + 1 < regex.size() && regex[i + 1] == '^') ++i;
      if (i + 1 < regex.size() && regex[i + 1] == ']') ++i;  // a leading ] is a member
    } else if (c == '^' || c == '$') {
      return true;
    }
  }
  return false;
}

// How wide what confirms a hit can be: the less RE2 looks at around each hit, the better.  What
// Hyperscan cannot read gets the most there is.
std::uint32_t confirm_width(const Indicator& indicator) {
  std::string regex;
  for (std::size_t i = 0; i < indicator.confirm.size(); ++i) {
    const std::string_view rest = std::string_view(indicator.confirm).substr(i);
    const std::size_t end = rest.starts_with("(?P<") ? rest.find('>') : std::string_view::npos;
    if (end == std::string_view::npos) {
      regex += rest.front();
    } else {
      regex += "(?:";  // Hyperscan has no named groups
      i += end;
    }
  }
  hs_expr_info_t* raw_info = nullptr;
  hs_compile_error_t* raw_error = nullptr;
  const hs_error_t status =
      hs_expression_info(regex.c_str(), flags_of(indicator), &raw_info, &raw_error);
  const std::unique_ptr<hs_expr_info_t, Freer<std::free>> info(raw_info);
  const CompileErrorHandle error(raw_error);
  if (status != HS_SUCCESS || info->max_width == 0) return kReach;
  return std::min<std::uint32_t>(info->max_width, kReach);
}

Result<void> measure_pattern(const Indicator& indicator, Pattern& pattern) {
  const auto reject = [&](const std::string& why) {
    return fail(Code::usage, indicator.where + ": the pattern of '" + indicator.id + "' " + why +
                                 ": " + pattern.regex.substr(0, 120));
  };
  hs_expr_info_t* raw_info = nullptr;
  hs_compile_error_t* raw_error = nullptr;
  const hs_error_t status =
      hs_expression_info(pattern.regex.c_str(), flags_of(indicator), &raw_info, &raw_error);
  const std::unique_ptr<hs_expr_info_t, Freer<std::free>> info(raw_info);
  const CompileErrorHandle error(raw_error);
  if (status != HS_SUCCESS) {
    return reject(std::string("is not a pattern (") + (error ? error->message : "?") + ")");
  }
  if (info->max_width == std::numeric_limits<unsigned>::max()) {
    return reject("has no bounded width; give every repeat an upper bound");
  }
  if (info->max_width > kReach) {
    return reject("can match " + std::to_string(info->max_width) +
                  " bytes; at most 2048 are allowed");
  }
  if (info->min_width == 0) return reject("matches the empty text");
  if (has_anchor(pattern.regex)) {
    return reject("is anchored; anchors belong into 'confirm'");
  }
  pattern.least = info->min_width;
  pattern.widest = info->max_width;
  return {};
}

}  // namespace

std::size_t group_of(ViewKind kind) {
  const ViewMask bit = view_bit(kind);
  return (bit & kBinaryViews) != 0 ? 0 : (bit & kTextViews) != 0 ? 1 : 2;
}

ViewMask group_views(std::size_t group) {
  static constexpr ViewMask kViews[kGroups] = {kBinaryViews, kTextViews, kShortViews};
  return kViews[group];
}

Result<void> measure(std::vector<Indicator>& indicators) {
  for (Indicator& indicator : indicators) {
    for (Pattern& pattern : indicator.patterns) {
      if (!pattern.regex.empty() && pattern.literal == 0)
        MINESCAN_TRY(measure_pattern(indicator, pattern));
    }
    if (!indicator.confirm.empty()) indicator.confirm_widest = confirm_width(indicator);
  }
  return {};
}

namespace {

std::vector<Expression> expressions_of(const std::vector<Indicator>& indicators, std::size_t group,
                                       bool runs) {
  std::vector<Expression> list;
  for (std::uint32_t i = 0; i < indicators.size(); ++i) {
    if ((indicators[i].views & group_views(group)) == 0) continue;
    for (std::uint32_t p = 0; p < indicators[i].patterns.size(); ++p) {
      const bool is_run = indicators[i].patterns[p].run != Alphabet::none;
      if (is_run == runs) list.push_back({i, p});
    }
  }
  return list;
}

}  // namespace

std::vector<Expression> expressions(const std::vector<Indicator>& indicators, std::size_t group) {
  return expressions_of(indicators, group, false);
}

std::vector<Expression> runs(const std::vector<Indicator>& indicators, std::size_t group) {
  return expressions_of(indicators, group, true);
}

namespace {

hs_platform_info_t platform_of(Cpu cpu) {
  hs_platform_info_t platform{};
  platform.tune = HS_TUNE_FAMILY_GENERIC;
#ifdef HS_CPU_FEATURES_AVX2
  if (cpu == Cpu::avx2) platform.cpu_features = HS_CPU_FEATURES_AVX2;
#else
  static_cast<void>(cpu);
#endif
  return platform;
}

struct Refusal {
  std::string why;
  std::size_t expression = 0;  // which is refused; beyond the last when none alone is
};

// The expressions get their indices as ids.
tl::expected<DatabaseHandle, Refusal> compile(const std::vector<const char*>& regexes,
                                              const std::vector<unsigned>& flags, Cpu cpu) {
  std::vector<unsigned> ids(regexes.size());
  std::iota(ids.begin(), ids.end(), 0u);
  const hs_platform_info_t platform = platform_of(cpu);
  hs_database_t* raw = nullptr;
  hs_compile_error_t* raw_error = nullptr;
  const hs_error_t status = hs_compile_multi(
      regexes.data(), flags.data(), ids.data(), static_cast<unsigned>(regexes.size()),
      HS_MODE_BLOCK, cpu == Cpu::native ? nullptr : &platform, &raw, &raw_error);
  DatabaseHandle database(raw);
  const CompileErrorHandle error(raw_error);
  if (status == HS_SUCCESS) return database;
  const bool alone = error && error->expression >= 0;
  return tl::unexpected(
      Refusal{.why = error ? error->message : "Hyperscan failed",
              .expression = alone ? static_cast<std::size_t>(error->expression) : regexes.size()});
}

}  // namespace

namespace {

std::string word_regex(std::uint32_t value) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string regex;
  for (unsigned i = 0; i < 32; i += 8) {
    regex += "\\x";
    regex += kDigits[value >> (i + 4) & 15];
    regex += kDigits[value >> i & 15];
  }
  return regex;
}

}  // namespace

Result<DatabaseHandle> compile_group(const std::vector<Indicator>& indicators, std::size_t group,
                                     const std::vector<std::uint32_t>& words, Cpu cpu) {
  const std::vector<Expression> list = expressions(indicators, group);
  std::vector<std::string> word_regexes;
  if (has_words(group)) {
    std::transform(words.begin(), words.end(), std::back_inserter(word_regexes), word_regex);
  }
  if (list.empty() && word_regexes.empty()) return DatabaseHandle();
  std::vector<const char*> regexes;
  std::vector<unsigned> flags;
  for (const Expression& expression : list) {
    const Indicator& indicator = indicators[expression.indicator];
    regexes.push_back(indicator.patterns[expression.pattern].regex.c_str());
    flags.push_back(flags_of(indicator));
  }
  for (const std::string& regex : word_regexes) {
    regexes.push_back(regex.c_str());
    flags.push_back(HS_FLAG_DOTALL);
  }
  auto database = compile(regexes, flags, cpu);
  if (!database) {
    const Refusal& refusal = database.error();
    if (refusal.expression >= list.size()) return fail(Code::usage, refusal.why);
    const Indicator& at = indicators[list[refusal.expression].indicator];
    return fail(Code::usage,
                at.where + ": the pattern of '" + at.id + "' is refused: " + refusal.why);
  }
  return std::move(*database);
}

Result<std::string> serialise(const hs_database_t& database) {
  char* raw = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(&database, &raw, &size) != HS_SUCCESS) {
    return fail(Code::internal, "Hyperscan could not serialise a pattern database");
  }
  const std::unique_ptr<char, Freer<std::free>> owner(raw);
  return std::string(raw, size);
}

Result<DatabaseHandle> deserialise(ByteView bytes) {
  static const bool kLarge = hs_set_database_allocator(allocate_large, std::free) == HS_SUCCESS;
  static_cast<void>(kLarge);  // the usual memory does too
  hs_database_t* raw = nullptr;
  const auto text = as_text(bytes);
  const hs_error_t status = hs_deserialize_database(text.data(), text.size(), &raw);
  if (status == HS_DB_PLATFORM_ERROR || status == HS_DB_VERSION_ERROR) {
    return fail(Code::unsupported,
                "the pattern database was made for another processor or Hyperscan");
  }
  if (status != HS_SUCCESS) {
    return fail(Code::corrupt, "the pattern database is damaged");
  }
  return DatabaseHandle(raw);
}

bool has_avx2() {
#ifdef HS_CPU_FEATURES_AVX2
  hs_platform_info_t here{};
  return hs_populate_platform(&here) == HS_SUCCESS &&
         (here.cpu_features & HS_CPU_FEATURES_AVX2) != 0;
#else
  return false;
#endif
}

}  // namespace minescan::match
