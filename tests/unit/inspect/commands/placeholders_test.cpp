#include "inspect/commands/placeholders.h"

#include <doctest/doctest.h>

namespace minescan::inspect::commands {
namespace {

std::string filled(std::string_view text) {
  Variables variables;
  variables.set("host", "p.example");
  return fill_placeholders(text, variables);
}

}  // namespace

TEST_CASE("placeholders: values are put into texts of several languages") {
  CHECK(filled("run('-o %s:%d -u %s' % (host, 3333, 'w'))") == "run('-o p.example:3333 -u w')");
  CHECK(filled("run('-o {}:{}'.format(host, 3333))") == "run('-o p.example:3333')");
  CHECK(filled("format!(\"-o {}\", &host)") == "format!(\"-o p.example\")");
  CHECK(filled("fmt.Sprintf(\"-o %s -u %v\", \"a\", c.host)") ==
        "fmt.Sprintf(\"-o a -u p.example\")");
  CHECK(filled("(\"-u {1} -o {0}\" -f 'a','b')") == "(\"-u b -o a\")");
  CHECK(filled("printf -v C '-o %s -u %s' a b; eval $C") == "printf -v C '-o a -u b'; eval $C");
}

TEST_CASE("placeholders: what has no values stays as it is") {
  for (const std::string_view text :
       {"run('100%s')", "x = '%s'; y, z", "['{}']", "'open %s", "printf '%s'", "f('a', 'b')", "",
        "'%", "\"{", "print '%s %s' % ", "'%s', "}) {
    CAPTURE(text);
    CHECK(filled(text) == text);
  }
  CHECK(filled("f('%s %s', host)") == "f('p.example %s')");
  CHECK_FALSE(has_placeholder("100% of {x}"));
  CHECK(has_placeholder("{} %"));
}

TEST_CASE("placeholders: a flood of them ends") {
  for (const std::string_view unit : {"'%s' % ", "'{}'.format(", "\"%s\",", "'", "%s", "'%s',a,"}) {
    std::string text;
    while (text.size() < 300'000) text += unit;
    CHECK(filled(text).size() <= 2 * text.size());
  }
}

}  // namespace minescan::inspect::commands
