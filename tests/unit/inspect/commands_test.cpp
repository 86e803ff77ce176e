#include "inspect/commands.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace minescan::inspect {
namespace {

std::vector<CommandLine> commands_of(std::string_view text) {
  Variables variables;
  bool cut = false;
  return command_lines(text, 1, variables, cut);
}

std::string only(std::string_view text) {
  const auto commands = commands_of(text);
  REQUIRE(commands.size() == 1);
  return commands.front().text;
}

struct Shown final : ViewSink {
  std::vector<CommandLine> commands;
  int limits = 0;
  void on_limit(const std::string& /*what*/) override { ++limits; }
  void on_view(ViewKind kind, const Step&, const Window& window, std::uint64_t) override {
    CHECK(kind == ViewKind::command);
    commands.push_back({window.line, std::string(as_text(window.bytes))});
  }
};

std::vector<CommandLine> shown(const FileType& type, std::string_view text, std::size_t step) {
  Commands commands(type);
  Shown sink;
  for (std::size_t at = 0; at < text.size(); at += step) {
    const std::string_view part = text.substr(at, step);
    commands.window({.bytes = as_bytes(part), .from = 0, .to = part.size()}, sink);
  }
  commands.finish(sink);
  return sink.commands;
}

}  // namespace

TEST_CASE("commands: names in braces, as Python's, C#'s and Rust's texts have them") {
  CHECK(
      only("h = 'pool.example'\np = 3333\nw = 'me'\nos.system(f'./a -o {h}:{p} -u {w} -p x')\n") ==
      "os.system ./a -o pool.example:3333 -u me -p x");
  // A name that nothing is given stays a word.
  CHECK(only("os.system(f'./a -o {h}:3333 -u {w} -p x')\n").find("-u w -p x") != std::string::npos);
}

TEST_CASE("commands: a pool's scheme or an account makes common options telling") {
  CHECK(only("./a -a x -p stratum+tcp://pool.example:3333 -w me\n") ==
        "./a -a x -p stratum+tcp://pool.example:3333 -w me");
  const std::string account(40, 'A');
  CHECK(only("./a --wallet " + account + " -t 12\n") == "./a --wallet " + account + " -t 12");
  CHECK(commands_of("./a --wallet main -t 12\n").empty());
  CHECK(commands_of("./a -a x -p y -w z\n").empty());
}

TEST_CASE("commands: a line of a shell script, told with its line") {
  const auto commands = commands_of("#!/bin/sh\ncd /tmp\n./a -o pool.example:3333 -u w &\n");
  REQUIRE(commands.size() == 1);
  CHECK(commands.front() == CommandLine{3, "./a -o pool.example:3333 -u w"});
}

TEST_CASE("commands: lines that go on") {
  CHECK(only("./a \\\n  -o pool.example:1 \\\n -u w\n") == "./a -o pool.example:1 -u w");
  CHECK(only("a.exe `\r\n -o pool.example:1 `\r\n -u w\r\n") == "a.exe -o pool.example:1 -u w");
  CHECK(only("a.exe ^\n -o pool.example:1 ^\n -u w") == "a.exe -o pool.example:1 -u w");
  CHECK(only("command: >\n  ./a --url=p.example:1\n  --user=w\nnext: 1\n") ==
        "command: ./a --url=p.example:1 --user=w");
}

TEST_CASE("commands: arguments in lists of other languages") {
  CHECK(only(R"(CMD ["/bin/a", "-o", "p.example:1", "-u", "w"])") ==
        "CMD /bin/a -o p.example:1 -u w");
  CHECK(only("args:\n  - \"-o\"\n  - p.example:1\n  - -u\n  - w\nimage: x\n") ==
        "args: -o p.example:1 -u w");
  CHECK(only("Popen([\"./a\",\n  \"-o\", \"p.example:1\",\n  '-u', 'w'])\n") ==
        "Popen ./a -o p.example:1 -u w");
  CHECK(only("Command::new(\"./a\")\n  .arg(\"-o\").arg(\"p.example:1\")\n  .arg(\"-u\")\n"
             "  .arg(\"w\")\n") == "Command::new ./a -o p.example:1 -u w");
}

