#include "acquire/daemon.h"

#include <curl/curl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "acquire/archive.h"
#include "acquire/curl_options.h"
#include "acquire/quoted.h"
#include "acquire/temp_file.h"
#include "base/json.h"
#include "base/printable.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

using CurlHandle = std::unique_ptr<CURL, Freer<curl_easy_cleanup>>;

constexpr std::size_t kMaxAnswer = std::size_t{4} << 20;  // of anything but an export
constexpr long kConnectSeconds = 10;
// An engine may pack for minutes before it sends the first byte of an export.
constexpr long kSilentSeconds = 600;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

bool is_socket(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

// What the environment names decides alone: another engine may have another image of that name.
Result<std::string> find_socket() {
  for (const char* name : {"DOCKER_HOST", "CONTAINER_HOST"}) {
    const std::string value = variable(name);
    if (value.empty()) continue;
    if (value.starts_with("unix://")) return value.substr(7);
    return fail(Code::unsupported, std::string(name) + " is " + in_quotes(value, 200) +
                                       ", but only unix:// sockets are asked; save the image "
                                       "there and scan the archive");
  }
  std::vector<std::string> places = {"/var/run/docker.sock", "/run/podman/podman.sock"};
  const std::string runtime = variable("XDG_RUNTIME_DIR");
  if (!runtime.empty()) places.push_back(runtime + "/podman/podman.sock");
  std::string looked;
  for (const std::string& place : places) {
    if (is_socket(place)) return place;
    looked += (looked.empty() ? "" : ", ") + printable(place, 200);
  }
  return fail(Code::unreachable, "no container engine found: there is no socket at " + looked +
                                     "; start the engine or set DOCKER_HOST=unix:///path");
}

// Names of images need no escaping in a URL; anything else could turn into another request.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name.find("..") == std::string::npos && name.front() != '/' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-' || c == '/' || c == ':' || c == '@';
         });
}

// Where an answer goes.  An export goes to a file when the status is 200, everything else is text.
struct Answer {
  CURL* curl = nullptr;
  long status = 0;
  std::string text;
  const Fd* file = nullptr;
  std::uint64_t size = 0;
  std::optional<Error> error;
};

// Called from C: must not throw.
std::size_t take_bytes(char* bytes, std::size_t one, std::size_t count, void* user) noexcept {
  const std::size_t size = one * count;
  auto& answer = *static_cast<Answer*>(user);
  try {
    get_info(answer.curl, CURLINFO_RESPONSE_CODE, &answer.status);
    answer.size += size;
    if (answer.file != nullptr && answer.status == 200) {
      if (answer.size > Limits{}.unit_bytes) {
        answer.error = Error{Code::limit_bytes, "the engine sends more than " +
                                                    std::to_string(Limits{}.unit_bytes) + " bytes"};
        return 0;
      }
      const auto done = append(*answer.file, as_bytes({bytes, size}));
      if (done) return size;
      answer.error = done.error();
      return 0;
    }
    if (answer.size > kMaxAnswer) {
      answer.error = Error{Code::limit_bytes, "the engine's answer is longer than " +
                                                  std::to_string(kMaxAnswer) + " bytes"};
      return 0;
    }
    answer.text.append(bytes, size);
    return size;
  } catch (...) {
    return 0;
  }
}

Result<Answer> get(const std::string& socket, const std::string& path, const Fd* file) {
  const CurlHandle curl(curl_easy_init());
  if (!curl) return fail(Code::internal, "libcurl does not start");
  Answer answer;
  answer.curl = curl.get();
  answer.file = file;
  const std::string url = "http://localhost" + path;
  set_option(curl.get(), CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  set_option(curl.get(), CURLOPT_URL, url.c_str());
  set_option(curl.get(), CURLOPT_PROXY, "");
  set_option(curl.get(), CURLOPT_NOSIGNAL, 1L);
  set_option(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set_option(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  set_option(curl.get(), CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  set_option(curl.get(), CURLOPT_WRITEFUNCTION, take_bytes);
  set_option(curl.get(), CURLOPT_WRITEDATA, &answer);
  const CURLcode code = curl_easy_perform(curl.get());
  if (answer.error) return tl::unexpected(*answer.error);
  if (code != CURLE_OK) {
    return fail(Code::unreachable, "the container engine at " + in_quotes(socket, 200) +
                                       " does not answer: " + curl_easy_strerror(code));
  }
  get_info(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  answer.curl = nullptr;
  return answer;
}

Result<Answer> ask(const std::string& socket, const std::string& path, const Fd* file,
                   const std::string& reference) {
  MINESCAN_TRY_ASSIGN(Answer answer, get(socket, path, file));
  if (answer.status == 200) return answer;
  const auto json = parse_json(as_bytes(answer.text));
  std::string said = json ? json_string(*json, "message") : std::string();
  if (said.empty()) said = "status " + std::to_string(answer.status);
  said = printable(said, 300);
  if (answer.status == 404) {
    return fail(Code::not_found, "the container engine has no image " + in_quotes(reference, 200) +
                                     " (" + said + "); pull it first, or scan docker://" +
                                     printable(reference, 200));
  }
  const bool refused = answer.status == 401 || answer.status == 403;
  return fail(refused ? Code::refused : Code::unreachable,
              "the container engine at " + in_quotes(socket, 200) + " refuses: " + said);
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_daemon(const std::string& reference, TaskRunner* tasks) {
  if (!is_plain_name(reference)) {
    return fail(Code::usage, in_quotes(reference, 200) + " is not the name or digest of an image");
  }
  MINESCAN_TRY_ASSIGN(const std::string socket, find_socket());
  MINESCAN_TRY(ask(socket, "/_ping", nullptr, reference));
  // Asked for first, since it says in clear words what an export only breaks off for.
  MINESCAN_TRY(ask(socket, "/images/" + reference + "/json", nullptr, reference));
  MINESCAN_TRY_ASSIGN(Fd file, temp_file());
  MINESCAN_TRY(ask(socket, "/images/" + reference + "/get", &file, reference));
  const std::string name = "docker-daemon:" + reference;
  return open_archive(std::move(file), name, name, "", tasks);
}

}  // namespace minescan::acquire
