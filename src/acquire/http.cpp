#include "acquire/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <system_error>

#include "acquire/curl_options.h"
#include "acquire/proxy.h"
#include "base/ascii.h"
#include "base/handle.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Headers = std::unique_ptr<curl_slist, Freer<curl_slist_free_all>>;

constexpr int kTriesBusy = 5;      // 429
constexpr int kTriesBroken = 4;    // 5xx and the like, connections that break
constexpr int kTriesNobody = 3;    // no name, no listener: rarely gets better
constexpr long kStallRate = 1024;  // bytes per second
constexpr std::size_t kIdleChannels = 8;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// How often a request that got this status is sent in all.
int tries_for(int status) {
  static constexpr std::array kPassing = {408, 499, 500, 502, 503, 504, 522};
  if (status == 429) return kTriesBusy;
  return std::find(kPassing.begin(), kPassing.end(), status) != kPassing.end() ? kTriesBroken : 1;
}

// What Retry-After asks for: seconds or a date.  nullopt when absent or unreadable.
std::optional<std::chrono::seconds> retry_after(const Response& response) {
  const std::string value = response.header("retry-after");
  if (value.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (end == value.data() + value.size() && error != std::errc::invalid_argument) {
    if (error == std::errc::result_out_of_range) seconds = std::int64_t{1} << 40;
    return std::chrono::seconds(std::max<std::int64_t>(seconds, 0));
  }
  const std::time_t when = curl_getdate(value.c_str(), nullptr);
  if (when == -1) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(when - std::time(nullptr), 0));
}

// Up to a tenth more, so that many jobs which failed together do not return together.
Milliseconds with_jitter(Milliseconds time) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return time + Milliseconds(now % (time.count() / 10 + 1));
}

Error connection_error(const std::string& where, CURLcode code, const char* detail) {
  const std::string text =
      printable(detail != nullptr && *detail != '\0' ? detail : curl_easy_strerror(code), 300);
  return {Code::unreachable, where + ": " + text};
}

}  // namespace

void Cancel::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (multi_ != nullptr) curl_multi_wakeup(multi_);
  changed_.notify_all();
}

bool Cancel::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

bool Cancel::wait(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [&] { return cancelled_; });
}

void Cancel::attach(void* multi) {
  const std::lock_guard lock(mutex_);
  multi_ = multi;
}

std::string Response::header(const std::string& name) const {
  const auto at = headers.find(name);
  return at == headers.end() ? std::string() : at->second.front();
}

// A handle and the connections that it keeps.
struct HttpClient::Channel {
  std::unique_ptr<CURLM, Freer<curl_multi_cleanup>> multi{curl_multi_init()};
  std::unique_ptr<CURL, Freer<curl_easy_cleanup>> easy{curl_easy_init()};
};

// One try of one hop, and what curl's callbacks know of it.
struct HttpClient::Transfer {
  const Request& request;
  const HttpClient& client;
  CURL* easy;
  TrustedRoots::Set roots;
  bool proxied = false;
  bool must_be_loopback = false;

  Response response;
  std::size_t header_bytes = 0;
  std::string refused_address;  // that the socket check turned away
  bool headers_too_long = false;
  bool body_too_long = false;
  bool error_body_cut = false;
  bool delivered = false;
  bool stopped = false;  // by the sink
  char detail[CURL_ERROR_SIZE] = "";

  bool address_allowed(AddressClass network) const;
  bool take_header(std::string_view line);
  bool take_body(ByteView bytes);
  void set_up(Headers& headers);
  void set_up_tls();
  void run(Channel& channel, CURLcode& code) const;
  tl::expected<Response, HttpFailure> outcome(CURLcode code);
  HttpFailure failure(CURLcode code) const;
  bool silent_at_handshake(CURLcode code) const;

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept;
  static int before_request(void* self, char* ip, char*, int, int) noexcept;
  static std::size_t on_header(char* data, std::size_t, std::size_t n, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t, std::size_t n, void* self) noexcept;
};

bool HttpClient::Transfer::address_allowed(AddressClass network) const {
  if (proxied) return true;  // the user's own proxy; the target is behind it
  if (must_be_loopback && network != AddressClass::loopback) return false;
  return !request.led_from || may_lead(*request.led_from, network);
}

curl_socket_t HttpClient::Transfer::open_socket(void* self, curlsocktype,
                                                curl_sockaddr* address) noexcept {
  try {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.address_allowed(classify(address->addr))) {
      transfer.refused_address = address_text(address->addr);
      return CURL_SOCKET_BAD;
    }
    // Helpers and workers that are started meanwhile must not inherit it.
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  } catch (...) {
    return CURL_SOCKET_BAD;
  }
}

