// The cases are the flattening rules of the image specification and of the runtimes.
#include "judge/layers.h"

#include <doctest/doctest.h>

using minescan::PathEntry;
using minescan::State;
using minescan::judge::clean_path;
using minescan::judge::Question;
using minescan::judge::settle;
using minescan::judge::Standing;

namespace {

using Kind = PathEntry::Kind;
using Layer = std::vector<PathEntry>;

PathEntry file(std::string path) { return {std::move(path), Kind::file, {}}; }
PathEntry directory(std::string path) { return {std::move(path), Kind::directory, {}}; }
PathEntry symlink(std::string path, std::string target) {
  return {std::move(path), Kind::symlink, std::move(target)};
}
PathEntry hardlink(std::string path, std::string target) {
  return {std::move(path), Kind::hardlink, std::move(target)};
}

std::vector<Standing> ask(const std::vector<Layer>& layers,
                          const std::vector<Question>& questions) {
  std::vector<const Layer*> pointers;
  for (const Layer& layer : layers) pointers.push_back(&layer);
  return settle(pointers, questions);
}

Standing ask_one(const std::vector<Layer>& layers, std::size_t layer, std::string path) {
  return ask(layers, {{.layer = layer, .path = std::move(path)}}).at(0);
}

State state(const std::vector<Layer>& layers, std::size_t layer, std::string path) {
  return ask_one(layers, layer, std::move(path)).state;
}

}  // namespace

TEST_CASE("layers: a file that nothing touches is present") {
  CHECK(state({{file("usr/bin/x")}, {file("usr/bin/y")}}, 0, "usr/bin/x") == State::present);
}

TEST_CASE("layers: .wh.NAME hides NAME in lower layers, and says by which layer") {
  const Standing standing = ask_one(
      {{file("usr/bin/x")}, {file("a")}, {file("usr/bin/.wh.x")}, {file("b")}}, 0, "usr/bin/x");
  CHECK(standing.state == State::deleted);
  CHECK(standing.layer == 2u);
}

TEST_CASE("layers: .wh.NAME hides a whole subtree") {
  CHECK(state({{file("opt/app/bin/x")}, {file("opt/.wh.app")}}, 0, "opt/app/bin/x") ==
        State::deleted);
}

TEST_CASE("layers: a whiteout hides nothing in its own or a later layer") {
  CHECK(state({{file("d/.wh.x"), file("d/x")}}, 0, "d/x") == State::present);
  CHECK(state({{file("d/x"), file("d/.wh.x")}}, 0, "d/x") == State::present);
  CHECK(state({{file("d/x")}, {file("d/.wh.x")}, {file("d/x")}}, 2, "d/x") == State::present);
}

TEST_CASE("layers: what a later layer deleted stays deleted when a still later one adds it anew") {
  const std::vector<Layer> layers = {{file("x")}, {file(".wh.x")}, {file("x")}};
  CHECK(ask_one(layers, 0, "x").layer == 1u);
  CHECK(state(layers, 0, "x") == State::deleted);
}

TEST_CASE("layers: an opaque directory hides lower content whatever the order of entries") {
  const Layer lower = {directory("d"), file("d/old"), file("d/deep/old"), file("e/old")};
  const Layer marker_last = {directory("d"), file("d/new"), file("d/.wh..wh..opq")};
  const Layer marker_first = {file("d/.wh..wh..opq"), file("d/new")};
  for (const Layer& upper : {marker_last, marker_first}) {
    CHECK(state({lower, upper}, 0, "d/old") == State::deleted);
    CHECK(state({lower, upper}, 0, "d/deep/old") == State::deleted);
    CHECK(state({lower, upper}, 0, "e/old") == State::present);
    CHECK(state({lower, upper}, 1, "d/new") == State::present);
  }
}

TEST_CASE("layers: an opaque root hides everything below") {
  CHECK(state({{file("usr/bin/x")}, {file(".wh..wh..opq")}}, 0, "usr/bin/x") == State::deleted);
}

TEST_CASE("layers: bare .wh. is an ordinary file") {
  CHECK(state({{file("d/x")}, {file("d/.wh.")}}, 0, "d/x") == State::present);
  CHECK(state({{file("d/.wh.")}}, 0, "d/.wh.") == State::present);
}

