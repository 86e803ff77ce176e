#include "acquire/registry.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "acquire/auth.h"
#include "acquire/blob_download.h"
#include "acquire/credentials.h"
#include "acquire/notes.h"
#include "acquire/reference.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// dist-spec's least that a registry must take, and the most that we do.
constexpr std::size_t kDocumentLimit = std::size_t{4} << 20;
constexpr int kRedirects = 5;
constexpr std::size_t kErrorsShown = 3;

// All of them, in one header: some registries answer 404 for a type that is not asked for.
constexpr std::array<std::string_view, 7> kManifestTypes = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v1+json"};

bool is_manifest(std::string_view media_type) {
  return std::find(kManifestTypes.begin(), kManifestTypes.end(), media_type) !=
         kManifestTypes.end();
}

std::string accept_header() {
  std::string line = "Accept: ";
  for (const std::string_view type : kManifestTypes) {
    line += (type == kManifestTypes.front() ? "" : ", ");
    line += type;
  }
  return line;
}

std::string media_type_of(const Response& response) {
  std::string type = response.header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

std::string digest_of(std::string_view algorithm, const std::string& bytes) {
  Hasher hasher(algorithm);
  hasher.update(as_bytes(bytes));
  return hasher.finish();
}

// ": CODE: message" for each error that the body names, raw; "" for HTML and the like.
std::string told(const Response& response) {
  const auto json = parse_json(as_bytes(response.body));
  if (!json || !json->is_object()) return {};
  const auto errors = json->find("errors");
  if (errors == json->end() || !errors->is_array()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(errors->size(), kErrorsShown); ++i) {
    const std::string code = json_string((*errors)[i], "code");
    const std::string message = json_string((*errors)[i], "message");
    if (!code.empty()) text += ": " + code;
    if (!message.empty()) text += ": " + message;
  }
  return text;
}

// The text of `299 - "text"`, or "" when the header is another warning.
std::string warning_text(std::string_view value) {
  if (!value.starts_with("299 ")) return {};
  const auto quote = value.find('"');
  if (quote == std::string_view::npos) return {};
  std::string text;
  for (std::size_t at = quote + 1; at < value.size() && value[at] != '"'; ++at) {
    if (value[at] == '\\' && at + 1 < value.size()) ++at;
    text += value[at];
  }
  return text;
}

// What root(), document() and blob() share.  Downloads keep it alive.
class Session {
 public:
  static Result<std::shared_ptr<Session>> open(Reference reference, const Options& options,
                                               HttpSettings settings);

  // GET of `path` below the repository ("manifests/latest"), as whoever we are.  `request` brings
  // headers, limit, sink and cancel.  2xx, and 416 where a range was asked for, are answers; the
  // rest are errors.  `what` is for messages.
  Result<Response> get(const std::string& path, Request request, const std::string& what);

  [[nodiscard]] const Reference& reference() const { return reference_; }
  [[nodiscard]] std::vector<std::string> notes() const { return notes_.all(); }
  bool pause(int attempt, Cancel& cancel) { return client_->pause(attempt, &cancel); }

 private:
  Session(Reference reference, std::unique_ptr<HttpClient> client)
      : reference_(std::move(reference)), client_(std::move(client)) {}

  Result<Response> ping();
  Result<Response> with_login(Request request);
  Result<Response> as_stranger(Request request, const Response& challenge);
  Error failure(const Response& response, const std::string& what);
  void note_warnings(const Response& response);

  const Reference reference_;
  const std::unique_ptr<HttpClient> client_;
  Url base_;  // …/v2/
  AddressClass network_ = AddressClass::open;
  std::unique_ptr<Authenticator> authenticator_;
  Notes notes_;
};

std::vector<Challenge> challenges_of(const Response& response) {
  const auto at = response.headers.find("www-authenticate");
  return at == response.headers.end() ? std::vector<Challenge>() : parse_challenges(at->second);
}

Result<Response> sent(HttpClient& client, const Request& request) {
  auto response = client.send(request);
  if (!response) return tl::unexpected<Error>(std::move(response.error().error));
  return std::move(*response);
}

Result<std::shared_ptr<Session>> Session::open(Reference reference, const Options& options,
                                               HttpSettings settings) {
  settings.insecure = options.insecure;
  settings.ca_file = options.ca_file;
  MINESCAN_TRY_ASSIGN(FoundLogin found, find_login(reference, options, settings.environment));
  MINESCAN_TRY_ASSIGN(auto client, HttpClient::create(std::move(settings)));
  std::shared_ptr<Session> session(new Session(std::move(reference), std::move(client)));
  MINESCAN_TRY_ASSIGN(const Response pong, session->ping());
  session->network_ = pong.network;
  session->authenticator_ = std::make_unique<Authenticator>(
      *session->client_, Authenticator::At{.origin = session->base_, .network = pong.network},
      std::move(found), session->reference_.repository);
  session->note_warnings(pong);
  // Some proxies hide /v2/: whatever else was answered, the manifest decides.
  if (pong.status == 429 || pong.status >= 500) {
    return tl::unexpected<Error>(session->failure(pong, session->reference_.text()));
  }
  if (pong.status == 401) {
    MINESCAN_TRY(session->authenticator_->remember(challenges_of(pong)));
  }
  return session;
}

// Finds out the scheme, and how the registry wants to be asked.
Result<Response> Session::ping() {
  const std::string rest = "://" + reference_.host + "/v2/";
  MINESCAN_TRY_ASSIGN(base_, parse_url("https" + rest));
  const bool may_be_plain = client_->may_be_plain(base_);
  Request request{.url = base_, .redirects = Request::kRedirectIsAnswer, .once = may_be_plain};
  auto secure = client_->send(request);
  if (!secure && may_be_plain && !secure.error().no_tls && secure.error().tries > 1) {
    request.once = false;  // the first try was only to learn whether TLS is spoken at all
    secure = client_->send(request);
  }
  if (secure) {
    if (client_->is_insecure(base_)) {
      notes_.add("the certificate of " + base_.authority() + " was not checked (--insecure)");
    }
    return std::move(*secure);
  }
  if (!may_be_plain || !secure.error().no_tls) {
    return tl::unexpected<Error>(std::move(secure.error().error));
  }
  MINESCAN_TRY_ASSIGN(base_, parse_url("http" + rest));
  request.url = base_;
  request.once = false;
  MINESCAN_TRY_ASSIGN(Response plain, sent(*client_, request));
  notes_.add("plain HTTP was used for " + base_.authority());
  return plain;
}

Result<Response> Session::get(const std::string& path, Request request, const std::string& what) {
  const bool ranged =
      std::any_of(request.headers.begin(), request.headers.end(),
                  [](const std::string& line) { return line.starts_with("Range:"); });
  MINESCAN_TRY_ASSIGN(request.url, resolve_url(base_, reference_.repository + "/" + path));
  request.redirects = kRedirects;
  MINESCAN_TRY_ASSIGN(Response response, with_login(std::move(request)));
  note_warnings(response);
  const bool answer =
      (response.status >= 200 && response.status < 300) || (ranged && response.status == 416);
  if (!answer) return tl::unexpected<Error>(failure(response, what));
  return response;
}

Result<Response> Session::with_login(Request request) {
  MINESCAN_TRY_ASSIGN(request.authorization, authenticator_->header(request.cancel));
  MINESCAN_TRY_ASSIGN(Response response, sent(*client_, request));
  if (response.status != 401) return response;
  if (!response.url.same_origin(base_)) return as_stranger(std::move(request), response);
  MINESCAN_TRY_ASSIGN(
      const auto fresh,
      authenticator_->renew(request.authorization, challenges_of(response), request.cancel));
  if (!fresh) return response;
  request.authorization = *fresh;
  return sent(*client_, request);
}

// Another registry, to which ours redirects, asks who we are: nobody.  The login is not for it.
Result<Response> Session::as_stranger(Request request, const Response& challenge) {
  constexpr std::string_view kStart = "/v2/";
  const std::string& path = challenge.url.path;
  auto end = path.rfind("/manifests/");
  if (end == std::string::npos) end = path.rfind("/blobs/");
  const auto asked = challenges_of(challenge);
  const bool readable = path.starts_with(kStart) && end != std::string::npos && end > kStart.size();
  if (!readable || asked.empty()) return challenge;
  Authenticator nobody(*client_, {.origin = challenge.url, .network = network_, .named = false},
                       FoundLogin{}, path.substr(kStart.size(), end - kStart.size()));
  MINESCAN_TRY(nobody.remember(asked));
  MINESCAN_TRY_ASSIGN(request.authorization, nobody.header(request.cancel));
  if (request.authorization.empty()) return challenge;
  request.url = challenge.url;
  request.led_from = network_;
  return sent(*client_, request);
}

Error Session::failure(const Response& response, const std::string& what) {
  const std::string host = printable(response.url.authority(), 300);
  const std::string answered = host + " answered " + std::to_string(response.status) +
                               printable(authenticator_->redacted(told(response)), 500);
  if (response.status == 401 || response.status == 403) {
    // Registries hide what they do not have from those who may not see it, and the other way round.
    return {Code::refused, what + " was not found or is not authorised: " + answered +
                               (response.url.same_origin(base_) ? "; " + authenticator_->looked_in()
                                                                : std::string())};
  }
  if (response.status == 404) {
    return {Code::not_found, what + " was not found: " + answered};
  }
  std::string advice = "; try again later";
  if (const std::string wait = response.header("retry-after"); !wait.empty()) {
    advice = "; it asks to be left alone for " + printable(wait, 60) + " (seconds or date)";
  }
  return {Code::unreachable, what + " was not fetched: " + answered + advice};
}

void Session::note_warnings(const Response& response) {
  const auto at = response.headers.find("warning");
  if (at == response.headers.end()) return;
  for (const std::string& value : at->second) {
    const std::string text = warning_text(value);
    if (text.empty()) continue;
    const std::string safe =
        authenticator_ != nullptr ? authenticator_->redacted(text) : std::string();
    notes_.add(printable(response.url.authority(), 300) + " says: " + printable(safe, 300));
  }
}

class Registry final : public ImageSource {
 public:
  explicit Registry(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  [[nodiscard]] std::string name() const override { return session_->reference().text(); }
  [[nodiscard]] std::vector<std::string> notes() const override { return session_->notes(); }
  Result<Document> root() override;
  Result<Document> document(const Descriptor& descriptor) override;
  Result<std::unique_ptr<Source>> blob(const Descriptor& descriptor) override;

 private:
  Result<Document> fetch(const std::string& path, const std::string& what);

  std::shared_ptr<Session> session_;
};

// Bytes and type; the digest is the caller's to compute and compare.  What the registry claims in
// Docker-Content-Digest has to be true.
Result<Document> Registry::fetch(const std::string& path, const std::string& what) {
  Request request{.headers = {accept_header()}, .body_limit = kDocumentLimit};
  MINESCAN_TRY_ASSIGN(Response response, session_->get(path, std::move(request), what));
  const std::string encoding = response.header("content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return fail(Code::corrupt, what + ": " + printable(response.url.authority(), 300) +
                                   " answered with Content-Encoding '" + printable(encoding, 40) +
                                   "', which nobody asked for");
  }
  const std::string claimed = response.header("docker-content-digest");
  if (!claimed.empty()) {
    const std::string real = is_digest(claimed)
                                 ? digest_of(claimed.substr(0, claimed.find(':')), response.body)
                                 : sha256(as_bytes(response.body));
    if (claimed != real) {
      return fail(Code::integrity, what + " has the digest " + real + ", but the registry says " +
                                       printable(claimed, 200));
    }
  }
  return Document{.bytes = std::move(response.body), .media_type = media_type_of(response)};
}

Result<Document> Registry::root() {
  const Reference& reference = session_->reference();
  const bool by_digest = !reference.digest.empty();
  const std::string what = reference.text();
  MINESCAN_TRY_ASSIGN(Document document,
                      fetch("manifests/" + (by_digest ? reference.digest : reference.tag), what));
  const std::string algorithm =
      by_digest ? reference.digest.substr(0, reference.digest.find(':')) : "sha256";
  document.digest = digest_of(algorithm, document.bytes);
  if (by_digest && document.digest != reference.digest) {
    return fail(Code::integrity, what + " came with the digest " + document.digest +
                                     "; what was sent is not what was asked for");
  }
  return document;
}

Result<Document> Registry::document(const Descriptor& descriptor) {
  const std::string what = "document " + printable(descriptor.digest, 200) + " of " + name();
  if (!is_digest(descriptor.digest)) {
    return fail(Code::unsupported, what + " has a digest that is neither sha256 nor sha512");
  }
  if (descriptor.size > kDocumentLimit) {
    return fail(Code::limit_bytes, what + " is said to have " + std::to_string(descriptor.size) +
                                       " bytes; at most 4 MiB are read");
  }
  const std::string folder = is_manifest(descriptor.media_type) ? "manifests/" : "blobs/";
  MINESCAN_TRY_ASSIGN(Document document, fetch(folder + descriptor.digest, what));
  if (document.bytes.size() != descriptor.size) {
    return fail(Code::integrity, what + " has " + std::to_string(document.bytes.size()) +
                                     " bytes, not the promised " + std::to_string(descriptor.size));
  }
  document.digest =
      digest_of(descriptor.digest.substr(0, descriptor.digest.find(':')), document.bytes);
  if (document.digest != descriptor.digest) {
    return fail(Code::integrity, what + " came with the digest " + document.digest +
                                     "; what was sent is not what was asked for");
  }
  return document;
}

Result<std::unique_ptr<Source>> Registry::blob(const Descriptor& descriptor) {
  const std::string what = "blob " + printable(descriptor.digest, 200) + " of " + name();
  if (!is_digest(descriptor.digest)) {
    return fail(Code::unsupported, what + " has a digest that is neither sha256 nor sha512");
  }
  BlobFetch fetch = [session = session_, path = "blobs/" + descriptor.digest, what](
                        std::uint64_t from, BodySink& sink, Cancel& cancel) {
    Request request{.sink = &sink, .cancel = &cancel};
    if (from > 0) request.headers.push_back("Range: bytes=" + std::to_string(from) + "-");
    return session->get(path, std::move(request), what);
  };
  BlobPause pause = [session = session_](int attempt, Cancel& cancel) {
    return session->pause(attempt, cancel);
  };
  return BlobDownload::start(descriptor, what, std::move(fetch), std::move(pause));
}

std::string_view without_transport(std::string_view reference) {
  constexpr std::string_view kTransport = "docker://";
  if (reference.starts_with(kTransport)) reference.remove_prefix(kTransport.size());
  return reference;
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_registry(const std::string& reference,
                                                   const Options& options) {
  HttpSettings settings;
  settings.environment = process_environment();
  return open_registry(reference, options, std::move(settings));
}

Result<std::unique_ptr<ImageSource>> open_registry(const std::string& reference,
                                                   const Options& options, HttpSettings settings) {
  MINESCAN_TRY_ASSIGN(Reference parsed, parse_reference(without_transport(reference)));
  MINESCAN_TRY_ASSIGN(auto session, Session::open(std::move(parsed), options, std::move(settings)));
  return std::unique_ptr<ImageSource>(std::make_unique<Registry>(std::move(session)));
}

}  // namespace minescan::acquire
