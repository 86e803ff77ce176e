#pragma once
// A small HTTP client over libcurl for registries.  Safe for several threads: every transfer has a
// handle of its own, and idle handles keep their connections for the next one.
//
// Where it connects: https, or http to loopback and to the hosts of HttpSettings::insecure; nothing
// else.  Redirects are followed here and not by curl: the Authorization header stays with the
// origin it was made for, and a server may only send us to addresses that may_lead() allows; the
// address is checked on the socket, after name resolution.  ~/.netrc, ~/.curlrc and cookies are
// never used.
//
// Answers are Responses whatever their status; an Error means that there was no complete answer.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "acquire/address.h"
#include "acquire/environment.h"
#include "acquire/trusted_roots.h"
#include "acquire/url.h"
#include "base/bytes.h"
#include "base/result.h"

namespace minescan::acquire {

// Ends a transfer, or the waiting between two, from another thread.
class Cancel {
 public:
  void cancel();
  [[nodiscard]] bool cancelled() const;
  // Sleeps; true as soon as cancelled.
  bool wait(std::chrono::milliseconds time);
  // The curl multi handle to wake, nullptr for none.
  void attach(void* multi);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
  void* multi_ = nullptr;
};

struct Response {
  int status = 0;
  // By lower-case name, in the order of arrival.
  std::map<std::string, std::vector<std::string>> headers;
  std::string body;  // empty when a sink took it; of a failure at most kErrorBodyLimit
  Url url;           // which answered, after redirects
  AddressClass network = AddressClass::open;  // where it lies; of a proxied host only if a literal

  [[nodiscard]] std::string header(const std::string& name) const;  // the first, or ""
};

// Takes the body of a successful answer while it arrives.
class BodySink {
 public:
  BodySink() = default;
  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;
  virtual ~BodySink() = default;
  // The head of a 2xx answer, once.  False ends the transfer.
  virtual bool on_head(const Response& head) = 0;
  virtual bool on_bytes(ByteView bytes) = 0;
};

inline constexpr std::size_t kErrorBodyLimit = std::size_t{64} << 10;
inline constexpr std::size_t kHeaderLimit = std::size_t{64} << 10;

struct Request {
  enum class Method { get, head, post };
  Method method = Method::get;
  Url url;
  std::vector<std::string> headers;  // "Accept: …"
  std::string authorization;         // goes to the origin of `url` only
  std::string body;                  // a form, for post
  // How many are followed; one more is an error.  kRedirectIsAnswer: none, and none is an error.
  static constexpr int kRedirectIsAnswer = -1;
  int redirects = 0;
  // Set when the URL came from a server and not from the user: where that server lies.
  std::optional<AddressClass> led_from;
  std::size_t body_limit = kErrorBodyLimit;  // of a success; more is Code::limit_bytes
  BodySink* sink = nullptr;
  Cancel* cancel = nullptr;
  bool once = false;  // no second try after a broken connection
};

struct HttpFailure {
  Error error;
  bool no_tls = false;     // the handshake failed, or nothing listens at the default port
  int tries = 1;           // how often it is worth trying in all
  bool delivered = false;  // the sink has seen the head
};

struct HttpSettings {
  std::vector<std::string> insecure;  // host or host:port, exactly as in URLs
  std::string ca_file;                // PEM, in addition to the system's roots
  Environment environment;            // proxies, SSL_CERT_FILE, SSL_CERT_DIR
  std::chrono::milliseconds retry_base{1000};
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds stall{30};  // below 1 KiB/s for so long is a broken connection
  // Longer than this nobody waits for a server's Retry-After; it is told in the error.
  std::chrono::seconds longest_wait{120};
  // Sleeps in place of Cancel::wait; for tests.
  std::function<void(std::chrono::milliseconds)> sleep;
};

class HttpClient {
 public:
  // Code::usage when the CA file cannot be used.
  static Result<std::unique_ptr<HttpClient>> create(HttpSettings settings);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  tl::expected<Response, HttpFailure> send(const Request& request);

  // Named in HttpSettings::insecure.
  [[nodiscard]] bool is_insecure(const Url& url) const;
  // May be spoken to without TLS.
  [[nodiscard]] bool may_be_plain(const Url& url) const;
  [[nodiscard]] const HttpSettings& settings() const { return settings_; }
  // Before try number `attempt` + 1.  True when cancelled.
  bool pause(int attempt, Cancel* cancel);

 private:
  struct Channel;
  struct Transfer;
  explicit HttpClient(HttpSettings settings);

  tl::expected<Response, HttpFailure> with_retries(const Request& hop);
  tl::expected<Response, HttpFailure> once(const Request& hop);
  bool sleep_for(std::chrono::milliseconds time, Cancel* cancel);
  std::unique_ptr<Channel> take_channel();
  void give_channel(std::unique_ptr<Channel> channel);

  HttpSettings settings_;
  TrustedRoots roots_;
  std::atomic<TrustedRoots::Set> first_roots_{TrustedRoots::Set::all};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;
};

}  // namespace minescan::acquire