TEST_CASE("layers: other .wh..wh. names hide nothing and are not extracted") {
  const std::vector<Layer> layers = {
      {file("aufs"), file("plnk")},
      {file(".wh..wh.aufs"), directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2")}};
  CHECK(state(layers, 0, "aufs") == State::present);
  CHECK(state(layers, 0, "plnk") == State::present);
  CHECK(state(layers, 1, ".wh..wh.aufs") == State::unreachable);
  CHECK(state(layers, 1, ".wh..wh.plnk/1.2") == State::unreachable);
}

TEST_CASE("layers: the body of a whiteout is unreachable") {
  const Standing standing = ask_one({{file("d/x")}, {file("d/.wh.x")}}, 1, "d/.wh.x");
  CHECK(standing.state == State::unreachable);
  CHECK_FALSE(standing.reason.empty());
}

TEST_CASE("layers: whiteouts of dots and of slashes do not change paths") {
  const Layer lower = {file("d/x"), file("a/b"), file("c/b")};
  CHECK(state({lower, {file("d/.wh..")}}, 0, "d/x") == State::present);
  CHECK(state({lower, {file("d/.wh...")}}, 0, "a/b") == State::present);
  CHECK(state({lower, {file(".wh.a/b")}}, 0, "a/b") == State::present);
  CHECK(state({lower, {file(".wh.a/b")}}, 1, ".wh.a/b") == State::present);
}

TEST_CASE("layers: a later file at the same path overwrites") {
  const Standing standing = ask_one({{file("x")}, {file("x")}}, 0, "x");
  CHECK(standing.state == State::overwritten);
  CHECK(standing.layer == 1u);
  CHECK(state({{file("x")}, {file("x")}}, 1, "x") == State::present);
}

TEST_CASE("layers: a file that replaces a directory hides the subtree") {
  CHECK(state({{file("d/e/x")}, {file("d")}}, 0, "d/e/x") == State::overwritten);
}

TEST_CASE("layers: a directory replaces a file, and merges with a directory") {
  CHECK(state({{file("d")}, {directory("d")}}, 0, "d") == State::overwritten);
  CHECK(state({{file("d/x")}, {directory("d")}}, 0, "d/x") == State::present);
  // The same when the directory is only implied by an entry below it.
  CHECK(state({{file("d")}, {file("d/x")}}, 0, "d") == State::overwritten);
}

TEST_CASE("layers: a symbolic link that replaces a directory or file hides what was there") {
  CHECK(state({{file("d/x")}, {symlink("d", "e")}}, 0, "d/x") == State::overwritten);
  CHECK(state({{file("x")}, {symlink("x", "y")}}, 0, "x") == State::overwritten);
}

TEST_CASE("layers: rm and ln in one layer overwrite") {
  const Layer lower = {file("opt/app/x"), file("opt/y")};
  const std::vector<Layer> forward = {
      lower,
      {file("opt/.wh.app"), symlink("opt/app", "/srv"), file("opt/.wh.y"), symlink("opt/y", "z")}};
  const std::vector<Layer> backward = {
      lower,
      {symlink("opt/y", "z"), file("opt/.wh.y"), symlink("opt/app", "/srv"), file("opt/.wh.app")}};
  for (const auto& layers : {forward, backward}) {
    CHECK(state(layers, 0, "opt/app/x") == State::overwritten);
    CHECK(state(layers, 0, "opt/y") == State::overwritten);
    CHECK(ask_one(layers, 0, "opt/y").layer == 1u);
  }
}

TEST_CASE("layers: rm and a new directory in one layer delete what is not written anew") {
  const std::vector<Layer> layers = {{file("d/x"), file("d/y")},
                                     {file(".wh.d"), directory("d"), file("d/y")}};
  CHECK(state(layers, 0, "d/x") == State::deleted);
  CHECK(state(layers, 0, "d/y") == State::overwritten);
  CHECK(state(layers, 1, "d/y") == State::present);
}

TEST_CASE("layers: an entry below a symlinked parent lands where the link points, in the root") {
  const Layer lower = {directory("usr/bin"), symlink("bin", "usr/bin"), file("usr/bin/x")};
  CHECK(state({lower, {file("bin/x")}}, 0, "usr/bin/x") == State::overwritten);
  CHECK(state({lower, {file("bin/x")}}, 1, "bin/x") == State::present);
  CHECK(state({lower, {file("bin/x")}, {file("usr/bin/.wh.x")}}, 1, "bin/x") == State::deleted);
  CHECK(state({lower, {file("bin/.wh.x")}}, 0, "usr/bin/x") == State::deleted);
}

TEST_CASE("layers: links never leave the root, and absolute ones start there") {
  const Layer lower = {file("etc/x"), symlink("a/b/up", "../../../../etc"),
                       symlink("a/b/abs", "/etc")};
  CHECK(state({lower, {file("a/b/up/x")}}, 0, "etc/x") == State::overwritten);
  CHECK(state({lower, {file("a/b/abs/x")}}, 0, "etc/x") == State::overwritten);
}

TEST_CASE("layers: a loop of links hides nothing, and what lies behind it counts as present") {
  const Layer loop = {symlink("a", "b"), symlink("b", "a"), file("x")};
  CHECK(state({loop, {file("a/x"), file("a/.wh.x")}}, 0, "x") == State::present);
  CHECK(state({loop, {file("a/x")}}, 1, "a/x") == State::present);
}

TEST_CASE("layers: of two entries at one path in one layer the last stays") {
  const std::vector<Layer> layers = {{file("x"), file("y"), file("x")}};
  const auto standings = ask(layers, {{.layer = 0, .path = "x", .copy = 1},
                                      {.layer = 0, .path = "x", .copy = 2},
                                      {.layer = 0, .path = "x"}});
  CHECK(standings.at(0).state == State::unreachable);
  CHECK(standings.at(1).state == State::present);
  CHECK(standings.at(2).state == State::present);
}

TEST_CASE("layers: paths are cleaned, and dots never escape") {
  CHECK(clean_path("/usr//bin/./x") == "usr/bin/x");
  CHECK(clean_path("./a/../b") == "b");
  CHECK(clean_path("../../etc/x") == "etc/x");
  CHECK(clean_path("..") == "");
  CHECK(state({{file("etc/x")}, {file("./../etc/./.wh.x")}}, 0, "etc/x") == State::deleted);
}

TEST_CASE("layers: the bytes of a file are present as long as one hard link is") {
  const Layer lower = {file("a/x"), hardlink("b/y", "a/x")};
  CHECK(state({lower, {file("a/.wh.x")}}, 0, "a/x") == State::present);
  CHECK(state({lower, {file("b/.wh.y")}}, 0, "a/x") == State::present);
  const Standing standing = ask_one({lower, {file("a/.wh.x")}, {file("b/y")}}, 0, "a/x");
  CHECK(standing.state == State::overwritten);
  CHECK(standing.layer == 2u);
}

TEST_CASE("layers: a name does not live on in a hard link") {
  const std::vector<Layer> layers = {{file("xmrig"), hardlink("y", "xmrig")}, {file(".wh.xmrig")}};
  const auto standings = ask(
      layers, {{.layer = 0, .path = "xmrig", .name_only = true}, {.layer = 0, .path = "xmrig"}});
  CHECK(standings.at(0).state == State::deleted);
  CHECK(standings.at(1).state == State::present);
}

TEST_CASE("layers: a body on a hard link is present at the link's own path") {
  CHECK(state({{file("a"), hardlink("b", "a")}}, 0, "b") == State::present);
  CHECK(state({{file("a"), hardlink("b", "a")}, {file(".wh.b")}}, 0, "b") == State::deleted);
  CHECK(state({{hardlink("b", "nowhere")}}, 0, "b") == State::present);
}

TEST_CASE("layers: bodies of symbolic links and directories are unreachable, their names are not") {
  const std::vector<Layer> layers = {{symlink("s", "t"), directory("d")}};
  CHECK(state(layers, 0, "s") == State::unreachable);
  CHECK(state(layers, 0, "d") == State::unreachable);
  CHECK(ask(layers, {{.layer = 0, .path = "s", .name_only = true}}).at(0).state == State::present);
}

TEST_CASE("layers: a path that its layer does not list is present") {
  CHECK(state({{}, {file(".wh.x")}}, 0, "x") == State::present);
}

TEST_CASE("layers: paths that no extraction can make hide nothing") {
  std::string deep = "d";
  while (deep.size() < 5000) deep += "/d";
  CHECK(state({{file("d")}, {file(deep)}}, 0, "d") == State::present);
  CHECK(state({{file("d")}, {file(deep)}}, 1, deep) == State::present);
}

TEST_CASE("layers: links made to cost time are followed only so far") {
  std::string zigzag;
  while (zigzag.size() < 4000) zigzag += "d/../";
  Layer lower = {directory("d"), file("x")};
  const auto link = [](int i) { return std::string(1, 'l').append(std::to_string(i)); };
  for (int i = 0; i < 30; ++i) lower.push_back(symlink(link(i), zigzag + link(i + 1)));
  Layer upper;
  for (int i = 0; i < 20'000; ++i) upper.push_back(file("l0/" + std::to_string(i)));
  CHECK(state({lower, upper}, 0, "x") == State::present);
}

TEST_CASE("layers: 200,000 paths and 100 layers are settled in one pass") {
  std::vector<Layer> layers(100);
  for (int i = 0; i < 200'000; ++i) {
    const std::string path = "usr/lib/d" + std::to_string(i % 500) + "/f" + std::to_string(i);
    layers[0].push_back(file(path));
  }
  for (std::size_t layer = 1; layer < layers.size(); ++layer) {
    for (int i = 0; i < 20; ++i) {
      const std::size_t n = layer * 20 + static_cast<std::size_t>(i);
      const std::string number = std::to_string(n);
      layers[layer].push_back(file("usr/lib/d" + std::to_string(n % 500) + "/.wh.f" + number));
    }
  }
  std::vector<Question> questions;
  for (std::size_t i = 0; i < layers[0].size(); i += 10) {
    questions.push_back({.layer = 0, .path = layers[0][i].path});
  }
  const auto standings = ask(layers, questions);
  std::size_t deleted = 0;
  for (const Standing& standing : standings) deleted += standing.state == State::deleted ? 1 : 0;
  CHECK(deleted == 99 * 2);
  CHECK(standings.at(2).layer == 1u);
}
