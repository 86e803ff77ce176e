#include "judge/rules.h"

#include <doctest/doctest.h>

#include <deque>

#include "support/judging.h"

using namespace minescan;
using test::combine;
using test::evidence;
using test::rule;
using test::seen;
using test::trail;
using CK = Condition::Kind;

namespace {

// One or more units with evidence, and the rules over them.
struct Case {
  Artifact artifact;
  std::vector<Record> records;
  std::deque<Rule> rules;
  std::deque<Context> contexts;
  judge::Knowledge knowledge;

  explicit Case(std::vector<Evidence> found = {}, Unit::Kind kind = Unit::Kind::file) {
    unit(std::move(found), kind);
  }
  void unit(std::vector<Evidence> found, Unit::Kind kind = Unit::Kind::file) {
    Unit unit;
    unit.kind = kind;
    artifact.units.push_back(unit);
    records.emplace_back();
    records.back().evidence = std::move(found);
  }
  void add(Rule one) {
    rules.push_back(std::move(one));
    knowledge.rules.push_back(&rules.back());
  }
  void add(Context one) {
    contexts.push_back(std::move(one));
    knowledge.contexts.push_back(&contexts.back());
  }
  // The id of the context that lowers the only hit; "" when none does.
  std::string lowered_by() const {
    const auto found = hits();
    REQUIRE(found.size() == 1);
    return found.front().context == nullptr ? "" : found.front().context->id;
  }
  std::vector<judge::Hit> hits() const { return judge::evaluate(artifact, records, knowledge); }
  std::string ids() const {
    std::string ids;
    for (const judge::Hit& hit : hits()) ids += (ids.empty() ? "" : " ") + hit.rule->id;
    return ids;
  }
};

std::size_t count(std::vector<Evidence> found, Rule one) {
  Case test(std::move(found));
  test.add(std::move(one));
  return test.hits().size();
}

const Trail kFile = trail("u", {"d/x"});
const Trail kOther = trail("u", {"d/y"});

}  // namespace

TEST_CASE("rules: all needs every part, any needs one") {
  const auto both = rule("R", combine(CK::all, {seen("a"), seen("b")}));
  CHECK(count({evidence("a", kFile), evidence("b", kFile)}, both) == 1);
  CHECK(count({evidence("a", kFile)}, both) == 0);
  const auto either = rule("R", combine(CK::any, {seen("a"), seen("b")}));
  CHECK(count({evidence("b", kFile)}, either) == 1);
  CHECK(count({evidence("c", kFile)}, either) == 0);
  CHECK(count({}, either) == 0);
}

TEST_CASE("rules: at_least counts distinct indicators, not sightings") {
  const auto two = rule("R", combine(CK::at_least, {seen("a"), seen("b"), seen("c")}, 2));
  CHECK(count({evidence("a", kFile, 1), evidence("a", kFile, 2)}, two) == 0);
  CHECK(count({evidence("a", kFile, 1), evidence("c", kFile, 2)}, two) == 1);
  const auto twice = rule("R", combine(CK::at_least, {seen("a"), seen("a"), seen("b")}, 2));
  CHECK(count({evidence("a", kFile)}, twice) == 0);
}

TEST_CASE("rules: none forbids, and alone it never makes a finding") {
  const auto guarded = rule("R", combine(CK::all, {seen("a"), combine(CK::none, {seen("list")})}));
  CHECK(count({evidence("a", kFile)}, guarded) == 1);
  CHECK(count({evidence("a", kFile), evidence("list", kFile)}, guarded) == 0);
  CHECK(count({evidence("a", kFile), evidence("list", kOther)}, guarded) == 1);
  CHECK(count({evidence("x", kFile)}, rule("R", combine(CK::none, {seen("a")}))) == 0);
}

TEST_CASE("rules: scope view puts together only what one view shows") {
  const auto both = rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::view);
  const Trail decoded = kFile / Step{Step::Kind::decoder, "base64"};
  CHECK(count({evidence("a", kFile), evidence("b", decoded)}, both) == 0);
  CHECK(count({evidence("a", decoded), evidence("b", decoded)}, both) == 1);
}

TEST_CASE("rules: scope file puts the views and decoders of a file together") {
  const auto both = rule("R", combine(CK::all, {seen("a"), seen("b")}));
  const Trail decoded = kFile / Step{Step::Kind::decoder, "base64"};
  CHECK(count({evidence("a", kFile), evidence("b", decoded)}, both) == 1);
  CHECK(count({evidence("a", kFile), evidence("b", kOther)}, both) == 0);
}

