#pragma once
// What minescan sees in one file, collected node by node for `minescan inspect`.

#include <map>
#include <string>

#include "model/inspection.h"
#include "model/observer.h"

namespace minescan::examine {

// `inspection` must outlive it.
class Collector final : public Observer {
 public:
  explicit Collector(Inspection& inspection) : inspection_(inspection) {}

  void on_node(const Trail& trail, std::string_view type, ViewKind view) override;
  void on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) override;
  void on_view(const Trail& trail, ViewKind kind, ByteView bytes) override;
  void on_words(const Trail& trail, ViewKind kind, const std::string& indicator,
                const std::string& words) override;

 private:
  // The node of a view: the one whose trail its own begins with.
  InspectedNode* at(const Trail& trail);
  void add(const Trail& trail, const std::string& name, std::string text);

  Inspection& inspection_;
  std::map<Trail, std::size_t> by_trail_;  // the last of each
};

}  // namespace minescan::examine
