#pragma once
// An HTTP server on loopback inside the test: a handler answers each request, and every request is
// kept.  It speaks no TLS: a client that tries gets a closed connection.  Handlers run in the
// server's threads, so no doctest macros in them.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace minescan::test {

class HttpStub {
 public:
  struct Request {
    std::string method, target;
    std::map<std::string, std::string> headers;  // by lower-case name
    std::string body;

    [[nodiscard]] std::string header(const std::string& name) const {
      const auto at = headers.find(name);
      return at == headers.end() ? std::string() : at->second;
    }
    [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
  };

  struct Reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::optional<std::size_t> length;  // a Content-Length that is not the body's
    bool no_length = false;             // the end of the connection is the end of the body
    std::optional<std::string> raw;     // these bytes and no others
    bool keep_alive = false;            // the connection takes another request
    int stall_ms = 0;                   // after the body, before the connection closes
  };

  using Handler = std::function<Reply(const Request&)>;

  explicit HttpStub(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::listen(listener_, 64) == 0) {
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
      port_ = ntohs(address.sin_port);
    }
    acceptor_ = std::thread([this] { accept_all(); });
  }
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;

  ~HttpStub() {
    stop_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path) const { return "http://" + host() + path; }
  [[nodiscard]] std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // Connections taken, also those that never became a request.
  [[nodiscard]] int connections() const { return connections_; }

 private:
  static bool readable(int fd) {
    pollfd polled{fd, POLLIN, 0};
    return ::poll(&polled, 1, 20) > 0;
  }

  void accept_all() {
    while (!stop_) {
      if (!readable(listener_)) continue;
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      ++connections_;
      threads_.emplace_back([this, fd] {
        serve(fd);
        ::shutdown(fd, SHUT_RDWR);
        ::close(fd);
      });
    }
  }

  bool more(int fd, std::string& text) const {
    while (!readable(fd)) {
      if (stop_) return false;
    }
    char buffer[4096];
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    text.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  void serve(int fd) {
    std::string text;
    while (serve_one(fd, text)) {
    }
  }

  // False when the connection is at its end.
  bool serve_one(int fd, std::string& text) {
    std::size_t end = 0;
    while ((end = text.find("\r\n\r\n")) == std::string::npos) {
      if (!more(fd, text) || text.front() == '\x16') return false;  // 22: a TLS handshake
    }
    Request request = parse(text.substr(0, end));
    text.erase(0, end + 4);
    const std::string length = request.header("content-length");
    const std::size_t body = length.empty() ? 0 : std::stoul(length);
    while (text.size() < body) {
      if (!more(fd, text)) return false;
    }
    request.body = text.substr(0, body);
    text.erase(0, body);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const Reply reply = handler_(request);
    send_all(fd,
             reply.raw ? *reply.raw : head(reply) + (request.method == "HEAD" ? "" : reply.body));
    for (int waited = 0; waited < reply.stall_ms && !stop_; waited += 10) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return reply.keep_alive;
  }

  static Request parse(const std::string& head) {
    Request request;
    const std::size_t line = head.find("\r\n");
    const std::string first = head.substr(0, line);
    const std::size_t space = first.find(' ');
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, first.rfind(' ') - space - 1);
    for (std::size_t at = line; at < head.size();) {
      const std::size_t begin = at + 2;
      at = std::min(head.find("\r\n", begin), head.size());
      const std::string field = head.substr(begin, at - begin);
      const std::size_t colon = field.find(": ");
      if (colon == std::string::npos) continue;
      std::string name = field.substr(0, colon);
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      request.headers[name] = field.substr(colon + 2);
    }
    return request;
  }

  static std::string head(const Reply& reply) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\n";
    text += reply.keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
    if (!reply.no_length) {
      text +=
          "Content-Length: " + std::to_string(reply.length.value_or(reply.body.size())) + "\r\n";
    }
    return text + "\r\n";
  }

  static void send_all(int fd, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t n = ::send(fd, text.data() + at, text.size() - at, MSG_NOSIGNAL);
      if (n <= 0) return;
      at += static_cast<std::size_t>(n);
    }
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::vector<std::thread> threads_;  // acceptor's thread only, until it has ended
  std::thread acceptor_;
};

}  // namespace minescan::test