TEST_CASE("rules: scope directory is the innermost member's directory in one unit") {
  const auto both = rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::directory);
  CHECK(count({evidence("a", kFile), evidence("b", kOther)}, both) == 1);
  CHECK(count({evidence("a", kFile), evidence("b", trail("u", {"./d/z"}))}, both) == 1);
  CHECK(count({evidence("a", kFile), evidence("b", trail("u", {"d/e/z"}))}, both) == 0);
  CHECK(count({evidence("a", kFile), evidence("b", trail("u", {"z.jar", "d/x"}))}, both) == 0);
  Case units({evidence("a", trail("u", {"d/x"}))});
  units.unit({evidence("b", trail("v", {"d/y"}))});
  units.add(both);
  CHECK(units.hits().empty());
}

TEST_CASE("rules: the slices of a tree do not divide a directory") {
  Case slices({evidence("a", trail("slice 1", {"d/x"}))}, Unit::Kind::tree_slice);
  slices.unit({evidence("b", trail("slice 2", {"d/y"}))}, Unit::Kind::tree_slice);
  slices.add(rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::directory));
  CHECK(slices.hits().size() == 1);
}

TEST_CASE("rules: scope artifact puts everything together") {
  Case test({evidence("a", trail("u", {"x"}))});
  test.unit({evidence("b", trail("v", {"y"}))});
  test.add(rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::artifact));
  CHECK(test.hits().size() == 1);
}

TEST_CASE("rules: evidence from other view kinds than the rule's does not count") {
  auto one = rule("R", seen("a"));
  one.views = view_bit(ViewKind::argv);
  CHECK(count({evidence("a", kFile, 0, ViewKind::document)}, one) == 0);
  CHECK(count({evidence("a", kFile, 0, ViewKind::argv)}, one) == 1);
}

TEST_CASE("rules: within bounds the bytes between first and last evidence") {
  auto near = rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::view);
  near.within = 100;
  CHECK(count({evidence("a", kFile, 0), evidence("b", kFile, 100)}, near) == 1);
  CHECK(count({evidence("a", kFile, 0), evidence("b", kFile, 101)}, near) == 0);
  // The closest pair decides, whatever else lies about, in whatever order it was seen.
  CHECK(count({evidence("b", kFile, 950), evidence("a", kFile, 0), evidence("b", kFile, 500),
               evidence("a", kFile, 900)},
              near) == 1);
}

TEST_CASE("rules: within keeps what made a window hold and leaves out the rest") {
  auto near = rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::view);
  near.within = 100;
  Case test({evidence("a", kFile, 0), evidence("a", kFile, 900), evidence("b", kFile, 950)});
  test.add(near);
  const auto hits = test.hits();
  REQUIRE(hits.size() == 1);
  REQUIRE(hits[0].evidence.size() == 2);
  CHECK(hits[0].evidence[0]->offset == 900);
}

TEST_CASE("rules: a guard works on the whole view even where within asks for closeness") {
  auto near =
      rule("R", combine(CK::all, {seen("a"), combine(CK::none, {seen("list")})}), Scope::view);
  near.within = 10;
  CHECK(count({evidence("a", kFile, 5000), evidence("list", kFile, 0)}, near) == 0);
}

TEST_CASE("rules: one hit per file, with the evidence of all its views") {
  Case test({evidence("a", kFile, 7), evidence("a", kFile / Step{Step::Kind::view, "v"}, 3),
             evidence("a", kOther, 1)});
  test.add(rule("R", seen("a"), Scope::view));
  const auto hits = test.hits();
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].evidence.size() == 2);
  CHECK(hits[0].file == kFile);
}

TEST_CASE("rules: copies of one path are files of their own") {
  const Step first{Step::Kind::offset, "copy 1"}, second{Step::Kind::offset, "copy 2"};
  Case test({evidence("a", kFile / first), evidence("a", kFile / second)});
  test.add(rule("R", seen("a")));
  const auto hits = test.hits();
  REQUIRE(hits.size() == 2);
  CHECK(judge::copy_of(hits[0].file) == 1);
  CHECK(judge::copy_of(hits[1].file) == 2);
  CHECK(judge::copy_of(kFile) == 0);
  CHECK(judge::copy_of(kFile / Step{Step::Kind::offset, "copy 1x"}) == 0);
  CHECK(judge::copy_of(kFile / Step{Step::Kind::offset, "@0x10"}) == 0);
}

