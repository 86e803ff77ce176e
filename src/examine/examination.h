#pragma once
// One unit's examination: what its parts share.  containers.cpp reads what is packed or archived,
// derived.cpp what decoders found in texts, examine.cpp everything else.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "examine/aside.h"
#include "examine/leaf.h"
#include "examine/ledger.h"
#include "examine/recorder.h"
#include "inspect/whole.h"
#include "match/matcher.h"
#include "model/artifact.h"
#include "model/limits.h"
#include "model/observer.h"
#include "model/record.h"
#include "unpack/format.h"

namespace minescan::examine {

// The rest of a file's decoded parts are not looked at when one of its limits was reached; that is
// told once.
struct Decoding {
  std::uint64_t bytes = 0;  // decoded and looked at
  std::uint64_t parts = 0;
  std::uint64_t unknown = 0;  // bytes of no known kind among them
  std::uint64_t seen = 0;     // bytes of the file
  bool told = false;
};

class Examination {
 public:
  // `aside`: threads that may help, nullptr = none.
  Examination(const Unit& unit, match::Matcher& matcher, const Limits& limits, Observer* observer,
              Aside* aside = nullptr);
  ~Examination();
  Examination(const Examination&) = delete;
  Examination& operator=(const Examination&) = delete;

  Record run(Source& bytes);

 private:
  friend class ContainerSink;
  friend class DerivedNodes;

  // Where a node stands: how deep, what it is called, and whether it is the unit's own stream.
  struct Place {
    Trail trail;
    std::string name;
    unsigned depth = 0;
    bool outermost = false;  // the unit's bytes, or those after its outer compression
    // Below here: what was decoded from a text.
    unsigned decoders = 0;         // how many decoders led here
    bool turned = false;           // one of them was its own inverse, as reversing is
    bool plain = false;            // the bytes only look like a container
    Decoding* decoding = nullptr;  // of the file that all of it lies in
    bool part = false;             // of a program
    unsigned held = 0;             // archives around it that are in memory
    std::optional<ViewKind> within = std::nullopt;  // the kind of the text
  };

  // A member that is examined apart: by another thread, or while another one that lies before it
  // is.
  struct Part {
    explicit Part(Place its) : place(std::move(its)) {}
    const Place place;
    std::string bytes;
    std::optional<Error> fault;  // of the bytes
    Recorder recorder;
    std::uint64_t entries = 0;  // as of Examination, of this part alone
    std::uint64_t derived = 0;
    bool whole = false;
    std::atomic<bool> done = false;
  };

  // As node(), of a member of the unit's outermost archive: by another thread, if one has time.
  bool member(const unpack::Member& member, const Place& place, Source& body);
  [[nodiscard]] bool may_go_aside(const unpack::Member& member);
  void aside(const Place& place, std::uint64_t most, Source& body);
  void examine_part(Part& part, Source& source, match::Matcher& matcher, const Limits& limits,
                    Observer* observer) const;
  // Puts parts where they belong, which is behind what is recorded: those that are done, or all,
  // for which it waits.
  void take_done();
  void settle();
  void take(Part& part);

  // Reads all of `source`.  False when a limit stopped it before the end.
  bool node(Source& source, const Place& place);
  // Reads what `source` stands at as `format`.  May take nothing of it.
  bool container(const unpack::Format& format, Source& source, const Place& place,
                 NodeLedger& ledger);
  bool decode(const unpack::Format& format, Source& source, const Place& place, NodeLedger& ledger);
  bool walk(const unpack::Format& format, Source& source, const Place& place, NodeLedger& ledger);
  // What an encoding carries beside its data becomes nodes of their own.
  void beside(const unpack::Beside& beside, const Place& place);
  // What only the node's name tells, when its first bytes decode.
  const unpack::Format* guess(Source& source, const Place& place);
  bool leaf(Source& source, const Place& place, NodeLedger& ledger);
  // The container that a leaf's next bytes are, if any: behind the end of a program anything that
  // is surely one, else what lies inside of programs.
  // `tries`: how often more it may be tried whether something is compressed.
  const unpack::Format* part_at(Source& source, const Place& place, bool behind_program,
                                unsigned& tries);
  // Reads that container.  May take nothing.  False when a limit was reached.
  bool part(const unpack::Format& format, Source& source, const Place& place, std::uint64_t offset,
            NodeLedger& ledger);
  // Reads the program that `source` stands at, in a file that is none.
  bool program_inside(Source& source, const Place& place, std::uint64_t offset, NodeLedger& ledger);
  // A leaf with all its views, to the end of `source`.
  struct LeafSinks {
    EvidenceWriter& writer;
    DecodedSink& nodes;
  };
  bool file(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
            const LeafSinks& sinks);
  // Whether the evidence that was recorded after so many may be in a finding.
  [[nodiscard]] bool may_be_found(std::size_t evidence) const;
  // Its bytes and the containers between them; where these were goes to `covered`.
  bool pieces(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
              const LeafSinks& sinks, std::vector<inspect::Covered>& covered);
  // What decoders found in a view of `place` becomes nodes below it.
  void derived(const Place& place, const Trail& trail, ViewKind kind,
               std::vector<inspect::Decoded>& found);
  void derived_node(const Place& place, const Trail& trail, ViewKind kind,
                    const inspect::Decoded& decoded);
  void derived_gap(const Place& place, GapReason reason, std::string detail, std::uint64_t bytes);
  // Passes over what is left, as a gap.  False when even that is more than a leaf may have.
  bool pass_over(Source& source, const Place& place, NodeLedger& ledger, GapReason reason,
                 std::string detail);
  bool within_unit_limit(const Place& place);
  void image_config(Source& source, const Place& place);
  void name_first_copies(Record& record) const;

  const Unit& unit_;
  match::Matcher& matcher_;
  const Limits& limits_;
  Recorder recorder_;
  std::uint64_t entries_ = 0;
  std::unordered_map<std::string, std::uint32_t> copies_;  // of a layer's paths
  std::uint64_t derived_ = 0;                              // bytes that decoders made
  bool stopped_ = false;                                   // a limit of the whole unit was reached
  Aside* const aside_;
  std::deque<std::shared_ptr<Part>> parts_;  // in the archive's order
  std::atomic<std::uint64_t> held_ = 0;      // bytes of those that are not examined
};

// Takes what is hidden in the views of one place.
class DerivedNodes final : public DecodedSink {
 public:
  DerivedNodes(Examination& examination, const Examination::Place& place)
      : examination_(examination), place_(place) {
    if (place_.decoding == nullptr) place_.decoding = &own_;
  }
  DerivedNodes(const DerivedNodes&) = delete;
  DerivedNodes& operator=(const DerivedNodes&) = delete;
  void on_decoded(const Trail& trail, ViewKind kind, std::uint64_t seen,
                  std::vector<inspect::Decoded>& found) override {
    place_.decoding->seen = std::max(place_.decoding->seen, seen);
    examination_.derived(place_, trail, kind, found);
  }

 private:
  Examination& examination_;
  Examination::Place place_;
  Decoding own_;
};

// Of several entries at one path of a layer, which one it is.
Step copy_step(std::uint32_t number);
bool is_copy_step(const Step& step);

}  // namespace minescan::examine
