#include "base/json.h"

#include <set>
#include <vector>

namespace minescan {
namespace {

// Refuses depth and repeated keys while building the document.
class StrictBuilder {
 public:
  StrictBuilder(Json& root, std::size_t depth) : builder_(root, false), depth_(depth) {}

  bool null() { return builder_.null(); }
  bool boolean(bool v) { return builder_.boolean(v); }
  bool number_integer(Json::number_integer_t v) { return builder_.number_integer(v); }
  bool number_unsigned(Json::number_unsigned_t v) { return builder_.number_unsigned(v); }
  bool number_float(Json::number_float_t v, const std::string& s) {
    return builder_.number_float(v, s);
  }
  bool string(std::string& v) { return builder_.string(v); }
  bool binary(Json::binary_t& v) { return builder_.binary(v); }
  bool start_object(std::size_t n) {
    keys_.emplace_back();
    return enter() && builder_.start_object(n);
  }
  bool key(std::string& v) {
    if (!keys_.back().insert(v).second) {
      problem = "the key '" + v.substr(0, 64) + "' is repeated in one object";
      return false;
    }
    return builder_.key(v);
  }
  bool end_object() {
    keys_.pop_back();
    return builder_.end_object();
  }
  bool start_array(std::size_t n) {
    keys_.emplace_back();
    return enter() && builder_.start_array(n);
  }
  bool end_array() {
    keys_.pop_back();
    return builder_.end_array();
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*e*/) {
    problem = "not JSON at byte " + std::to_string(position);
    return false;
  }

  std::string problem;

 private:
  bool enter() {
    if (keys_.size() <= depth_) return true;
    problem = "nested deeper than " + std::to_string(depth_) + " levels";
    return false;
  }

  nlohmann::detail::json_sax_dom_parser<Json> builder_;
  std::size_t depth_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<Json> parse_json(ByteView bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.bytes) {
    return fail(Code::limit_bytes, "JSON of " + std::to_string(bytes.size()) +
                                       " bytes is over the limit of " +
                                       std::to_string(limits.bytes));
  }
  Json json;
  StrictBuilder builder(json, limits.depth);
  const auto text = as_text(bytes);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    return fail(Code::corrupt, builder.problem.empty() ? "not JSON" : builder.problem);
  }
  return json;
}

std::string write_json(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_string(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace minescan