TEST_CASE("rules: a hit rests on the evidence that made it true, strongest first") {
  Case test({evidence("weak", kFile, 1), evidence("other", kFile, 2), evidence("strong", kFile, 9),
             evidence("strong", kFile, 5)});
  test.knowledge.strengths = {{"weak", match::Strength::weak}, {"strong", match::Strength::strong}};
  test.add(rule("R", combine(CK::any, {seen("weak"), seen("strong"), seen("absent")})));
  const auto hits = test.hits();
  REQUIRE(hits.size() == 1);
  REQUIRE(hits[0].evidence.size() == 3);
  CHECK(hits[0].evidence[0]->offset == 5);
  CHECK(hits[0].evidence[1]->offset == 9);
  CHECK(hits[0].evidence[2]->indicator == "weak");
}

TEST_CASE("rules: a flood of one indicator leaves room for the others") {
  std::vector<Evidence> flood;
  for (std::uint64_t i = 0; i < 1000; ++i) flood.push_back(evidence("strong", kFile, i));
  flood.push_back(evidence("weak", kFile, 5000));
  Case test(std::move(flood));
  test.knowledge.strengths = {{"weak", match::Strength::weak}, {"strong", match::Strength::strong}};
  test.add(rule("R", combine(CK::all, {seen("weak"), seen("strong")})));
  const auto hits = test.hits();
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].evidence.size() == judge::kEvidenceKept);
  CHECK(hits[0].evidence.front()->indicator == "strong");
  CHECK(hits[0].evidence.back()->indicator == "weak");
}

TEST_CASE("rules: what is superseded at the same file is left out, elsewhere it stays") {
  Case test({evidence("a", kFile), evidence("b", kFile), evidence("a", kOther)});
  auto upper = rule("UP", combine(CK::all, {seen("a"), seen("b")}));
  upper.supersedes = {"LOW"};
  test.add(rule("LOW", seen("a")));
  test.add(upper);
  const auto hits = test.hits();
  CHECK(test.ids() == "LOW UP");
  CHECK(hits.at(0).file == kOther);
}

TEST_CASE("rules: superseding goes through a rule that is itself superseded") {
  Case test({evidence("a", kFile)});
  auto top = rule("TOP", seen("a"));
  top.supersedes = {"MIDDLE"};
  auto middle = rule("MIDDLE", seen("absent"));
  middle.supersedes = {"LOW"};
  test.add(rule("LOW", seen("a")));
  test.add(middle);
  test.add(top);
  CHECK(test.ids() == "TOP");
}

TEST_CASE("rules: a rule for the artifact supersedes everywhere in it") {
  Case test({evidence("a", kFile), evidence("b", kOther), evidence("a", trail("u", {"z"}))});
  auto upper = rule("UP", combine(CK::all, {seen("a"), seen("b")}), Scope::artifact);
  upper.supersedes = {"LOW"};
  test.add(rule("LOW", seen("a")));
  test.add(upper);
  CHECK(test.ids() == "UP");
}

TEST_CASE("rules: what spans files stays unless all of them are covered") {
  Case test({evidence("a", kFile), evidence("b", kFile), evidence("a", kOther)});
  auto upper = rule("UP", seen("b"));
  upper.supersedes = {"LOW"};
  test.add(rule("LOW", seen("a"), Scope::directory));
  test.add(upper);
  CHECK(test.ids() == "LOW UP");
}

TEST_CASE("rules: rules that supersede one another both stay") {
  Case test({evidence("a", kFile)});
  auto one = rule("ONE", seen("a")), two = rule("TWO", seen("a"));
  one.supersedes = {"TWO"};
  two.supersedes = {"ONE"};
  test.add(one);
  test.add(two);
  CHECK(test.ids() == "ONE TWO");
}

namespace {

Evidence with(Evidence evidence, const std::string& capture, const std::string& value) {
  evidence.captures[capture] = value;
  return evidence;
}

Evidence in_view(Evidence evidence, ViewKind view) {
  evidence.view = view;
  return evidence;
}

Context context(std::string id, Condition when) {
  Context made;
  made.id = std::move(id);
  made.when = std::move(when);
  return made;
}

Rule leveled(Rule rule, Level level) {
  rule.level = level;
  return rule;
}

}  // namespace

TEST_CASE("rules: same takes only evidence together that has one value of a capture") {
  auto shared = rule("R", combine(CK::all, {seen("a"), seen("b")}));
  shared.same = "wallet";
  const auto a = with(evidence("a", kFile, 1), "wallet", "x");
  CHECK(count({a, with(evidence("b", kFile, 2), "wallet", "x")}, shared) == 1);
  CHECK(count({a, with(evidence("b", kFile, 2), "wallet", "y")}, shared) == 0);
  CHECK(count({a, evidence("b", kFile, 2)}, shared) == 1);
  CHECK(count({evidence("a", kFile, 1), evidence("b", kFile, 2)}, shared) == 0);
}