// A connection that is used again opens no socket: it is checked here once more.
int HttpClient::Transfer::before_request(void* self, char* ip, char*, int, int) noexcept {
  try {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.proxied) return CURL_PREREQFUNC_OK;
    transfer.response.network = classify_literal(ip).value_or(AddressClass::closed);
    if (transfer.address_allowed(transfer.response.network)) return CURL_PREREQFUNC_OK;
    transfer.refused_address = ip;
    return CURL_PREREQFUNC_ABORT;
  } catch (...) {
    return CURL_PREREQFUNC_ABORT;
  }
}

std::size_t HttpClient::Transfer::on_header(char* data, std::size_t, std::size_t n,
                                            void* self) noexcept {
  try {
    return static_cast<Transfer*>(self)->take_header({data, n}) ? n : 0;
  } catch (...) {
    return 0;
  }
}

std::size_t HttpClient::Transfer::on_body(char* data, std::size_t, std::size_t n,
                                          void* self) noexcept {
  try {
    return static_cast<Transfer*>(self)->take_body(as_bytes({data, n})) ? n : 0;
  } catch (...) {
    return 0;
  }
}

bool HttpClient::Transfer::take_header(std::string_view line) {
  header_bytes += line.size();
  headers_too_long = header_bytes > kHeaderLimit;
  if (headers_too_long) return false;
  if (line.starts_with("HTTP/")) {  // also after "100 Continue": only the last head counts
    response.headers.clear();
    response.status = 0;
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return true;
    std::from_chars(line.data() + space + 1, line.data() + line.size(), response.status);
    return true;
  }
  if (const std::string_view text = trimmed(line); !text.empty()) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || response.status == 0) return true;
    response.headers[lower(trimmed(text.substr(0, colon)))].emplace_back(
        trimmed(text.substr(colon + 1)));
    return true;
  }
  if (response.status >= 200 && response.status < 300 && request.sink != nullptr && !delivered) {
    delivered = true;
    stopped = !request.sink->on_head(response);
  }
  return !stopped;
}

bool HttpClient::Transfer::take_body(ByteView bytes) {
  const bool good = response.status >= 200 && response.status < 300;
  if (good && request.sink != nullptr) {
    stopped = !delivered || !request.sink->on_bytes(bytes);
    return !stopped;
  }
  const std::size_t limit = good ? request.body_limit : kErrorBodyLimit;
  const std::size_t room = limit - response.body.size();
  response.body += as_text(bytes.first(std::min(room, bytes.size())));
  if (bytes.size() <= room) return true;
  (good ? body_too_long : error_body_cut) = true;
  return false;
}

