#include "acquire/auth.h"

#include <algorithm>
#include <cstdint>

#include "base/base64.h"
#include "base/json.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

using Seconds = std::chrono::seconds;

// The specification's least life of a token, also assumed when none is stated.
constexpr Seconds kLeastLife{60};
// A token is not used in its last seconds: the request has to arrive too.
constexpr Seconds kMargin{10};
// Nobody's token lives longer; keeps sums far from overflow.
constexpr std::int64_t kMostLife = std::int64_t{7} * 24 * 3600;
// A registry may ask for further scopes; more than a few is no registry.
constexpr std::size_t kMostScopes = 8;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Reads RFC 9110's `challenge` list.
class ChallengeReader {
 public:
  explicit ChallengeReader(std::string_view text) : text_(text) {}

  void read(std::vector<Challenge>& out) {
    const std::size_t open = out.size();  // parameters go to the last challenge begun here
    while (at_ < text_.size()) {
      skip_separators();
      std::string word = name();
      if (word.empty()) {
        ++at_;  // nothing that belongs here: step over it
        continue;
      }
      skip_spaces();
      if (peek() == '=') {
        ++at_;
        skip_spaces();
        std::string value = peek() == '"' ? quoted() : token();
        // One before any scheme belongs to nothing.
        if (out.size() > open) out.back().parameters.emplace(std::move(word), std::move(value));
      } else {
        out.push_back({.scheme = std::move(word)});
        skip_token68();
      }
    }
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  void skip_separators() {
    while (peek() == ' ' || peek() == '\t' || peek() == ',') ++at_;
  }
  std::string token() {
    std::string word;
    for (; at_ < text_.size() && is_token_char(text_[at_]); ++at_) word += text_[at_];
    return word;
  }
  std::string name() {
    std::string word = token();
    std::transform(word.begin(), word.end(), word.begin(), lower);
    return word;
  }
  std::string quoted() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    ++at_;
    return value;
  }
  // "Negotiate YIIk…==" carries a blob in place of parameters.
  void skip_token68() {
    const std::size_t begin = at_;
    while (is_token_char(peek()) || peek() == '/') ++at_;
    const std::size_t word_end = at_;
    while (peek() == '=') ++at_;
    const std::size_t equals = at_ - word_end;
    skip_spaces();
    const bool blob = peek() == ',' || peek() == '\0';
    // "realm=" followed by its value is a parameter after all.
    if (!blob || (equals == 0 && word_end == begin)) at_ = begin;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string basic(const std::string& username, const std::string& password) {
  return "Basic " + base64_encode(username + ":" + password);
}

// Whether every action of "repository:team/app:pull" only reads.  Whatever a registry asks for, a
// scanner takes no right to write.
bool only_reads(std::string_view scope) {
  const auto colon = scope.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view actions = scope.substr(colon + 1);
  while (true) {
    const auto comma = actions.find(',');
    if (actions.substr(0, comma) != "pull") return false;
    if (comma == std::string_view::npos) return true;
    actions.remove_prefix(comma + 1);
  }
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void erase_secret(std::string& text, std::string_view secret) {
  if (secret.size() < 4) return;  // "a" would tear holes into every word
  constexpr std::string_view kStars = "***";
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kStars.size())) {
    text.replace(at, secret.size(), kStars);
  }
}

}  // namespace

std::string Challenge::get(const std::string& name) const {
  const auto at = parameters.find(name);
  return at == parameters.end() ? std::string() : at->second;
}

std::vector<Challenge> parse_challenges(const std::vector<std::string>& headers) {
  std::vector<Challenge> challenges;
  for (const std::string& header : headers) ChallengeReader(header).read(challenges);
  return challenges;
}

Authenticator::Authenticator(HttpClient& client, At registry, FoundLogin found,
                             std::string repository)
    : client_(client),
      registry_(std::move(registry)),
      found_(std::move(found)),
      scopes_{"repository:" + std::move(repository) + ":pull"} {}

Result<void> Authenticator::remember(const std::vector<Challenge>& challenges) {
  const std::lock_guard lock(mutex_);
  return adopt(challenges);
}

Result<std::string> Authenticator::header(Cancel* cancel) {
  const std::lock_guard lock(mutex_);
  return header_locked(cancel);
}

Result<std::optional<std::string>> Authenticator::renew(const std::string& used,
                                                        const std::vector<Challenge>& challenges,
                                                        Cancel* cancel) {
  const std::lock_guard lock(mutex_);
  if (!found_.login.registry_token.empty()) return std::optional<std::string>();
  // Another thread was faster.
  if (token_ && used != "Bearer " + token_->value) {
    MINESCAN_TRY_ASSIGN(std::string held, header_locked(cancel));
    return std::optional(std::move(held));
  }
  MINESCAN_TRY(adopt(challenges));
  token_.reset();
  MINESCAN_TRY_ASSIGN(std::string fresh, header_locked(cancel));
  if (fresh.empty() || fresh == used) return std::optional<std::string>();
  return std::optional(std::move(fresh));
}

std::string Authenticator::looked_in() const {
  if (!anonymous() && !found_.places.empty()) {
    return "the login from " + found_.places.back() + " was used";
  }
  std::string text = "credentials were looked for in ";
  for (std::size_t i = 0; i < found_.places.size(); ++i) {
    text += (i == 0 ? "" : ", ") + found_.places[i];
  }
  return found_.places.empty() ? "no place for credentials is known" : text;
}

std::string Authenticator::redacted(std::string text) {
  const std::lock_guard lock(mutex_);
  const Login& login = found_.login;
  for (const std::string& secret : {login.password, login.identity_token, login.registry_token,
                                    token_ ? token_->value : std::string(),
                                    base64_encode(login.username + ":" + login.password)}) {
    erase_secret(text, secret);
  }
  return text;
}