TEST_CASE("commands: variables of many languages") {
  const std::string want = "./a -o p.example:3333 -u w";
  CHECK(only("P=p.example\nexport U=w\n./a -o $P:3333 -u ${U}\n") == want);
  CHECK(only("./a -o ${P:-p.example}:3333 -u ${U:-w}\n") == want);
  CHECK(only("set P=p.example\nset U=w\n./a -o %P%:3333 -u %U%\n") == want);
  CHECK(only("$p = \"p.example:3333\"\n./a -o $p -u w\n") == want);
  CHECK(only("$env:P = 'p.example:3333'\n./a -o $env:P -u w\n") == want);
  CHECK(only("ENV P p.example:3333\nENV U=w\nRUN ./a -o $P -u $U\n") == "RUN " + want);
  CHECK(only("P := p.example:3333\nall:\n\t./a -o $(P) -u w\n") == want);
  CHECK(only("Environment=P=p.example:3333\nExecStart=./a -o ${P} -u w\n") == "ExecStart=" + want);
  CHECK(only("args: [\"./a\", \"-o\", \"$(P)\", \"-u\", \"$(U)\"]\nenv:\n- name: P\n"
             "  value: p.example:3333\n- name: U\n  value: \"w\"\n") == "args: " + want);
  CHECK(only("const p = 'p.example:3333';\nspawn('./a', ['-o', p, '-u', `w`]);\n") ==
        "spawn " + want);
  CHECK(only("HOST = \"p.example\"\nrun([\"./a\", \"-o\", HOST + \":3333\", \"-u\", \"w\"])\n") ==
        "run " + want);
  CHECK(only("P = 'p.example:3333'\nos.system(f\"./a -o {P} -u w\")\n") == "os.system " + want);
  CHECK(only("P = 'p.example:3333'\nos.system(\"./a -o \" + P + \" -u w\")\n") ==
        "os.system " + want);
}

TEST_CASE("commands: variables of pipelines, orchestrators and templates") {
  const std::string want = "./a -o p.example:3333 -u w";
  CHECK(only("env:\n  P: p.example:3333\nsteps:\n- run: ./a -o ${{ env.P }} -u w\n") ==
        "run: " + want);
  CHECK(only("matrix:\n  p: [ 'p.example:3333' ]\n- run: ./a -o ${{ matrix.p }} -u w\n") ==
        "run: " + want);
  CHECK(only("pool: p.example:3333\nrun: ./a -o {{ .Values.pool | quote }} -u w\n") ==
        "run: " + want);
  CHECK(only("run: ./a -o {{ .Values.pool | default \"p.example:3333\" }} -u w\n") ==
        "run: " + want);
  CHECK(only("variables:\n  P:\n    value: p.example:3333\nx:\n- ./a -o $P -u w\n") == want);
  CHECK(only("variable \"p\" {\n  default = \"p.example:3333\"\n}\n./a -o ${var.p} -u w\n") ==
        want);
  CHECK(only("P: p.example:3333\ncommand: sh -c \"./a -o $$P -u w\"\n") ==
        "command: sh -c " + want);
  CHECK(only("meta {\n p = \"p.example:3333\"\n}\nargs = [\"./a\", \"-o\", \"${NOMAD_META_p}\", "
             "\"-u\", \"w\"]\n") == "args " + want);
  CHECK(only("argv:\n- ./a\n- -o\n- \"{{ p }}\"\n- -u\n- w\nvars:\n  p: p.example:3333\n") ==
        "argv: " + want);
  CHECK(only("runcmd:\n  -\n    - ./a\n    - -o\n    - p.example:3333\n    - -u\n    - w\n") ==
        want);
  CHECK(only("A = -o p.example:3333\nA += -u w\nall:\n\t./a $(A)\n") == want);
  const auto grown = commands_of("A=\"-o p.example:3333\"\nA=\"$A -u w\"\n./a ${A} &\n./b $B\n");
  REQUIRE(grown.size() == 2);
  CHECK(grown.back().text == want);
}

TEST_CASE("commands: variables of programs, typed, of an object, with a default") {
  const std::string want = "./a -o p.example:3333 -u w";
  CHECK(only("const P: &str = \"p.example:3333\";\nrun(\"./a\", \"-o\", P, \"-u\", \"w\");\n") ==
        "run " + want);
  CHECK(only("var p string = \"p.example:3333\"\nrun(\"./a\", \"-o\", p, \"-u\", \"w\")\n") ==
        "run " + want);
  CHECK(only("c = { p: 'p.example:3333' };\nrun('./a', '-o', c.p, '-u', 'w');\n") == "run " + want);
  CHECK(only("C = {'p': 'p.example:3333'}\nrun('./a', '-o', C['p'], '-u', 'w')\n") ==
        "run " + want);
  CHECK(only("P = os.getenv('P', 'p.example:3333')\nrun('./a', '-o', P, '-u', 'w')\n") ==
        "run " + want);
  CHECK(only("const p = process.env.P || 'p.example:3333';\nrun(`./a -o ${p} -u w`);\n") ==
        "run " + want);
  CHECK(only("h='p.'+'example';\nrun('./a','-o',h+':3333','-u','w')\n") == "run " + want);
  CHECK(only("run('./a -o %s:%d -u w' % ('p.example', 3333))\n") == "run " + want);
}

