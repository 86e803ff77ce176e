#include "acquire/packages/transfers.h"

#include <chrono>
#include <utility>

#include "acquire/blob_download.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr int kRedirects = 5;
constexpr std::chrono::milliseconds kLook{50};  // for a cancellation while waiting for a slot

class Slot {
 public:
  Slot(HostSlots& slots, std::string host, const Cancel* cancel)
      : slots_(slots), host_(std::move(host)), taken_(slots.take(host_, cancel)) {}
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() {
    if (taken_) slots_.give(host_);
  }
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  HostSlots& slots_;
  std::string host_;
  bool taken_;
};

}  // namespace

bool HostSlots::take(const std::string& host, const Cancel* cancel) {
  std::unique_lock lock(mutex_);
  int& taken = taken_[host];
  while (taken >= kTransfersPerHost) {
    freed_.wait_for(lock, kLook);
    if (cancel != nullptr && cancel->cancelled()) return false;
  }
  ++taken;
  return true;
}

void HostSlots::give(const std::string& host) {
  const std::lock_guard lock(mutex_);
  --taken_[host];
  freed_.notify_all();
}

bool is_success(const Response& response) {
  return response.status >= 200 && response.status < 300;
}

Error failed_answer(const Response& response, const std::string& what, const std::string& advice) {
  const std::string answered =
      printable(response.url.authority(), 300) + " answered " + std::to_string(response.status);
  const std::string then = advice.empty() ? std::string() : "; " + advice;
  switch (response.status) {
    case 401:
    case 403:
      return {Code::refused, what + " is not for everyone: " + answered + then};
    case 404:
    case 410:
    case 451:
      return {Code::not_found, what + " was not found: " + answered};
    default:
      break;
  }
  std::string wait = "; try again later";
  if (const std::string asked = response.header("retry-after"); !asked.empty()) {
    wait = "; it asks to be left alone for " + printable(asked, 60) + " (seconds or date)";
  }
  return {Code::unreachable, what + " was not fetched: " + answered + wait};
}

Result<std::shared_ptr<Transfers>> Transfers::create(HttpSettings settings,
                                                     std::shared_ptr<HostSlots> slots,
                                                     std::uint64_t limit) {
  MINESCAN_TRY_ASSIGN(auto client, HttpClient::create(std::move(settings)));
  return std::shared_ptr<Transfers>(new Transfers(std::move(client), std::move(slots), limit));
}

Result<Response> Transfers::get(Request request, const std::string& what) {
  request.redirects = kRedirects;
  const Slot slot(*slots_, request.url.authority(), request.cancel);
  auto response = client_->send(request);
  if (!response) {
    Error error = std::move(response.error().error);
    return fail(error.code, what + " was not fetched: " + error.what);
  }
  const std::string encoding = response->header("content-encoding");
  if (is_success(*response) && !encoding.empty() && encoding != "identity") {
    return fail(Code::corrupt,
                what + " was not fetched: " + printable(response->url.authority(), 300) +
                    " answered with Content-Encoding '" + printable(encoding, 40) +
                    "', which nobody asked for");
  }
  return std::move(*response);
}

Result<std::unique_ptr<Source>> Transfers::open(const RemoteFile& file) {
  auto source = open_at(file);
  if (source || source.error().code != Code::not_found || !file.otherwise) return source;
  MINESCAN_TRY_ASSIGN(const RemoteFile other, file.otherwise());
  return open_at(other);
}

Result<std::unique_ptr<Source>> Transfers::open_at(const RemoteFile& file) {
  BlobFetch fetch = [self = shared_from_this(), file](std::uint64_t from, BodySink& sink,
                                                      Cancel& cancel) -> Result<Response> {
    const Slot slot(*self->slots_, file.url.authority(), &cancel);
    if (!slot.taken()) return fail(Code::unreachable, file.name + ": the transfer was stopped");
    Request request{.url = file.url,
                    .authorization = file.authorization,
                    .redirects = kRedirects,
                    .led_from = file.led_from,
                    .sink = &sink,
                    .cancel = &cancel};
    if (from > 0) request.headers.push_back("Range: bytes=" + std::to_string(from) + "-");
    auto response = self->client_->send(request);
    if (!response) {
      Error error = std::move(response.error().error);
      return fail(error.code, printable(file.name) + " was not fetched: " + error.what);
    }
    if (is_success(*response) || (from > 0 && response->status == 416)) return std::move(*response);
    return tl::unexpected<Error>(failed_answer(*response, printable(file.name), file.login_advice));
  };
  BlobPause pause = [self = shared_from_this()](int attempt, Cancel& cancel) {
    return self->client_->pause(attempt, &cancel);
  };
  Promise promise{.digests = file.digests, .limit = limit_, .limit_option = "--max-package-size"};
  if (file.size > 0) promise.size = file.size;
  return BlobDownload::start(std::move(promise), printable(file.name), std::move(fetch),
                             std::move(pause));
}

std::optional<AddressClass> Transfers::leads(const Url& url, const Url& registry,
                                             AddressClass from) const {
  const bool named =
      (url.host == registry.host && url.port == registry.port) || client_->is_insecure(url);
  return named ? std::nullopt : std::optional(from);
}

}  // namespace minescan::acquire
