#pragma once
// Documents and files of package registries over HTTP, several at once: at most kTransfersPerHost
// with the host that a URL names.  Files download while they are read, and are checked then.
// Tested by transfers_test.cpp.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "acquire/http.h"
#include "acquire/url.h"
#include "base/result.h"
#include "base/source.h"

namespace minescan::acquire {

inline constexpr int kTransfersPerHost = 4;

// One file of a package, as far as it is known before its bytes are there.
struct RemoteFile {
  std::string name;  // of its unit: "npm:left-pad@1.3.0"
  Url url;
  std::string authorization;             // for the origin of the URL
  std::optional<AddressClass> led_from;  // as in Request
  std::vector<std::string> digests;      // as in Promise
  std::uint64_t size = 0;                // promised; 0 = unknown
  std::string login_advice;              // what to do when the host answers 401 or 403
  // Asks where the file really is, when it was only a guess that it is at `url` and it is not.
  std::function<Result<RemoteFile>()> otherwise;
};

// Counts the transfers with each host.
class HostSlots {
 public:
  // False when cancelled before there was a free one.  Every true is followed by one give().
  bool take(const std::string& host, const Cancel* cancel);
  void give(const std::string& host);

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, int> taken_;
};

// Safe for several threads.  Sources keep it alive.
class Transfers : public std::enable_shared_from_this<Transfers> {
 public:
  // `limit`: bytes of one file.
  static Result<std::shared_ptr<Transfers>> create(HttpSettings settings,
                                                   std::shared_ptr<HostSlots> slots,
                                                   std::uint64_t limit);

  // The answer, whatever its status.  The error says what was not fetched.
  Result<Response> get(Request request, const std::string& what);

  // Code::not_found, refused, unreachable, limit_bytes; see BlobDownload for the faults.  A thread
  // that holds several sources open must read them in the order in which it opened them, and must
  // not get() meanwhile.
  Result<std::unique_ptr<Source>> open(const RemoteFile& file);

  // Where a URL that a server or a lockfile named may lead.  nullopt, anywhere, when it is on the
  // host of `registry` or one of --insecure: the user named these.
  [[nodiscard]] std::optional<AddressClass> leads(const Url& url, const Url& registry,
                                                  AddressClass from) const;

 private:
  Transfers(std::unique_ptr<HttpClient> client, std::shared_ptr<HostSlots> slots,
            std::uint64_t limit)
      : client_(std::move(client)), slots_(std::move(slots)), limit_(limit) {}

  Result<std::unique_ptr<Source>> open_at(const RemoteFile& file);

  const std::unique_ptr<HttpClient> client_;
  const std::shared_ptr<HostSlots> slots_;
  const std::uint64_t limit_;
};

// The Error of an answer that is no success: refused (401, 403), not_found (404, 410, 451), else
// unreachable.  `advice` may be "".
Error failed_answer(const Response& response, const std::string& what, const std::string& advice);

bool is_success(const Response& response);

}  // namespace minescan::acquire