void HttpClient::Transfer::set_up_tls() {
  set_option(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  const bool checked = !client.is_insecure(request.url);
  set_option(easy, CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
  set_option(easy, CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L);
  client.roots_.give(easy, roots);
}

void HttpClient::Transfer::set_up(Headers& headers) {
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(headers.release());
    headers.reset(longer);
  };
  for (const std::string& line : request.headers) add(line);
  // A proxy that compresses what is compressed already would break every digest.
  add("Accept-Encoding: identity");
  add("Expect:");
  if (!request.authorization.empty()) add("Authorization: " + request.authorization);

  const std::string proxy = proxy_for(request.url, client.settings_.environment);
  proxied = !proxy.empty();
  must_be_loopback = request.url.scheme == "http" && !client.is_insecure(request.url);
  if (const auto literal = classify_literal(request.url.host)) response.network = *literal;

  set_option(easy, CURLOPT_URL, request.url.text.c_str());
  set_option(easy, CURLOPT_PROXY, proxy.c_str());
  set_option(easy, CURLOPT_NOPROXY, "");
  set_option(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set_option(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set_option(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set_option(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set_option(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set_option(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set_option(easy, CURLOPT_USERAGENT, "minescan");
  set_option(easy, CURLOPT_HTTPHEADER, headers.get());
  set_option(easy, CURLOPT_NOSIGNAL, 1L);
  set_option(easy, CURLOPT_BUFFERSIZE, 256L << 10);
  set_option(easy, CURLOPT_CONNECTTIMEOUT_MS,
             static_cast<long>(Milliseconds(client.settings_.connect_timeout).count()));
  set_option(easy, CURLOPT_LOW_SPEED_LIMIT, kStallRate);
  set_option(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(client.settings_.stall.count()));
  set_option(easy, CURLOPT_ERRORBUFFER, detail);
  set_option(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set_option(easy, CURLOPT_OPENSOCKETDATA, this);
  set_option(easy, CURLOPT_PREREQFUNCTION, &Transfer::before_request);
  set_option(easy, CURLOPT_PREREQDATA, this);
  set_option(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set_option(easy, CURLOPT_HEADERDATA, this);
  set_option(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set_option(easy, CURLOPT_WRITEDATA, this);
  if (request.method == Request::Method::head) set_option(easy, CURLOPT_NOBODY, 1L);
  if (request.method == Request::Method::post) {
    set_option(easy, CURLOPT_POST, 1L);
    set_option(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    set_option(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  }
  set_up_tls();
}

// The transfer itself, with an ear for Cancel.
void HttpClient::Transfer::run(Channel& channel, CURLcode& code) const {
  code = CURLE_ABORTED_BY_CALLBACK;
  curl_multi_add_handle(channel.multi.get(), easy);
  if (request.cancel != nullptr) request.cancel->attach(channel.multi.get());
  int running = 1;
  while (request.cancel == nullptr || !request.cancel->cancelled()) {
    if (curl_multi_perform(channel.multi.get(), &running) != CURLM_OK) break;
    if (running == 0) break;
    curl_multi_poll(channel.multi.get(), nullptr, 0, 1000, nullptr);
  }
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(channel.multi.get(), &queued)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  if (request.cancel != nullptr) request.cancel->attach(nullptr);
  curl_multi_remove_handle(channel.multi.get(), easy);
}

// Some servers without TLS wait for the end of a line that a handshake never sends.
bool HttpClient::Transfer::silent_at_handshake(CURLcode code) const {
  curl_off_t connected = 0, secured = 0;
  get_info(easy, CURLINFO_CONNECT_TIME_T, &connected);
  get_info(easy, CURLINFO_APPCONNECT_TIME_T, &secured);
  return code == CURLE_OPERATION_TIMEDOUT && request.url.scheme == "https" && connected > 0 &&
         secured == 0;
}

HttpFailure HttpClient::Transfer::failure(CURLcode code) const {
  const std::string where = request.url.shown();
  const std::string host = printable(request.url.authority(), 300);
  const auto refused = [&](const std::string& what) {
    return HttpFailure{.error = {Code::refused, what}, .delivered = delivered};
  };
  if (!refused_address.empty()) {
    const bool elsewhere =
        must_be_loopback && classify_literal(refused_address) != AddressClass::loopback;
    return refused(host + " is at " + refused_address +
                   (elsewhere ? ", which is not this machine; pass --insecure " + host +
                                    " to speak to it without TLS"
                              : ", and a server may not lead minescan into another network than "
                                "its own; nothing was sent there"));
  }
  if (headers_too_long || body_too_long) {
    const std::size_t limit = headers_too_long ? kHeaderLimit : request.body_limit;
    return {.error = {Code::limit_bytes, where + (headers_too_long ? ": headers" : ": answer") +
                                             " longer than " + std::to_string(limit) + " bytes"},
            .delivered = delivered};
  }
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return refused(connection_error(where, code, detail).what +
                     "; pass --cacert FILE with the root that signed it, or --insecure " + host);
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_SSL_CONNECT_ERROR: {
      const bool default_port = request.url.port == 443;
      const bool nameless =
          code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY;
      return {.error = connection_error(where, code, detail),
              .no_tls = code == CURLE_SSL_CONNECT_ERROR || silent_at_handshake(code) ||
                        (code == CURLE_COULDNT_CONNECT && default_port),
              .tries = nameless || code == CURLE_COULDNT_CONNECT ? kTriesNobody : kTriesBroken,
              .delivered = delivered};
    }
    default:
      return {.error = connection_error(where, code, detail), .delivered = delivered};
  }
}

tl::expected<Response, HttpFailure> HttpClient::Transfer::outcome(CURLcode code) {
  response.url = request.url;
  if (code == CURLE_OK || error_body_cut) return std::move(response);
  return tl::unexpected<HttpFailure>(failure(code));
}

HttpClient::HttpClient(HttpSettings settings) : settings_(std::move(settings)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::create(HttpSettings settings) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  std::unique_ptr<HttpClient> client(new HttpClient(std::move(settings)));
  MINESCAN_TRY_ASSIGN(client->roots_, TrustedRoots::create(client->settings_.ca_file,
                                                           client->settings_.environment));
  client->first_roots_ = client->roots_.first();
  return client;
}

bool HttpClient::is_insecure(const Url& url) const {
  const std::string host =
      url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const std::string with_port = host + ":" + std::to_string(url.port);
  const std::string without = url.port == 443 || url.port == 80 ? host : with_port;
  const auto& list = settings_.insecure;
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
    const std::string name = lower(entry);
    return name == with_port || name == without;
  });
}

bool HttpClient::may_be_plain(const Url& url) const {
  return is_loopback_name(url.host) || is_insecure(url);
}

std::unique_ptr<HttpClient::Channel> HttpClient::take_channel() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto channel = std::move(idle_.back());
      idle_.pop_back();
      return channel;
    }
  }
  return std::make_unique<Channel>();
}

void HttpClient::give_channel(std::unique_ptr<Channel> channel) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleChannels) idle_.push_back(std::move(channel));
}

tl::expected<Response, HttpFailure> HttpClient::once(const Request& hop) {
  const auto refused = [](std::string what) {
    return tl::unexpected<HttpFailure>(HttpFailure{.error = {Code::refused, std::move(what)}});
  };
  if (hop.url.scheme == "http" && !may_be_plain(hop.url)) {
    return refused(hop.url.shown() + " is not encrypted; pass --insecure " +
                   printable(hop.url.authority(), 300) + " if that is meant");
  }
  const auto literal = classify_literal(hop.url.host);
  if (hop.led_from && literal && !may_lead(*hop.led_from, *literal)) {
    return refused("a server may not lead minescan to " + hop.url.shown() +
                   ", which is in another network than its own; nothing was sent there");
  }
  auto channel = take_channel();
  if (channel->multi == nullptr || channel->easy == nullptr) {
    return tl::unexpected<HttpFailure>(
        HttpFailure{.error = {Code::limit_memory, "no memory for a connection"}});
  }
  for (TrustedRoots::Set roots = first_roots_;; roots = TrustedRoots::Set::all) {
    Transfer transfer{.request = hop, .client = *this, .easy = channel->easy.get(), .roots = roots};
    Headers headers;
    transfer.set_up(headers);
    CURLcode code = CURLE_OK;
    transfer.run(*channel, code);
    auto outcome = transfer.outcome(code);
    curl_easy_reset(channel->easy.get());  // also wipes the headers that it was given
    const bool untrusted = code == CURLE_PEER_FAILED_VERIFICATION;
    if (!untrusted || roots == TrustedRoots::Set::all) {
      give_channel(std::move(channel));
      return outcome;
    }
    first_roots_ = TrustedRoots::Set::all;  // the next connections will need them too
  }
}

bool HttpClient::sleep_for(Milliseconds time, Cancel* cancel) {
  if (settings_.sleep) {
    settings_.sleep(time);
    return cancel != nullptr && cancel->cancelled();
  }
  Cancel nobody;
  return (cancel != nullptr ? cancel : &nobody)->wait(time);
}

bool HttpClient::pause(int attempt, Cancel* cancel) {
  return sleep_for(with_jitter(settings_.retry_base * (1 << std::min(attempt - 1, 6))), cancel);
}

tl::expected<Response, HttpFailure> HttpClient::with_retries(const Request& hop) {
  for (int attempt = 1;; ++attempt) {
    auto result = once(hop);
    if (hop.cancel != nullptr && hop.cancel->cancelled()) return result;
    if (!result) {
      const HttpFailure& failure = result.error();
      if (hop.once || failure.delivered || attempt >= failure.tries) return result;
      if (pause(attempt, hop.cancel)) return result;
      continue;
    }
    if (attempt >= tries_for(result->status)) return result;
    const auto asked = retry_after(*result);
    if (asked && *asked > settings_.longest_wait) return result;
    const bool cancelled =
        asked ? sleep_for(with_jitter(*asked), hop.cancel) : pause(attempt, hop.cancel);
    if (cancelled) return result;
  }
}

tl::expected<Response, HttpFailure> HttpClient::send(const Request& request) {
  Request hop = request;
  for (int redirects = 0;; ++redirects) {
    auto result = with_retries(hop);
    if (!result || !is_redirect(result->status)) return result;
    if (request.redirects == Request::kRedirectIsAnswer) return result;
    const auto refused = [&](const std::string& why) {
      return tl::unexpected<HttpFailure>(
          HttpFailure{.error = {Code::refused, hop.url.shown() + " redirects " + why}});
    };
    if (request.method == Request::Method::post || redirects == request.redirects) {
      return refused(request.redirects == 0
                         ? "although nothing may redirect here"
                         : "once more after " + std::to_string(redirects) + " redirects");
    }
    auto target = resolve_url(hop.url, result->header("location"));
    if (!target) return refused("to " + target.error().what);
    if (!target->same_origin(hop.url)) hop.authorization.clear();
    // The way back to the host that the user named is open, whatever network it lies in.
    const bool home =
        !request.led_from && target->host == request.url.host && target->port == request.url.port;
    hop.led_from = home ? std::nullopt : std::optional(result->network);
    hop.url = std::move(*target);
  }
}

}  // namespace minescan::acquire
