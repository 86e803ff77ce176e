#include "match/words.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace minescan::match {
namespace {

std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

std::uint64_t swapped(std::uint64_t value, int bytes) {
  std::uint64_t result = 0;
  for (int i = 0; i < bytes; ++i) result |= (value >> (8 * i) & 0xff) << (8 * (bytes - 1 - i));
  return result;
}

int telling_bytes(std::uint32_t value) {
  int bytes = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t byte = value >> (8 * i) & 0xff;
    if (byte != 0 && byte != 0xff) ++bytes;
  }
  return bytes;
}

}  // namespace

std::string words_text(const Indicator& indicator, const WordMatch& match) {
  constexpr std::size_t kNamed = 8;
  std::string text = std::to_string(match.words.size()) + " of " +
                     std::to_string(indicator.words.size()) + " words: ";
  for (std::size_t i = 0; i < match.words.size() && i < kNamed; ++i) {
    const Word& word = indicator.words[match.words[i]];
    std::array<char, 20> digits{};
    std::snprintf(digits.data(), digits.size(), word.wide ? "%016llx" : "%08llx",
                  static_cast<unsigned long long>(word.value));
    text += (i == 0 ? "" : ", ") + std::string(digits.data());
  }
  return match.words.size() > kNamed ? text + ", …" : text;
}

std::vector<std::array<std::uint32_t, 2>> word_forms(const Word& word, int telling) {
  std::vector<std::array<std::uint32_t, 2>> forms;
  const std::uint64_t swap = swapped(word.value, word.wide ? 8 : 4);
  for (const std::uint64_t value : {word.value, std::uint64_t{0} - word.value, ~word.value, swap}) {
    // Of a half that is nearly zero nothing can be told.
    const bool with_low = telling_bytes(low(value)) >= telling;
    const bool with_high = word.wide && telling_bytes(high(value)) >= telling;
    if (!with_low && !with_high) continue;
    const std::uint32_t first = with_low ? low(value) : high(value);
    const std::array<std::uint32_t, 2> form = {first, with_high ? high(value) : first};
    if (std::find(forms.begin(), forms.end(), form) == forms.end()) forms.push_back(form);
  }
  return forms;
}

WordTable::WordTable(const std::vector<Indicator>& indicators, ViewMask views, int telling) {
  // A value, and which half of which form it is.
  std::vector<std::uint64_t> halves;
  for (std::uint32_t i = 0; i < indicators.size(); ++i) {
    if ((indicators[i].views & views) == 0) continue;
    for (std::uint32_t w = 0; w < indicators[i].words.size(); ++w) {
      for (const auto& [first, second] : word_forms(indicators[i].words[w], telling)) {
        const std::uint64_t half = 2 * forms_.size();
        forms_.push_back({.indicator = i, .word = w});
        halves.push_back(std::uint64_t{first} << 32 | half);
        halves.push_back(std::uint64_t{second} << 32 | (half + 1));
      }
    }
  }
  std::sort(halves.begin(), halves.end());
  for (const std::uint64_t half : halves) {
    if (needles_.empty() || needles_.back() != high(half)) {
      needles_.push_back(high(half));
      first_form_.push_back(static_cast<std::uint32_t>(forms_of_.size()));
    }
    const auto needle = static_cast<std::uint32_t>(needles_.size() - 1);
    const std::uint32_t id = low(half) / 2;
    const bool second = low(half) % 2 == 1;
    (second ? forms_[id].second : forms_[id].first) = needle;
    // Where both halves are one value the other one came just before.
    if (!second || forms_[id].first != needle || forms_of_.empty() || forms_of_.back() != id) {
      forms_of_.push_back(id);
    }
  }
  first_form_.push_back(static_cast<std::uint32_t>(forms_of_.size()));
}

void LazyWordTable::set(const std::vector<Indicator>& indicators, ViewMask views, int telling) {
  indicators_ = &indicators;
  telling_ = telling;
  for (const Indicator& indicator : indicators) {
    if (!indicator.words.empty()) views_ = static_cast<ViewMask>(views_ | indicator.views);
  }
  views_ = static_cast<ViewMask>(views_ & views);
}

const WordTable& LazyWordTable::get() const {
  std::call_once(once_, [this] {
    table_ = std::make_unique<const WordTable>(*indicators_, views_, telling_);
  });
  return *table_;
}

void WordScan::seen(std::uint32_t needle, std::uint64_t offset) {
  if (!is_words(kind_)) {
    const std::uint64_t block = offset / kWordBlock;
    while (block_ < block) {
      close_block();
      // Nothing was seen in the blocks between.
      if (now_.empty() && before_.empty()) {
        block_ = block;
      } else {
        ++block_;
      }
    }
  }
  if (present_.empty()) present_.resize(table_->needles().size());
  if (present_[needle]) return;
  present_[needle] = true;
  now_.push_back({needle, offset});
}

void WordScan::close_block() {
  if (!now_.empty()) {
    // Both blocks together.
    for (const Seen& seen : before_) present_[seen.needle] = true;
    std::map<std::uint32_t, WordMatch> found;
    for (const std::vector<Seen>* list : {&before_, &now_}) {
      for (const Seen& seen : *list) {
        for (const std::uint32_t id : table_->forms_of(seen.needle)) {
          const WordTable::Form& form = table_->forms()[id];
          if (!present_[form.first] || !present_[form.second]) continue;
          const auto [at, fresh] = found.try_emplace(form.indicator);
          if (fresh) at->second = {.indicator = form.indicator, .offset = seen.offset, .words = {}};
          at->second.offset = std::min(at->second.offset, seen.offset);
          at->second.words.push_back(form.word);
        }
      }
    }
    for (auto& one : found) {
      WordMatch& match = one.second;
      std::sort(match.words.begin(), match.words.end());
      match.words.erase(std::unique(match.words.begin(), match.words.end()), match.words.end());
      const auto at = std::find_if(best_.begin(), best_.end(), [&](const WordMatch& best) {
        return best.indicator == match.indicator;
      });
      if (at == best_.end()) {
        best_.push_back(std::move(match));
      } else if (match.words.size() > at->words.size()) {
        *at = std::move(match);
      }
    }
    for (const Seen& seen : before_) present_[seen.needle] = false;
    for (const Seen& seen : now_) present_[seen.needle] = false;
  }
  before_ = std::move(now_);
  now_.clear();
}

std::vector<WordMatch> WordScan::finish(const std::vector<Indicator>& indicators) {
  close_block();
  std::vector<WordMatch> matches;
  for (WordMatch& match : best_) {
    const Indicator& indicator = indicators[match.indicator];
    if ((indicator.views & view_bit(kind_)) == 0) continue;
    if (match.words.size() >= indicator.least_words) matches.push_back(std::move(match));
  }
  best_.clear();
  std::sort(matches.begin(), matches.end(),
            [](const WordMatch& a, const WordMatch& b) { return a.indicator < b.indicator; });
  return matches;
}

}  // namespace minescan::match
