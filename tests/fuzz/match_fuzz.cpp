// What a pattern has matched, and files of signatures: no crash, and what is confirmed is whole.
// The first byte picks: 's' a file of signatures, 'a' an account, anything else a text for all
// validators.

#include <string>

#include "fuzz/expect.h"
#include "match/references.h"
#include "match/validators.h"
#include "match/wallets/base58.h"
#include "match/wallets/bech32.h"
#include "match/wallets/cashaddr.h"
#include "match/wallets/wallets.h"
#include "match/yaml/loader.h"

namespace {

using namespace minescan;
using namespace minescan::match;
using fuzz::expect;

void check_host(const Captures& captures) {
  const auto host = captures.find("host");
  if (host == captures.end()) return;
  for (const char c : host->second) {
    expect(c > ' ' && c != 0x7f && (c < 'A' || c > 'Z'), "a host is in lower case");
  }
  const auto port = captures.find("port");
  if (port == captures.end()) return;
  expect(!port->second.empty() && port->second.size() <= 5 && port->second.front() != '0',
         "a port is a number");
  expect(std::stoul(port->second) <= 65'535, "a port has 16 bits");
}

void validate(const std::string& text, const Captures& given) {
  for (const std::string_view name : validator_names()) {
    Captures captures = given;
    if (!validator_by_name(name)->check(text, captures)) continue;
    if (name == "host-port" || name == "pool-host") check_host(captures);
    if (!name.starts_with("wallet:")) continue;
    expect(!captures["wallet"].empty() && !captures["coin"].empty(), "a wallet is of a coin");
  }
}

void decode(std::string_view text) {
  if (const auto bytes = cryptonote_base58_decode(text)) {
    expect(cryptonote_base58_length(bytes->size()) == text.size(), "a length is the right one");
  }
  if (const auto bytes = base58_decode(text)) expect(bytes->size() <= text.size(), "base58 grows");
  static_cast<void>(base58_check_decode(text));
  if (const auto parts = decode_bech32(text, 200)) {
    expect(parts->prefix.size() + parts->values.size() + 7 == text.size(), "nothing is left out");
  }
  if (const auto address = decode_segwit(text)) {
    expect(address->version <= 16 && address->program.size() >= 2 && address->program.size() <= 40,
           "an address of SegWit has bounds");
  }
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    static_cast<void>(decode_cashaddr(text.substr(0, colon), text.substr(colon + 1)));
  }
  if (const auto wallet = identify(text)) {
    expect(!wallet->coin.empty() && !wallet->kind.empty(), "a wallet is of a coin and a kind");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 's') {
    Definitions definitions;
    if (load({"fuzz.yaml", text}, definitions)) {
      static_cast<void>(check_references(definitions));
    }
    return 0;
  }
  if (data[0] == 'a') {
    const auto end = text.find('\n');
    const std::string coin = text.substr(0, end);
    const std::string wallet = end == std::string::npos ? "" : text.substr(end + 1);
    validate(text, {{"coin", coin}, {"wallet", wallet}});
    validate(text, {{"host", coin}, {"port", wallet}});
    validate(text, {{"host", wallet}, {"before", coin}, {"after", coin}});
    return 0;
  }
  validate(text, {});
  decode(text);
  return 0;
}
