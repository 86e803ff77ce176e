#include "acquire/credential_helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "base/handle.h"
#include "base/json.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kOutputLimit = std::size_t{64} << 10;
constexpr std::string_view kNotFound = "credentials not found in native keychain";

// What a helper may see.  Clouds' helpers read their own variables.
constexpr std::string_view kNames[] = {"PATH",   "HOME",   "USER", "LOGNAME",
                                       "TZ",     "TMPDIR", "LANG", "DBUS_SESSION_BUS_ADDRESS",
                                       "DISPLAY"};
constexpr std::string_view kPrefixes[] = {
    "XDG_", "AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "GCE_",  "GCLOUD_",
    "ACR_", "ECR_", "OCI_",   "LC_",     "SSL_CERT_", "GNUPG", "PASSWORD_STORE_"};

bool is_passed_on(std::string_view name) {
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) ||
         std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_suffix(std::string_view suffix) {
  return !suffix.empty() && std::all_of(suffix.begin(), suffix.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

// "" when no absolute folder of PATH has it.  Relative ones could lie in what is being scanned.
std::string find_program(const std::string& name, std::string_view path) {
  while (!path.empty()) {
    const auto colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    if (folder.starts_with('/')) {
      std::string program = std::string(folder) + "/" + name;
      if (::access(program.c_str(), X_OK) == 0) return program;
    }
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
  }
  return {};
}

struct Pipe {
  Fd read, write;
};

std::optional<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

struct Child {
  pid_t pid = -1;
  Fd out, err;
};

Result<Child> start(const std::string& program, const std::string& input,
                    const Environment& environment) {
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  if (!in || !out || !err) {
    return fail(Code::io, program + " cannot be started: " + std::strerror(errno));
  }
  // Written before it starts: while we hold the reading end there is no SIGPIPE, and a server's
  // name fits any pipe.
  if (::write(in->write.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    return fail(Code::io, program + " cannot be given the server's name");
  }
  in->write.reset();

  std::vector<std::string> variables;
  for (const auto& [name, value] : environment.variables) {
    if (is_passed_on(name)) variables.push_back(std::string(name).append("=").append(value));
  }
  std::vector<char*> envp;
  envp.reserve(variables.size() + 1);
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  std::string argv0 = program, verb = "get";
  char* argv[] = {argv0.data(), verb.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in->read.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out->write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err->write.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // group 0: its own
  Child child;
  const int error =
      ::posix_spawn(&child.pid, program.c_str(), &actions, &attributes, argv, envp.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return fail(Code::io, program + " cannot be started: " + std::strerror(error));
  }
  child.out = std::move(out->read);
  child.err = std::move(err->read);
  return child;
}

// Appends what is there; false at the end of the stream or when it says too much.
bool drain(const Fd& fd, std::string& text) {
  std::array<char, 4096> buffer;
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  text.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0 && text.size() <= kOutputLimit;
}

struct Ended {
  bool in_time = false;
  int status = -1;  // exit status, -1 when a signal ended it
  std::string out, err;
};

Ended wait_for(Child child, Clock::time_point deadline) {
  Ended ended;
  const auto left = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  };
  bool out_open = true, err_open = true;
  while ((out_open || err_open) && left() > 0) {
    pollfd polled[] = {{out_open ? child.out.get() : -1, POLLIN, 0},
                       {err_open ? child.err.get() : -1, POLLIN, 0}};
    if (::poll(polled, 2, static_cast<int>(left())) < 0 && errno != EINTR) break;
    if (polled[0].revents != 0) out_open = drain(child.out, ended.out);
    if (polled[1].revents != 0) err_open = drain(child.err, ended.err);
    // Closed at once: who says too much must not wait for us to listen.
    if (!out_open) child.out.reset();
    if (!err_open) child.err.reset();
  }
  int status = 0;
  pid_t waited = 0;
  while ((waited = ::waitpid(child.pid, &status, WNOHANG)) == 0 && left() > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ended.in_time = waited == child.pid;
  if (!ended.in_time) {
    ::kill(-child.pid, SIGKILL);
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return ended;
  }
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  return ended;
}

std::string first_line(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return printable(text.substr(begin, text.find_first_of("\r\n", begin) - begin), 200);
}

// A helper's words, unless they could be its answer: that would hold the secret.
std::string words(const Ended& ended) {
  for (const std::string* text : {&ended.out, &ended.err}) {
    const std::string line = first_line(*text);
    if (!line.empty() && text->find('{') == std::string::npos) return ": " + line;
  }
  return {};
}

}  // namespace

Result<std::optional<Login>> ask_helper(const std::string& suffix, const std::string& server,
                                        const Environment& environment,
                                        std::chrono::milliseconds timeout) {
  if (!is_suffix(suffix)) {
    return fail(Code::usage, "credential helper '" + printable(suffix, 100) +
                                 "' is not a name of letters, digits, '.', '_' and '-'");
  }
  const std::string name = "docker-credential-" + suffix;
  const std::string program = find_program(name, environment.get("PATH"));
  if (program.empty()) {
    return fail(Code::usage, name + " is not in an absolute folder of PATH; install it or remove " +
                                 "it from the credentials file");
  }
  MINESCAN_TRY_ASSIGN(Child child, start(program, server, environment));
  const Ended ended = wait_for(std::move(child), Clock::now() + timeout);
  if (!ended.in_time) {
    return fail(Code::io, name + " gave no answer for " + printable(server, 300) + " within " +
                              std::to_string(timeout.count() / 1000) + " s and was stopped");
  }
  if (ended.status != 0) {
    if (ended.out.find(kNotFound) != std::string::npos ||
        ended.err.find(kNotFound) != std::string::npos) {
      return std::optional<Login>();
    }
    return fail(Code::io, name + " failed for " + printable(server, 300) + words(ended));
  }
  const auto json = parse_json(as_bytes(ended.out), {.bytes = kOutputLimit});
  if (!json || !json->is_object()) {
    return fail(Code::io, name + " answered for " + printable(server, 300) +
                              " with something else than a JSON object");
  }
  const std::string username = json_string(*json, "Username");
  const std::string secret = json_string(*json, "Secret");
  Login login;
  if (username == "<token>") {
    login.identity_token = secret;
  } else {
    login.username = username;
    login.password = secret;
  }
  return login.empty() ? std::optional<Login>() : std::optional<Login>(std::move(login));
}

}  // namespace minescan::acquire