TEST_CASE("commands: names that are unknown stay as they are") {
  CHECK(only("./a -o ${{ secrets.P }} -u {{ w }}\n") == "./a -o $ secrets.P -u w");
  CHECK(only("p: x\n./a -o gate.p -u w --algo z\n") == "./a -o gate.p -u w --algo z");
  CHECK(only("./a -o $$ -u ${w.v} --pool %(x\n") == "./a -o $$ -u $ w.v --pool % x");
}

TEST_CASE("commands: texts that are put together by quotes and operators") {
  const std::string want = "./a -o p.example:3333 -u w";
  CHECK(only("H=p; H=$H.exam\nH=${H}ple\n./a -o $H:3333 -u w\n") == want);
  CHECK(only("H=\"p\"\n./a -o \"$H\"'.exa'\"mple\":'3333' -u 'w'\n") == want);
  CHECK(only("s.Run \"./a -o \" & \"p.\" & \"example:3333\" & \" -u w\", 0\n") ==
        "s.Run " + want + " 0");
  CHECK(only("p = \"p.example\" \ns.Run \"./a -o \" & p & \":3333 -u w\"\n") == "s.Run " + want);
  CHECK(only("p = \"p\" & \".exam\" & \"ple:3333\"\ns.Run \"./a -o \" & p & \" -u w\"\n") ==
        "s.Run " + want);
  CHECK(only("P = 'p' + '.example'\n./a -o $P:3333 -u w\n") == want);
  CHECK(only("./a -o p.example:3333 -u w --donate-leve\\l=1\n") == want + " --donate-level=1");
  CHECK(only("command=./a -o %(ENV_P)s -u w\nenvironment=K=\"1\",P=\"p.example:3333\"\n") ==
        "command=" + want);
  CHECK(only("\"P=\\\"p.example:3333\\\"\\n\",\n\"!./a -o $P -u w\\n\"\n") == "!" + want);
}

TEST_CASE("commands: a wallet that was cut into variables comes together") {
  CHECK(only("A=4abc\nB=def\nW=$A$B\n./a -o p.example:1 -u $W.rig\n") ==
        "./a -o p.example:1 -u 4abcdef.rig");
}

TEST_CASE("commands: a key with the name of a variable is no use of it") {
  CHECK(only(R"({"run": "x", "start": "./a -o p.example:1 -u w"})") ==
        "run : x start : ./a -o p.example:1 -u w");
}

TEST_CASE("commands: a comma within numbers of an option divides no words") {
  CHECK(only("./a --url=w@p.example:1 --par=144,5\n") == "./a --url=w@p.example:1 --par=144,5");
  CHECK(only("run(1,2,'-o',p,'-u','w')\n") == "run 1 2 -o p -u w");
}

TEST_CASE("commands: items of a script are commands of their own, those of a rule are none") {
  const auto script = commands_of("script:\n  - make -o x\n  - ./a -o p.example:1 -u w\n");
  REQUIRE(script.size() == 1);
  CHECK(script.front() == CommandLine{3, "./a -o p.example:1 -u w"});
  CHECK(commands_of("CommandLine|contains:\n  - '--donate-level='\n  - ' -o p.example:1'\n"
                    "  - '--nicehash'\n")
            .empty());
  CHECK(only("extraArgs:\n  - -o\n  - p.example:1\n  - -u\n  - w\n") ==
        "extraArgs: -o p.example:1 -u w");
}

TEST_CASE("commands: comments and lines with fewer than two options are not told") {
  CHECK(commands_of("# ./a -o p.example:1 -u w\n").empty());
  CHECK(commands_of("// ./a -o p.example:1 -u w\n").empty());
  CHECK(commands_of(" * ./a -o p.example:1 -u w\n").empty());
  CHECK(only("* * * * * root /a -o p.example:1 -u w\n").ends_with("/a -o p.example:1 -u w"));
  CHECK(only("//tmp/a -o p.example:1 -u w\n") == "//tmp/a -o p.example:1 -u w");
  CHECK(commands_of("REM a.exe -o p.example:1 -u w\n").empty());
  CHECK(commands_of("gcc -o a a.c\n").empty());
  CHECK(commands_of("ls -l -a\nrm -r x\n").empty());
  CHECK(commands_of("nothing at all\n").empty());
  CHECK(commands_of("").empty());
}

