#include "match/commands.h"

#include <doctest/doctest.h>

namespace minescan::match {
namespace {

bool mines(std::string_view text) {
  Captures captures;
  return check_miner_command(text, captures);
}

bool starts(std::string_view text) {
  Captures captures;
  return check_started_command(text, captures);
}

// Made for tests; nobody has its keys.
const std::string kWallet =
    "41mWdSGd2wTZmWEKQBZJKsQvcW2nAkqtTa3GF5eFViwK2RyUSkjiGoEWDcuymboML7cay8FpHRaLxHKTtfCEpfmAAhPnTb"
    "E";

}  // namespace

TEST_CASE("miner-command: what it found is captured") {
  Captures captures;
  REQUIRE(check_miner_command(
      "nohup ./xmrig -a rx/0 -o stratum+tcp://Pool.Example:03333 -u " + kWallet + ".rig -p x",
      captures));
  CHECK(captures["host"] == "pool.example");
  CHECK(captures["port"] == "3333");
  CHECK(captures["scheme"] == "stratum+tcp");
  CHECK(captures["algorithm"] == "rx/0");
  CHECK(captures["wallet"] == kWallet);
  CHECK(captures["coin"] == "XMR");
  CHECK(captures["program"] == "xmrig");
  CHECK(captures["user"] == kWallet + ".rig");
}

TEST_CASE("miner-command: nothing is captured where nothing mines") {
  Captures captures;
  CHECK_FALSE(check_miner_command("curl -o pool.example:3333 -u w", captures));
  CHECK(captures.empty());
}

TEST_CASE("miner-command: the styles of many programs") {
  for (const std::string text :
       {"./a --algorithm randomx --pool p.example:3333 --wallet w --password x",
        "./a --algo ETHASH --pool p.example:3333 --user TRX:abc.w#code",
        "./a --algo kawpow --server p.example --port 6060 --user R.w",
        "./a -a ergo -o stratum+tcp://p.example:3333 -u w", "./a -pool p.example:5555 -wal 0x0 -k",
        "./a -P stratum1+ssl://0x0.rig@p.example:5555",
        "./a -o [1]stratum+tcp://p.example:1 -u [1]w", "./a --url=w@p.example:4040 --par=192,7",
        "./a -a alph;kas -p p.example:1 -o p.example:1 -w w", "./a -o p.example:3333 -u w -p x",
        "./a -o p.example:3333 -O w:x -a yespowerurx",
        "./a --mining-address kaspa:q --kaspad-address 192.0.2.7 --devfund-percent 1",
        "./a -o $POOL -u $WALLET", "./a --pool %POOL% --wallet %W%",
        "./a -o p.example:443 -u w --donate-level=1 -k --tls",
        "ethminer -G -P stratum://w@p.example:4444"}) {
    CAPTURE(text);
    CHECK(mines(text));
  }
}

TEST_CASE("miner-command: programs whose options look alike") {
  for (const std::string text :
       {"hashcat -m 1000 -a 3 -o out.txt hash.txt",
        "john --format=nt --pot=a --session=b",
        "curl -o a:80 -u a:b -p x",
        "wget --user a --password x https://a.example:443/",
        "ssh -o a:22 -l root -p 22",
        "mysql -h db.example -P 3306 -u root -p x",
        "docker run -p 80:80 -u 1000 -w /a",
        "kubectl --server 192.0.2.7:6443 --user admin",
        "psql --host db.example:5432 -U u",
        "tar -a -c -f a.tar -o d",
        "a --algo sha256 --user me",
        "a --server a.example:80 --user admin --password secret",
        "a -a -b -c",
        "a",
        "",
        "-",
        "--",
        "a --pool 10 --user me",
        "clickhouse-client --server ch.example:9000 --user default --password x",
        "oc login --server=api.example:6443 -u dev -p x",
        "migrate -u worker -p x -o pool.example:5432 -a up -t 4",
        "zmq-worker -o tcp://broker.example:4444 -u worker -p x",
        "worker --url redis://r.example:6379 --user default --pass x",
        "nats pub --server nats://n.example:4222 --user alice --password x orders 0",
        "loadgen --algo roundrobin --pool lb.example:8080 --user bench --pass x",
        "node bot.js --wallet 0x0000000000000000000000000000000000000001 --url wss://a.example:443",
        "arb --wallet 0x0000000000000000000000000000000000000001 --host a.example --port 8546 "
        "--pool u",
        "wallet-backend --wallet main --server node.example:50001 --user rpc --password x",
        "a --pool threads --wallet file.dat",
        "a --algo zstd --pool a.example:1"}) {
    CAPTURE(text);
    CHECK_FALSE(mines(text));
  }
}

TEST_CASE("miner-command: a miner that is called like another program") {
  CHECK(mines("./curl -o stratum+tcp://p.example:3333 -u w"));
  CHECK(mines("/tmp/ssh -o p.example:3333 -u " + kWallet));
}

TEST_CASE("miner-command: a name that others have counts where systems keep programs") {
  CHECK(mines("./ssh -o p.example:3333 -u w -p x"));
  CHECK(mines("/tmp/.x/rsync -o p.example:3333 -u w -p x"));
  CHECK(mines("/usr/bin/.d/rsync -o p.example:3333 -u w -p x"));
  CHECK_FALSE(mines("ssh -o p.example:3333 -u w -p x"));
  CHECK_FALSE(mines("/usr/bin/rsync -o p.example:3333 -u w -p x"));
}

TEST_CASE(
    "miner-command: at the port of another service an address and an account are not enough") {
  for (const std::string port : {"22", "25", "389", "993", "1", "3306", "3389", "5432", "6379"}) {
    CAPTURE(port);
    CHECK_FALSE(mines("tool -o h.example:" + port + " -u me -p x"));
    CHECK(mines("tool -o h.example:" + port + " -u me -p x -a rx/0"));
    CHECK(mines("tool -o h.example:" + port + " -u " + kWallet));
    CHECK(mines("tool -o stratum+tcp://h.example:" + port + " -u me"));
  }
  for (const std::string port : {"53", "80", "443", "444", "1024", "3333", "8080", "14444"}) {
    CAPTURE(port);
    CHECK(mines("tool -o h.example:" + port + " -u me -p x"));
  }
}

TEST_CASE("miner-command: what tells how a program is called is no command") {
  const std::string command = "-o p.example:3333 -u worker -p x -a rx/0";
  for (const std::string before :
       {"Usage: ./a ", "example: a ", "E.G. a ", "echo Usage: a ", "usage echo Example: a ",
        "print Examples: a ", "log.info e.g. ./a ", "$0 ", "basename $0 ", "$ basename $0 ",
        "$ 0##*/ ", "p.add_argument --pool help= pool ", "p = argparse.ArgumentParser epilog= a ",
        ".usage $0 ", ".example $0 ", "click.option --pool help= pool "}) {
    CAPTURE(before);
    CHECK_FALSE(mines(before + command));
  }
}

TEST_CASE("miner-command: a word of a usage text hides no command") {
  const std::string command = "-o p.example:3333 -u worker -p x -a rx/0";
  for (const std::string before : {"./usage: ", "./a usage: ", "./echo Usage: ", "./a echo usage: ",
                                   "/tmp/print usage ", "help= ./a ", "exec $0 ", "nohup $0 ",
                                   "echo ./a ", "./add_argument help= ", "sh -c ./a example "}) {
    CAPTURE(before);
    CHECK(mines(before + command));
  }
}

TEST_CASE("started-command: the call that starts it is in the same command") {
  const std::string command = " ./a -o p.example:3333 -u worker -p x";
  for (const std::string call :
       {"subprocess.Popen", "subprocess.run", "os.system", "p = sp.call", "spawn", "cp.execFile",
        "exec.Command", "Command::new", "std::process::Command::new", "x = await execa",
        "Start-Process", "shell_exec", "Kernel.system"}) {
    CAPTURE(call);
    CHECK(starts(call + command));
  }
  for (const std::string call : {"", "run", "start", "call", "command", "assert is_miner",
                                 "CASES =", "nohup", "it.each", "executes"}) {
    CAPTURE(call);
    CHECK_FALSE(starts(call + command));
  }
  CHECK_FALSE(starts("subprocess.run curl -o a:80 -u a:b -p x"));
  CHECK_FALSE(starts(""));
}

TEST_CASE("miner-command: a scheme of pools says so behind any option, but not without a host") {
  CHECK(mines("./a -a warthog -w me -p stratum+tcp://pool.example:3333"));
  CHECK_FALSE(mines("./a -a warthog -w me -p x"));
  CHECK_FALSE(mines("FLAGS -o stratum+tcp:// --randomx-mode --cpu-max-threads-hint"));
  CHECK(mines("./a -o stratum+tcp:// host -u " + kWallet + " --randomx-mode light"));
}

TEST_CASE("miner-command: nodes that mine, and miners that are given a node") {
  CHECK(mines("monerod --non-interactive --start-mining " + kWallet + " --mining-threads 8"));
  CHECK_FALSE(mines("monerod --regtest --offline --start-mining " + kWallet));
  CHECK_FALSE(mines("monerod --non-interactive --detach"));
  CHECK(mines("./a --miner-address " + kWallet + " --daemon-address 192.0.2.7:8080"));
  CHECK_FALSE(mines("wallet-cli --daemon-address 192.0.2.7:18081 --wallet main"));
}

TEST_CASE("miner-command: garbage") {
  CHECK_FALSE(mines(std::string(2000, '-')));
  CHECK_FALSE(mines(std::string(2000, '=')));
  CHECK_FALSE(mines(std::string("-o\0-u", 5)));
  CHECK_FALSE(mines("-o= -u= -a="));
  CHECK_FALSE(mines("-o [] -u [1] -a ;;;+++"));
}

}  // namespace minescan::match