// The login is sent on as the best scheme of the challenges wants it; none changes nothing (some
// registries answer 401 without saying how to do better, and the ping's challenge still holds).
Result<void> Authenticator::adopt(const std::vector<Challenge>& challenges) {
  if (challenges.empty()) return {};
  const auto find = [&](std::string_view scheme) {
    return std::find_if(challenges.begin(), challenges.end(),
                        [&](const Challenge& challenge) { return challenge.scheme == scheme; });
  };
  auto best = find("bearer");
  if (best == challenges.end()) best = find("basic");
  if (best == challenges.end()) {
    return fail(Code::unsupported, registry_.origin.authority() + " wants authentication by '" +
                                       printable(challenges.front().scheme, 60) +
                                       "'; minescan speaks Bearer and Basic");
  }
  challenge_ = *best;
  const std::string scope = best->get("scope");
  if (only_reads(scope) && scopes_.size() < kMostScopes &&
      std::find(scopes_.begin(), scopes_.end(), scope) == scopes_.end()) {
    scopes_.insert(scopes_.begin(), scope);
  }
  return {};
}

Result<std::string> Authenticator::header_locked(Cancel* cancel) {
  const Login& login = found_.login;
  if (!login.registry_token.empty()) return "Bearer " + login.registry_token;
  if (!challenge_) return std::string();
  if (challenge_->scheme == "basic") {
    return login.username.empty() ? std::string() : basic(login.username, login.password);
  }
  if (!token_ || std::chrono::steady_clock::now() >= token_->good_until) {
    MINESCAN_TRY_ASSIGN(token_, fetch_token(cancel));
  }
  return "Bearer " + token_->value;
}

Result<Authenticator::Token> Authenticator::fetch_token(Cancel* cancel) {
  const std::string who = "token server of " + registry_.origin.authority();
  const std::string realm_text = challenge_->get("realm");
  if (realm_text.empty()) {
    return fail(Code::refused, registry_.origin.authority() +
                                   " asks for a token without saying where to "
                                   "get it (no realm)");
  }
  auto realm = parse_url(realm_text);
  if (!realm) return fail(Code::refused, who + ": " + realm.error().what);
  auto response = ask(*realm, cancel);
  if (!response) return fail(response.error().code, who + ": " + response.error().what);
  const std::string answered =
      who + " (" + realm->shown() + ") answered " + std::to_string(response->status);
  if (response->status == 401 || response->status == 403) {
    // Its words are not shown: it has just been given the login and may echo it.
    return fail(Code::refused,
                answered + (anonymous() ? " to a request without login; " : " to the login; ") +
                    looked_in());
  }
  if (response->status != 200) return fail(Code::unreachable, answered + "; try again later");
  auto token = read_token(*response);
  if (!token) return fail(token.error().code, who + ": " + token.error().what);
  return token;
}

Result<Authenticator::Token> Authenticator::read_token(const Response& response) const {
  const auto json = parse_json(as_bytes(response.body), {.bytes = kErrorBodyLimit});
  if (!json) return fail(Code::corrupt, "its answer is not the JSON of a token");
  Token token;
  token.value = json_string(*json, "token");
  if (token.value.empty()) token.value = json_string(*json, "access_token");
  if (token.value.empty() || !is_visible(token.value)) {
    return fail(Code::corrupt, "its answer holds no usable token");
  }
  std::int64_t life = 0;
  if (const auto at = json->find("expires_in"); at != json->end() && at->is_number()) {
    // As a double first: a number of any size has to be read without overflow.
    const double stated = at->get<double>();
    life = stated > static_cast<double>(kMostLife) ? kMostLife : static_cast<std::int64_t>(stated);
  }
  token.good_until =
      std::chrono::steady_clock::now() + std::max(Seconds(life), kLeastLife) - kMargin;
  return token;
}

Result<Response> Authenticator::ask(const Url& realm, Cancel* cancel) {
  const Login& login = found_.login;
  const std::string service = challenge_->get("service");
  Request request{.cancel = cancel};
  // The host that the user named may lie anywhere; to any other we are led by the registry.
  const bool home =
      registry_.named && realm.host == registry_.origin.host && realm.port == registry_.origin.port;
  if (!home) request.led_from = registry_.network;
  if (!login.identity_token.empty()) {
    std::string scopes;
    for (const std::string& scope : scopes_) scopes += (scopes.empty() ? "" : " ") + scope;
    request.method = Request::Method::post;
    request.url = realm;
    request.body = form({{"grant_type", "refresh_token"},
                         {"refresh_token", login.identity_token},
                         {"service", service},
                         {"scope", scopes},
                         {"client_id", "minescan"}});
    MINESCAN_TRY_ASSIGN(Response response, ask_once(request));
    // Not every token server knows the OAuth2 flow.
    if (response.status != 404 && response.status != 405) return response;
    request.method = Request::Method::get;
    request.body.clear();
  }
  std::vector<std::pair<std::string, std::string>> query;
  if (!service.empty()) query.emplace_back("service", service);
  for (const std::string& scope : scopes_) query.emplace_back("scope", scope);
  if (!login.username.empty()) query.emplace_back("account", login.username);
  MINESCAN_TRY_ASSIGN(request.url, with_query(realm, query));
  if (!login.empty()) {
    const std::string& secret = login.password.empty() ? login.identity_token : login.password;
    request.authorization = basic(login.username.empty() ? "<token>" : login.username, secret);
  }
  return ask_once(request);
}

Result<Response> Authenticator::ask_once(const Request& request) const {
  auto response = client_.send(request);
  if (!response) return tl::unexpected<Error>(std::move(response.error().error));
  return std::move(*response);
}

}  // namespace minescan::acquire