TEST_CASE("commands: what is only printed is none, what is written somewhere is") {
  CHECK(commands_of("echo 'Example: ./a -o p.example:1 -u w'\n").empty());
  CHECK(commands_of("print('Usage: ./a -o p.example:1 -u w')\n").empty());
  CHECK(commands_of("echo './a -o p.example:1 -u w' >> /etc/rc.local\n").size() == 1);
  CHECK(commands_of("echo './a -o p.example:1 -u w' | sh\n").size() == 1);
  CHECK(commands_of("echo start; ./a -o p.example:1 -u w\n").size() == 1);
}

TEST_CASE("commands: what a decoder reads out of variables is told as it stands") {
  const auto commands = commands_of("a=IyEv\nb=YmluL3No\neval \"$(echo $a$b | base64 -d)\"\n");
  REQUIRE(commands.size() == 1);
  CHECK(commands.front().resolved);
  CHECK(commands.front().line == 3);
  CHECK(commands.front().text == "eval \"$(echo IyEvYmluL3No | base64 -d)\"");
  CHECK(commands_of("echo IyEv | base64 -d\n").empty());
  CHECK(commands_of("echo $unknown | base64 -d\n").empty());
}

TEST_CASE("commands: several of one line are told apart") {
  const auto commands =
      commands_of("curl -o a -u b; chmod +x a && ./a -o p.example:1 -u w | tee l");
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].text == "curl -o a -u b");
  CHECK(commands[1].text == "./a -o p.example:1 -u w");
}

TEST_CASE("commands: a variable that names itself ends") {
  CHECK(only("A=$B\nB=$A\n./a -o $A -u w\n").starts_with("./a -o $"));
  std::string text = "A0=xxxxxxxxxxxxxxxx\n";
  for (int i = 1; i < 30; ++i) {
    const std::string below = "$A" + std::to_string(i - 1);
    text += "A" + std::to_string(i) + "=" + below + below + below + below + "\n";
  }
  text += "./a -o $A29 -u w\n";
  for (const auto& command : commands_of(text)) CHECK(command.text.size() <= kLongestCommand);
}

