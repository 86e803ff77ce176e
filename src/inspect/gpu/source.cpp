#include "inspect/gpu/source.h"

#include <array>

#include "base/anchors.h"
#include "inspect/gpu/lexer.h"
#include "inspect/gpu/ptx.h"

namespace minescan::inspect::gpu {
namespace {

// Shorter texts hold no kernel that computes anything.
constexpr std::size_t kLeastText = 200;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// One of these is in every text that is read here.
constexpr std::array<Anchor, 8> kAnchors{
    Anchor{'k', 'e', 'r', 'n'},  // kernel
    Anchor{'_', '_', 'g', 'l'},  // __global__
    Anchor{'@', 'c', 'o', 'm'},  // @compute
    Anchor{'.', 'v', 'e', 'r'},  // .version
    Anchor{'g', 'l', '_', 'G'},  // gl_GlobalInvocationID
    Anchor{'n', 'u', 'm', 't'},  // numthreads
    Anchor{'g', 'l', '_', 'F'},  // gl_FragCoord
    Anchor{'s', 'y', 'c', 'l'},  // sycl::
};

const auto& finder() {
  static const AnchorFinder kFinder(kAnchors);
  return kFinder;
}

// One of these is in every source: parts of the words below, with pairs of characters that are rare
// in other texts.
const auto& marks() {
  static const AnchorFinder kMarks(std::to_array<Anchor>({
      {'l', '_', 'i', 'd'},  // get_global_id, get_local_id
      {'d', '_', 'w', 'o'},  // reqd_work_group_size
      {'d', 'I', 'd', 'x'},  // threadIdx
      {'k', 'I', 'd', 'x'},  // blockIdx
      {'n', '_', 'g', 'r'},  // thread_position_in_grid
      {'l', '_', 's', 't'},  // metal_stdlib
      {'p', '_', 's', 'i'},  // workgroup_size
      {'l', '_', 'i', 'n'},  // global_invocation_id
      {'l', '_', 'G', 'l'},  // gl_GlobalInvocationID
      {'V', '_', 'D', 'i'},  // SV_DispatchThreadID
      {'l', '_', 'F', 'r'},  // gl_FragCoord
      {'y', 'c', 'l', ':'},  // sycl::
  }));
  return kMarks;
}

// What a source is written in, by words that stand in each kernel.
std::optional<std::string_view> language(std::string_view text) {
  if (!marks().find(as_bytes(text), 0)) return std::nullopt;
  const bool kernel = has(text, "kernel");
  if (kernel &&
      (has(text, "get_global_id") || has(text, "get_local_id") ||
       has(text, "reqd_work_group_size")) &&
      has(text, "global ")) {
    return "OpenCL C";
  }
  if (has(text, "__global__") && (has(text, "threadIdx") || has(text, "blockIdx"))) return "CUDA";
  if (kernel && (has(text, "thread_position_in_grid") || has(text, "<metal_stdlib>"))) {
    return "Metal";
  }
  if (has(text, "@compute") &&
      (has(text, "@workgroup_size") || has(text, "global_invocation_id"))) {
    return "WGSL";
  }
  if (has(text, "local_size_x") && has(text, "gl_GlobalInvocationID")) return "GLSL";
  // A browser without computing shaders lets those for colours compute.
  if (has(text, "gl_FragCoord") && has(text, "void main")) return "GLSL";
  if (has(text, "sycl::") && has(text, "parallel_for")) return "SYCL";
  if (has(text, "numthreads") && has(text, "SV_DispatchThreadID")) return "HLSL";
  return std::nullopt;
}

class Source {
 public:
  explicit Source(std::string_view text) : lexer_(text) {}

  GpuObject read(std::string_view language) {
    object_.target = language;
    wgsl_ = language == "WGSL";
    Token token;
    while (lexer_.next(token)) {
      if (token.kind == Token::Kind::word) {
        word(token.text);
      } else if (token.kind == Token::Kind::number) {
        if (token.value) words_.add_number(*token.value, negative_);
      } else {
        sign(token.text.front());
        continue;
      }
      negative_ = false;
    }
    finish(object_, kernels_, words_);
    return std::move(object_);
  }

