#pragma once
// How a registry wants to know who asks: WWW-Authenticate challenges, Bearer tokens (distribution's
// token and OAuth2 flows), Basic.  Tested by auth_test.cpp and registry_test.cpp.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acquire/credentials.h"
#include "acquire/http.h"
#include "base/result.h"

namespace minescan::acquire {

struct Challenge {
  std::string scheme;                             // lower case
  std::map<std::string, std::string> parameters;  // by lower-case name

  [[nodiscard]] std::string get(const std::string& name) const;
};

// Of all WWW-Authenticate headers of one answer.  Several challenges may share a header, quoted
// strings may hold commas and escaped quotes.  What cannot be read is left out.
std::vector<Challenge> parse_challenges(const std::vector<std::string>& headers);

// Makes Authorization headers for one repository of one registry.  Safe for several threads; they
// share one token.
class Authenticator {
 public:
  // The registry that the login is for.
  struct At {
    Url origin;
    AddressClass network = AddressClass::open;
    bool named = true;  // by the user, and not by another registry's redirect
  };

  // The client must outlive this object.
  Authenticator(HttpClient& client, At registry, FoundLogin found, std::string repository);

  // The challenge that the ping brought; {} when it asked for nothing.
  Result<void> remember(const std::vector<Challenge>& challenges);

  // The header's value for the next request, "" for none.  Fetches a token when none is held that
  // is still good.
  Result<std::string> header(Cancel* cancel);

  // The registry answered 401 although `used` was sent.  The header to try once more with; nullopt
  // when nothing else can be tried.
  Result<std::optional<std::string>> renew(const std::string& used,
                                           const std::vector<Challenge>& challenges,
                                           Cancel* cancel);

  // "credentials were looked for in …" or "the login from … was used", for messages.
  [[nodiscard]] std::string looked_in() const;
  [[nodiscard]] bool anonymous() const { return found_.login.empty(); }
  // `text` came from a server: without the secrets that it may echo.
  std::string redacted(std::string text);

 private:
  struct Token {
    std::string value;
    std::chrono::steady_clock::time_point good_until;
  };

  Result<std::string> header_locked(Cancel* cancel);
  Result<void> adopt(const std::vector<Challenge>& challenges);
  Result<Token> fetch_token(Cancel* cancel);
  Result<Token> read_token(const Response& response) const;
  Result<Response> ask(const Url& realm, Cancel* cancel);
  Result<Response> ask_once(const Request& request) const;

  HttpClient& client_;
  const At registry_;
  const FoundLogin found_;

  std::mutex mutex_;  // guards what follows
  std::optional<Challenge> challenge_;
  std::vector<std::string> scopes_;
  std::optional<Token> token_;
};

}  // namespace minescan::acquire
