#include "acquire/reference.h"

#include <algorithm>
#include <optional>

#include "base/digest.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// Domain and path together, as the distribution project bounds them.
constexpr std::size_t kNameLimit = 255;
constexpr std::size_t kTagLimit = 128;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

tl::unexpected<Error> refuse(std::string_view text, const std::string& why) {
  return fail(Code::usage, "image reference '" + printable(text, 300) + "': " + why);
}

bool is_label(std::string_view label) {
  return !label.empty() && is_alnum(label.front()) && is_alnum(label.back()) &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_port(std::string_view port) {
  if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) {
    return false;
  }
  const int number = std::stoi(std::string(port));
  return number >= 1 && number <= 65535;
}

bool is_domain(std::string_view domain) {
  std::string_view host = domain;
  if (domain.starts_with('[')) {
    const auto close = domain.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view inner = domain.substr(1, close - 1);
    if (inner.find(':') == std::string_view::npos ||
        !std::all_of(inner.begin(), inner.end(),
                     [](char c) { return is_hex(c) || c == ':' || c == '.'; })) {
      return false;
    }
    const std::string_view rest = domain.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  if (const auto colon = domain.find(':'); colon != std::string_view::npos) {
    if (!is_port(domain.substr(colon + 1))) return false;
    host = domain.substr(0, colon);
  }
  while (true) {
    const auto dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// lower *( sep lower ), sep = "." | "_" | "__" | 1*"-"
bool is_component(std::string_view part) {
  std::size_t at = 0;
  const auto word = [&] {
    const std::size_t begin = at;
    while (at < part.size() && (is_lower(part[at]) || is_digit(part[at]))) ++at;
    return at > begin;
  };
  if (!word()) return false;
  while (at < part.size()) {
    if (part[at] == '-') {
      while (at < part.size() && part[at] == '-') ++at;
    } else if (part[at] == '_') {
      ++at;
      if (at < part.size() && part[at] == '_') ++at;
    } else if (part[at] == '.') {
      ++at;
    } else {
      return false;
    }
    if (!word()) return false;
  }
  return true;
}

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kTagLimit && (is_alnum(tag.front()) || tag.front() == '_') &&
         std::all_of(tag.begin(), tag.end(),
                     [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

// Docker's rule for whether the first segment is a registry.
bool names_registry(std::string_view segment) {
  return segment.find('.') != std::string_view::npos ||
         segment.find(':') != std::string_view::npos || segment == "localhost" ||
         std::any_of(segment.begin(), segment.end(), is_upper);
}

// What forbids the whole text before its parts are looked at.  nullopt when nothing does.
std::optional<Error> forbidden(std::string_view text) {
  if (text.empty()) return Error{Code::usage, "image reference is empty"};
  if (text.find("://") != std::string_view::npos) {
    return Error{Code::usage,
                 "image reference is a URL; leave out what stands before the registry's name "
                 "(registry.example/team/app:1)"};
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) {
      return Error{Code::usage,
                   "image reference holds " +
                       (c == ' ' ? std::string("a space") : "the character " + printable({&c, 1})) +
                       ", which no reference may"};
    }
  }
  if (text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex)) {
    return refuse(text, "is an image id, not a reference; name a repository, as in name@sha256:…")
        .value();
  }
  return std::nullopt;
}

Result<void> check_path(std::string_view text, std::string_view path) {
  if (path.empty()) return refuse(text, "names no repository");
  if (std::any_of(path.begin(), path.end(), is_upper)) {
    return refuse(text, "the repository has an upper-case letter; repositories are lower case");
  }
  while (true) {
    const auto slash = path.find('/');
    if (!is_component(path.substr(0, slash))) {
      return refuse(text, "'" + printable(path.substr(0, slash), 100) +
                              "' is no part of a repository name (lower-case letters and digits, "
                              "joined by '.', '_', '__' or '-')");
    }
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string registry_key(std::string_view host) {
  std::string key(host);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  if (key == "index.docker.io" || key == "registry-1.docker.io") return "docker.io";
  return key;
}

std::string Reference::text() const {
  std::string out = registry;
  // "Host/x" names a registry and "host/x" does not.
  if (!names_registry(out)) {
    const auto letter = std::find_if(out.begin(), out.end(), is_lower);
    if (letter != out.end()) *letter = static_cast<char>(*letter - 'a' + 'A');
  }
  out += "/" + repository;
  if (!tag.empty()) out += ":" + tag;
  if (!digest.empty()) out += "@" + digest;
  return out;
}

Result<Reference> parse_reference(std::string_view text) {
  if (auto error = forbidden(text)) return tl::unexpected<Error>(std::move(*error));
  Reference reference;
  std::string_view name = text;
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    reference.digest = text.substr(at + 1);
    name = text.substr(0, at);
    if (!is_digest(reference.digest)) {
      // "user:password@host/app" comes here too: not a byte of it goes into the message.
      return fail(Code::usage,
                  "image reference: what follows '@' is not sha256: with 64 or sha512: with 128 "
                  "lower-case hex digits (user names and passwords do not belong in a reference)");
    }
  }
  if (const auto colon = name.rfind(':');
      colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos) {
    reference.tag = name.substr(colon + 1);
    name = name.substr(0, colon);
    if (!is_tag(reference.tag)) {
      return refuse(text,
                    "the tag is not 1 to 128 letters, digits, '_', '.' or '-' with a letter, digit "
                    "or '_' first");
    }
  }
  std::string_view path = name;
  std::string_view domain = "docker.io";
  if (const auto slash = name.find('/');
      slash != std::string_view::npos && names_registry(name.substr(0, slash))) {
    domain = name.substr(0, slash);
    path = name.substr(slash + 1);
    if (!is_domain(domain)) {
      return refuse(text, "'" + printable(domain, 100) + "' is no registry (host or host:port)");
    }
  }
  MINESCAN_TRY(check_path(text, path));
  reference.registry = registry_key(domain);
  const bool hub = reference.registry == "docker.io";
  reference.host = hub ? "registry-1.docker.io" : reference.registry;
  reference.repository = path;
  if (hub && path.find('/') == std::string_view::npos) {
    reference.repository = "library/" + reference.repository;
  }
  if (reference.registry.size() + 1 + reference.repository.size() > kNameLimit) {
    return refuse(text, "registry and repository have more than 255 characters together");
  }
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

}  // namespace minescan::acquire