TEST_CASE("commands: floods and long lines stay within bounds") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "./a -o p.example:1 -u w\n";
  CHECK(commands_of(text).size() == kMostCommands);
  std::string line = "./a -u w ";
  for (int i = 0; i < 100'000; ++i) line += "x" + std::to_string(i) + " ";
  line += "-o p.example:1";
  const auto commands = commands_of(line);
  REQUIRE(commands.size() == 1);
  CHECK(commands.front().text.size() <= kLongestCommand);
  CHECK(commands_of(std::string(100'000, '[') + "-o -u").size() <= 1);
}

TEST_CASE("commands: what is more than is read is told, once for a file") {
  const FileType script{.view = ViewKind::script, .name = "script"};
  const auto limits = [&](std::string_view line, int count) {
    std::string text = "A=" + std::string(400, 'x') + "\n";
    for (int i = 0; i < count; ++i) text += line;
    Commands commands(script);
    Shown sink;
    commands.window({.bytes = as_bytes(text), .from = 0, .to = text.size()}, sink);
    commands.finish(sink);
    return sink.limits;
  };
  CHECK(limits("./a -o p.example:1 -u w\n", 100) == 0);
  CHECK(limits("./a -o p.example:1 -u w\n", 3000) == 1);
  // Lines that are no commands, but would cost a lot to look at.
  CHECK(limits("gcc -o $A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A$A\n", 5000) == 1);
  CHECK(limits("gcc -o $A\n", 5000) == 0);
  // The last lines of a full list, and options that do not fit into one command.
  CHECK(limits("./a -o p.example:1 -u w; ./a -o p.example:1 -u w; ./a -o p.example:1 -u w\n",
               667) == 1);
  std::string padded = "./a", crowded = "./a";
  for (int i = 0; i < 700; ++i) {
    padded += " -c x";
    crowded += " -o x";
  }
  CHECK(only(padded + " -o p.example:1 -u w\n").ends_with(" -o p.example:1 -u w"));
  CHECK(limits(crowded + " -o p.example:1 -u w\n", 1) == 1);
}

TEST_CASE("commands: of a long command the options are kept") {
  std::string line = "./a ";
  for (int i = 0; i < 400; ++i) line += "word" + std::to_string(i) + " ";
  CHECK(only(line + "-o p.example:1 -u w").ends_with(" -o p.example:1 -u w"));
}

TEST_CASE("commands: windows of any size tell the same, with lines counted through") {
  std::string text = "P=p.example:1\n";
  for (int i = 0; i < 300; ++i) text += "echo " + std::string(50, 'x') + "\n./a -o $P -u w\n";
  const FileType script{.view = ViewKind::script, .name = "script"};
  const auto whole = shown(script, text, text.size());
  REQUIRE(whole.size() == 300);
  CHECK(whole[0].line == 3);
  CHECK(whole[299].line == 601);
  CHECK(shown(script, text, 7) == whole);
  CHECK(shown(script, text, 1000) == whole);
}

TEST_CASE("commands: texts beyond one piece are told to their end") {
  std::string text(3 << 20, 'x');
  for (std::size_t i = 99; i < text.size(); i += 100) text[i] = '\n';
  text += "\n./a -o p.example:1 -u w\n";
  const auto commands = shown({.view = ViewKind::script, .name = "script"}, text, 128 << 10);
  REQUIRE(commands.size() == 1);
  CHECK(commands.front().text == "./a -o p.example:1 -u w");
  CHECK(commands.front().line == (3 << 20) / 100 + 2);
}

TEST_CASE("commands: documents and programs have none") {
  const std::string text = "./a -o p.example:1 -u w\n";
  CHECK(shown({.view = ViewKind::document, .name = "document"}, text, 100).empty());
  CHECK(shown({.view = ViewKind::executable, .name = "ELF"}, text, 100).empty());
  CHECK(shown({.view = ViewKind::config, .name = "YAML"}, text, 100).size() == 1);
}

TEST_CASE("commands: the code of a notebook is a script, with its lines, and nothing else is") {
  struct Code final : ViewSink {
    std::string text;
    std::uint32_t line = 0;
    void on_limit(const std::string& /*what*/) override {}
    void on_view(ViewKind kind, const Step&, const Window& window, std::uint64_t) override {
      if (kind == ViewKind::command) return;
      CHECK(kind == ViewKind::script);
      text += as_text(window.bytes);
      line = window.line;
    }
  };
  const std::string text =
      R"x({"cells": [
 {"cell_type": "markdown", "source": ["It runs `./a -o prose.example:1 -u w`"]},
 {
  "cell_type": "code",
  "outputs": [{"text": ["printed.example\n"]}],
  "source": [
  "import os\n",
  "os.system('run.example')"
 ]}
]})x";
  Code sink;
  Commands commands({.view = ViewKind::document, .name = "notebook"});
  commands.window({.bytes = as_bytes(text), .from = 0, .to = text.size()}, sink, true);
  CHECK(sink.line == 1);
  const std::size_t code = sink.text.find("import os");
  REQUIRE(code != std::string::npos);
  CHECK(std::count(sink.text.begin(), sink.text.begin() + static_cast<std::ptrdiff_t>(code),
                   '\n') == 6);
  CHECK(sink.text.find("run.example") != std::string::npos);
  CHECK(sink.text.find("prose.example") == std::string::npos);
  CHECK(sink.text.find("printed.example") == std::string::npos);
}

TEST_CASE("commands: a file of options is one command") {
  const auto commands = shown({.view = ViewKind::config, .name = "options"},
                              "-pool ssl://p.example:5555\n-wal w\n-worker r\n", 100);
  REQUIRE(commands.size() == 1);
  CHECK(commands[0].text.find("-pool ssl://p.example:5555 -wal w") != std::string::npos);
}

TEST_CASE("commands: what a shell takes of a value, and lists") {
  const auto has = [](std::string_view script, std::string_view command) {
    const auto commands = commands_of(script);
    REQUIRE(!commands.empty());
    return commands.back().text == command;
  };
  CHECK(has("k=qpool.examplez\n./a -o ${k:1:12}:443 -u me -p x\n",
            "./a -o pool.example:443 -u me -p x"));
  CHECK(has("w='a b c'\n./a -o pool.example:443 -u ${w// /} -p x\n",
            "./a -o pool.example:443 -u abc -p x"));
  CHECK(has("h=(x pool example)\n./a -o ${h[1]}.${h[2]}:443 -u me -p x\n",
            "./a -o pool.example:443 -u me -p x"));
  CHECK(has("o=(-o \"pool.example:443\" -u me -p x)\n./a \"${o[@]}\"\n",
            "./a -o pool.example:443 -u me -p x"));
}

}  // namespace minescan::inspect
