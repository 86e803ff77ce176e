#pragma once
// Small signature sets for tests.

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "match/signature_set.h"

namespace minescan::test {

inline constexpr const char* kSmallSignatures = R"(
- indicator: marker
  literal: MINESCAN-TEST-MARKER
  strength: strong
  hits: [MINESCAN-TEST-MARKER]
  misses: [minescan-test-marker]
- indicator: pool-url
  match: 'stratum\+tcp://[a-z0-9.-]{4,64}:[0-9]{2,5}'
  confirm: 'stratum\+tcp://(?P<host>[a-z0-9.-]{4,64}):(?P<port>[0-9]{2,5})'
  hits: ['stratum+tcp://pool.example:3333']
  misses: ['stratum+tcp://']
- indicator: file-name
  literal: xmrig
  in: [path]
  hits: [xmrig]
  misses: [gimrx]
- rule: MSN1001
  name: Marker
  title: A marker.
  description: It marks.
  class: miner
  family: test
  level: error
  confidence: high
  when: marker
  help: Remove it.
  references: ['https://minescan.example/marker']
  attack: T1496.001
  hits: [MINESCAN-TEST-MARKER]
  misses: [nothing]
- rule: MSN3001
  name: PoolUrl
  title: A pool.
  description: It is a pool.
  class: pool
  level: warning
  confidence: medium
  when: pool-url
  help: Remove it.
  references: ['https://minescan.example/pool']
  attack: T1496.001
  hits: ['stratum+tcp://pool.example:3333']
  misses: [nothing]
)";

inline std::shared_ptr<const match::SignatureSet> small_signatures() {
  static const auto set = match::SignatureSet::compile({{"small.yaml", kSmallSignatures}});
  REQUIRE_MESSAGE(set.has_value(), (set ? "" : set.error().what));
  return *set;
}

}  // namespace minescan::test
