#include "inspect/gpu/ptx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
#include <utility>

#include "inspect/gpu/lexer.h"
#include "inspect/gpu/ptx_masks.h"

namespace minescan::inspect::gpu {
namespace {

// Holds ".version", ".target" and what stands behind them; comments of tools come before both.
constexpr std::size_t kHeader = 200;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Ptx {
 public:
  // Words may hold what registers, labels and directives begin with or join.
  explicit Ptx(std::string_view text) : text_(text), lexer_(text, ".%$") {}

  GpuObject read() {
    object_.target = "PTX";
    // In the strings of another program, a letter behind a backslash is no letter.
    if (text_.find('\\') == std::string_view::npos) {
      read_by_blocks();
    } else {
      Token token;
      while (lexer_.next(token)) take(token);
    }
    finish(object_, kernels_, words_);
    return std::move(object_);
  }

 private:
  enum class Wants { nothing, target, entry };

  void take(const Token& token) {
    if (token.kind == Token::Kind::word) {
      word(token.text);
    } else if (token.kind == Token::Kind::number) {
      number(token);
    } else {
      sign(token.text.front());
    }
  }

  // As one token after another, but only numbers, directives and "/=-" are looked at: no other
  // token says anything, unless one of those was before it.
  void read_by_blocks() {
    std::uint64_t word_before = 0;
    std::array<char, kPtxBlock> last{};
    for (std::size_t at = 0; at < text_.size(); at += kPtxBlock) {
      const char* block = text_.data() + at;
      if (text_.size() - at < kPtxBlock) {
        std::copy(block, text_.data() + text_.size(), last.begin());
        block = last.data();
      }
      const PtxMasks masks = ptx_masks(block);
      const std::uint64_t starts = masks.word & ~(masks.word << 1 | word_before);
      word_before = masks.word >> (kPtxBlock - 1);
      std::uint64_t look = (starts & (masks.digit | masks.dot)) | masks.other;
      for (; look != 0; look &= look - 1) {
        const char* const here =
            text_.data() + at + static_cast<std::size_t>(std::countr_zero(look));
        // What was read as part of something before.
        if (here >= lexer_.at()) look_at(here);
      }
    }
  }

  void look_at(const char* here) {
    // Whatever lies between is a token, but for blanks.
    if (negative_) negative_ = std::all_of(lexer_.at(), here, is_blank);
    lexer_.move_to(here);
    Token token;
    // A comment is passed over, and with it perhaps the whole rest.
    if (!lexer_.next(token)) return;
    take(token);
    while ((wants_ != Wants::nothing || skipping_ || assigned_ || in_table_) &&
           lexer_.next(token)) {
      take(token);
    }
  }

  void word(std::string_view word) {
    const Wants wants = std::exchange(wants_, Wants::nothing);
    if (wants == Wants::target) object_.target = "PTX " + std::string(word.substr(0, 64));
    if (wants == Wants::entry) kernels_.add(word);
    skipping_ = false;
    if (word.front() == '.') directive(word);
    negative_ = false;
  }

  void directive(std::string_view word) {
    if (word == ".target") wants_ = Wants::target;
    if (word == ".entry") wants_ = Wants::entry;
    // Numbers of lines and of versions are no constants; what follows ends with the next word.
    skipping_ = is_one_of(word, {".loc", ".file", ".version", ".address_size"});
    if (is_one_of(word, {".b8", ".u8", ".s8"})) width_ = 1;
    if (is_one_of(word, {".b16", ".u16", ".s16"})) width_ = 2;
    if (is_one_of(word, {".b32", ".u32", ".s32", ".f32", ".b64", ".u64", ".s64", ".f64"})) {
      width_ = 4;
    }
  }

  void number(const Token& token) {
    const bool negative = std::exchange(negative_, false);
    if (skipping_ || !token.value) return;
    if (in_table_ && width_ < 4) {
      const std::uint64_t value = negative ? 0 - *token.value : *token.value;
      for (unsigned i = 0; i < width_; ++i) byte(value >> (8 * i) & 0xff);
      return;
    }
    words_.add_number(*token.value, negative);
  }

  // Tables of wider numbers come as bytes, in the order of memory.
  void byte(std::uint64_t byte) {
    pending_ |= static_cast<std::uint32_t>(byte) << (8 * pending_bytes_);
    if (++pending_bytes_ == 4) {
      words_.add(pending_);
      pending_ = pending_bytes_ = 0;
    }
  }

  void sign(char c) {
    if (c == '=') assigned_ = true;
    if (c == '{' && assigned_) {
      in_table_ = true;
      pending_ = pending_bytes_ = 0;
    }
    if (c == '}') in_table_ = false;
    if (c == ';' || c == '}') {
      assigned_ = false;
      skipping_ = false;
    }
    negative_ = c == '-';
  }

  std::string_view text_;
  Lexer lexer_;
  GpuObject object_;
  Kernels kernels_;
  code::Words words_;
  Wants wants_ = Wants::nothing;
  bool skipping_ = false;
  bool negative_ = false;
  bool assigned_ = false;
  bool in_table_ = false;
  unsigned width_ = 4;  // bytes of an element of the last type named
  std::uint32_t pending_ = 0;
  unsigned pending_bytes_ = 0;
};

}  // namespace

std::optional<GpuObject> read_ptx(std::string_view text) {
  for (std::size_t at = text.find(".version"); at != std::string_view::npos;
       at = text.find(".version", at + 1)) {
    Lexer lexer(text.substr(at, kHeader), ".");
    Token version;
    Token directive;
    Token target;
    lexer.next(version);
    const bool whole = lexer.next(version) && lexer.next(directive) && lexer.next(target);
    if (whole && version.kind == Token::Kind::number && directive.text == ".target" &&
        (target.text.starts_with("sm_") || target.text.starts_with("compute_"))) {
      return Ptx(text).read();
    }
  }
  return std::nullopt;
}

}  // namespace minescan::inspect::gpu
