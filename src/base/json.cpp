#include "base/json.h"

#include <set>
#include <vector>

namespace minescan {
namespace {

// Builds the document, and refuses depth and repeated keys.  Members are appended without a look at
// those before: nlohmann's own builder compares each key of an ordered object with all others,
// which takes minutes for the keys that 4 MiB hold.
class StrictBuilder {
 public:
  StrictBuilder(Json& root, std::size_t depth) : root_(root), depth_(depth) {}

  bool null() { return put(nullptr); }
  bool boolean(bool v) { return put(v); }
  bool number_integer(Json::number_integer_t v) { return put(v); }
  bool number_unsigned(Json::number_unsigned_t v) { return put(v); }
  bool number_float(Json::number_float_t v, const std::string& /*text*/) { return put(v); }
  bool string(std::string& v) { return put(std::move(v)); }
  bool binary(Json::binary_t& /*v*/) { return false; }  // no JSON
  bool start_object(std::size_t /*n*/) { return open(Json::object()); }
  bool key(std::string& v) {
    if (!keys_.back().insert(v).second) {
      problem = "the key '" + v.substr(0, 64) + "' is repeated in one object";
      return false;
    }
    Members& members = open_.back()->get_ref<Json::object_t&>();
    members.emplace_back(std::move(v), nullptr);
    member_ = &members.back().second;
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*n*/) { return open(Json::array()); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*e*/) {
    problem = "not JSON at byte " + std::to_string(position);
    return false;
  }

  std::string problem;

 private:
  using Members = Json::object_t::Container;

  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  Json* place(Json&& value) {
    Json* at = &root_;
    if (!open_.empty() && open_.back()->is_array()) {
      auto& items = open_.back()->get_ref<Json::array_t&>();
      items.push_back(std::move(value));
      return &items.back();
    }
    if (!open_.empty()) at = member_;
    *at = std::move(value);
    return at;
  }
  bool open(Json&& container) {
    if (open_.size() >= depth_) {
      problem = "nested deeper than " + std::to_string(depth_) + " levels";
      return false;
    }
    // Stays where it is: what it lies in grows only after it is closed.
    open_.push_back(place(std::move(container)));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  Json& root_;
  std::size_t depth_;
  std::vector<Json*> open_;
  std::vector<std::set<std::string>> keys_;  // of each
  Json* member_ = nullptr;                   // whose key was read last
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