TEST_CASE("rules: files asks for the value in so many files") {
  auto shared = rule("R", seen("a"), Scope::artifact);
  shared.same = "wallet";
  shared.files = 2;
  const auto x = with(evidence("a", kFile), "wallet", "x");
  CHECK(count({x, with(evidence("a", kOther), "wallet", "x")}, shared) == 1);
  CHECK(count({x, with(evidence("a", kOther), "wallet", "y")}, shared) == 0);
  CHECK(count({x, with(evidence("a", kFile, 9), "wallet", "x")}, shared) == 0);
  shared.same.clear();
  CHECK(count({x, evidence("a", kOther)}, shared) == 1);
  CHECK(count({x}, shared) == 0);
}

TEST_CASE("rules: distinct asks for so many different values") {
  auto many = rule("R", seen("a"));
  many.distinct = {.capture = "host", .at_least = 3};
  const auto host = [](std::uint64_t at, const std::string& value) {
    return with(evidence("a", kFile, at), "host", value);
  };
  CHECK(count({host(1, "x"), host(2, "y"), host(3, "z")}, many) == 1);
  CHECK(count({host(1, "x"), host(2, "y"), host(3, "y")}, many) == 0);
  CHECK(count({host(1, "x"), host(2, "y"), evidence("a", kFile, 3)}, many) == 0);
}

TEST_CASE("contexts: lower what is found where they hold, and nowhere else") {
  Case test({evidence("a", kFile), evidence("list", kFile)});
  test.add(leveled(rule("R", seen("a")), Level::error));
  test.add(context("lists", seen("list")));
  CHECK(test.lowered_by() == "lists");
  Case elsewhere({evidence("a", kFile), evidence("list", kOther)});
  elsewhere.add(leveled(rule("R", seen("a")), Level::error));
  elsewhere.add(context("lists", seen("list")));
  CHECK(elsewhere.lowered_by().empty());
}

TEST_CASE("contexts: a comment in a script does not whiten it") {
  auto lists = context("lists", seen("list"));
  lists.views = view_bit(ViewKind::config);
  Case script({in_view(evidence("a", kFile), ViewKind::script),
               in_view(evidence("list", kFile), ViewKind::script)});
  script.add(leveled(rule("R", seen("a")), Level::error));
  script.add(lists);
  CHECK(script.lowered_by().empty());
  // Nor does a decoded part that reads as a list lower what its script does.
  Case decoded({in_view(evidence("a", kFile), ViewKind::script),
                in_view(evidence("list", kFile), ViewKind::config)});
  decoded.add(leveled(rule("R", seen("a")), Level::error));
  decoded.add(lists);
  CHECK(decoded.lowered_by().empty());
}

TEST_CASE("contexts: only the classes they name, and never what stands despite them") {
  auto lists = context("lists", seen("list"));
  lists.classes = {"pool"};
  auto pool = leveled(rule("R", seen("a")), Level::warning);
  pool.class_name = "pool";
  auto miner = pool;
  miner.class_name = "miner";
  auto stubborn = pool;
  stubborn.despite = {"lists"};
  auto most_stubborn = pool;
  most_stubborn.despite = {"any"};
  for (const auto& [one, wanted] : {std::pair{pool, "lists"}, std::pair{miner, ""},
                                    std::pair{stubborn, ""}, std::pair{most_stubborn, ""}}) {
    Case test({evidence("a", kFile), evidence("list", kFile)});
    test.add(one);
    test.add(lists);
    CHECK(test.lowered_by() == wanted);
  }
}

TEST_CASE("contexts: the one that lowers furthest counts, and a note stays one") {
  auto mild = context("mild", seen("list"));
  mild.to = Level::warning;
  Case test({evidence("a", kFile), evidence("list", kFile)});
  test.add(leveled(rule("R", seen("a")), Level::error));
  test.add(mild);
  CHECK(test.lowered_by() == "mild");
  test.add(context("strict", seen("list")));
  CHECK(test.lowered_by() == "strict");
  Case note({evidence("a", kFile), evidence("list", kFile)});
  note.add(leveled(rule("R", seen("a")), Level::note));
  note.add(mild);
  CHECK(note.lowered_by().empty());
}

TEST_CASE("contexts: what lies in several files is lowered only where it holds in all") {
  Case test({evidence("a", kFile), evidence("b", kOther), evidence("list", kFile)});
  test.add(
      leveled(rule("R", combine(CK::all, {seen("a"), seen("b")}), Scope::directory), Level::error));
  test.add(context("lists", seen("list")));
  CHECK(test.lowered_by().empty());
  auto wide = context("wide", seen("list"));
  wide.scope = Scope::directory;
  test.add(wide);
  CHECK(test.lowered_by() == "wide");
}