 private:
  // From the word for a kernel over attributes to its name: the first word in front of a '(' that
  // is no attribute's.
  void word(std::string_view word) {
    const bool stage = wgsl_ && word == "compute";
    if (word == "__kernel" || word == "kernel" || word == "__global__" || word == "numthreads" ||
        stage) {
      in_head_ = true;
      typed_ = stage;
      name_ = {};
      depth_ = 0;
      return;
    }
    if (!in_head_ || depth_ != 0) return;
    if (word == "void" || word == "fn") {
      typed_ = true;
      name_ = {};
      return;
    }
    name_ = word;
  }

  void sign(char c) {
    negative_ = c == '-';
    if (!in_head_) return;
    if (c == '(') {
      const bool attribute = name_ == "__attribute__" || name_ == "__launch_bounds__" ||
                             name_ == "workgroup_size" || name_.empty();
      if (depth_ == 0 && typed_ && !attribute) {
        kernels_.add(name_);
        in_head_ = false;
        return;
      }
      ++depth_;
      name_ = {};
    } else if (c == ')') {
      if (depth_ != 0) --depth_;
    } else if ((c == ';' || c == '{' || c == '}') && depth_ == 0) {
      in_head_ = false;
    }
  }

  Lexer lexer_;
  GpuObject object_;
  Kernels kernels_;
  code::Words words_;
  bool wgsl_ = false;
  bool negative_ = false;
  bool in_head_ = false;  // between the word for a kernel and its name
  bool typed_ = false;    // behind "void"
  std::string_view name_;
  std::size_t depth_ = 0;  // of parentheses
};

constexpr std::array<bool, 256> make_text_bytes() {
  std::array<bool, 256> text{};
  for (unsigned c = 0x20; c < 256; ++c) text[c] = c != 0x7f;  // other than ASCII in comments
  for (const char c : {'\t', '\n', '\r', '\f', '\v'}) text[static_cast<unsigned char>(c)] = true;
  return text;
}
constexpr std::array<bool, 256> kTextBytes = make_text_bytes();

bool is_text(std::byte byte) { return kTextBytes[std::to_integer<std::size_t>(byte)]; }

// Whether all of some bytes are: of so many the compiler makes a few instructions.
constexpr std::size_t kStride = 32;
bool all_text(const std::byte* bytes) {
  std::uint8_t other = 0;
  for (std::size_t i = 0; i < kStride; ++i) {
    const auto c = std::to_integer<std::uint8_t>(bytes[i]);
    const bool blank = static_cast<std::uint8_t>(c - '\t') <= '\r' - '\t';
    const bool control = (c < 0x20) & !blank;
    other = static_cast<std::uint8_t>(other | (control | (c == 0x7f)));
  }
  return other == 0;
}

// Where the text around a place begins and ends.
std::size_t text_begin(ByteView bytes, std::size_t place, std::size_t least) {
  while (place >= least + kStride && all_text(bytes.data() + place - kStride)) place -= kStride;
  while (place > least && is_text(bytes[place - 1])) --place;
  return place;
}
std::size_t text_end(ByteView bytes, std::size_t place) {
  while (bytes.size() - place >= kStride && all_text(bytes.data() + place)) place += kStride;
  while (place < bytes.size() && is_text(bytes[place])) ++place;
  return place;
}

}  // namespace

std::optional<GpuObject> read_source(std::string_view text) {
  const auto found = language(text);
  if (!found) return std::nullopt;
  return Source(text).read(*found);
}

void read_texts(ByteView bytes,
                const std::function<void(std::size_t at, GpuObject&& object)>& on_object) {
  std::size_t done = 0;  // texts before it were read
  // A text of that length covers one of these places.
  for (std::size_t probe = kLeastText - 1; probe < bytes.size(); probe += kLeastText) {
    if (probe < done || !is_text(bytes[probe])) continue;
    const std::size_t begin = text_begin(bytes, probe, done);
    const std::size_t end = text_end(bytes, probe);
    done = end;
    if (end - begin < kLeastText) continue;
    const ByteView run = bytes.subspan(begin, end - begin);
    if (!finder().find(run, 0)) continue;
    const std::string_view text = as_text(run);
    auto object = read_ptx(text);
    if (!object) object = read_source(text);
    if (object) on_object(begin, std::move(*object));
  }
}

}  // namespace minescan::inspect::gpu
