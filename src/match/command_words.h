#pragma once
// The words of miners' command lines, and of what only looks like one: tables of commands.cpp, all
// sorted.  Sources: the help texts of the programs.  What names miners is hidden in the program, so
// that other scanners do not take it for one.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "base/hidden_words.h"

namespace minescan::match {

template <std::size_t N>
constexpr bool is_in(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

// Where to connect.
// clang-format off
inline constexpr auto kPoolOptions = hidden_words([] { return std::to_array<std::string_view>({
    "--daemon-address", "--dpool", "--dserver", "--dualpool", "--host", "--hostname", "--o1", "--o2", "--pool",
    "--proxy", "--server", "--stratum", "--uri", "--url", "--url2", "-P", "-c", "-dpool", "-epool",
    "-l", "-o", "-o1", "-o2", "-pool", "-r", "-s", "-server", "-stratum-url", "-uri", "-url"}); });
// clang-format on
// Of these, what other programs use for other things too: an address with a port says little.
// clang-format off
inline constexpr auto kVaguePoolOptions = hidden_words([] { return std::to_array<std::string_view>({
    "--daemon-address", "--host", "--hostname", "--proxy", "--server", "--uri", "--url", "-c",
    "-l", "-r", "-s", "-server", "-uri", "-url"}); });
// clang-format on
// For whom.
// clang-format off
inline constexpr auto kUserOptions = hidden_words([] { return std::to_array<std::string_view>({
    "--address", "--dualuser", "--duser", "--miner-address", "--mining-address", "--start-mining",
    "--u1", "--user", "--userpass", "--wallet", "--wallet-address", "-O", "-address", "-dwal", "-ewal", "-mining-address", "-u",
    "-u1", "-user", "-w", "-wal", "-wallet"}); });
// clang-format on
inline constexpr auto kWalletOptions = hidden_words([] {
  return std::to_array<std::string_view>({"--miner-address", "--mining-address", "--wallet",
                                          "--wallet-address", "-dwal", "-ewal", "-mining-address",
                                          "-wal", "-wallet"});
});
inline constexpr auto kPasswordOptions = hidden_words([] {
  return std::to_array<std::string_view>({"--pass", "--password", "-epsw", "-p", "-pass", "-psw"});
});
// What to compute.
inline constexpr auto kAlgorithmOptions = hidden_words([] {
  return std::to_array<std::string_view>({"--a2", "--algo", "--algo2", "--algorithm", "--coin",
                                          "--currency", "--dalgo", "--dual-algo", "--par", "-a",
                                          "-algo", "-coin", "-dcoin"});
});
inline constexpr auto kPortOptions = hidden_words([] {
  return std::to_array<std::string_view>({"--port", "--stratum-port", "-port", "-stratum-port"});
});
// Only miners have these.  Without the dash in front, or this file would be a miner's to minescan.
// clang-format off
inline constexpr auto kMinerOptions = hidden_words([] { return std::to_array<std::string_view>({
    "-allow-large-alloc", "-amd-opencl", "-api-bind-http", "-api-bind-telnet", "-api-worker-id",
    "-argon2-impl", "-back-to-main-pool-sec", "-cc-access-token", "-cc-url", "-cc-worker-id",
    "-cl-global-work", "-cpu-max-threads-hint", "-cpu-memory-pool", "-cpu-no-yield",
    "-cuda-bfactor-hint", "-cuda-bsleep-hint", "-cuda-loader", "-daemon-poll-interval",
    "-daemon-zmq-port", "-dag-build-mode", "-dag-load-mode", "-devfund-percent",
    "-disable-dag-verify", "-donate-level", "-donate-over-proxy", "-enable-dag-cache",
    "-enablezilcache", "-ethstratum", "-extra-dag-epoch", "-farm-recheck", "-farm-retries",
    "-gpu-intensity", "-health-print-time", "-http-no-restricted", "-huge-pages-jit",
    "-kaspad-address", "-lhr-mode", "-lhr-unlock", "-lhrtune", "-mine-when-not-synced",
    "-mining-address", "-mining-threads", "-no-dag-split", "-opencl-launch", "-opencl-threads",
    "-pause-on-active", "-proxy-stratum", "-randomx-1gb-pages", "-randomx-cache-qos",
    "-randomx-init", "-randomx-mode", "-randomx-no-numa", "-randomx-no-rdmsr", "-randomx-wrmsr",
    "-rawintensity", "-report-hashrate", "-self-select", "-start-mining", "-submit-to-origin", "-xintensity",
    "-zilserver", "cdmport", "epool", "ewal"}); });
// clang-format on
// Miners and a few others.
// clang-format off
inline constexpr auto kHintOptions = hidden_words([] { return std::to_array<std::string_view>({
    "--bfactor", "--coinbase-addr", "--keepalive", "--nicehash", "--no-huge-pages", "--pers",
    "--proto", "--rig-id", "--tls-fingerprint", "--worker", "--worker-name", "-k", "-proto",
    "-rig", "-rmode", "-worker"}); });
// clang-format on

// Names of algorithms that mean nothing but mining; lower case.
// clang-format off
inline constexpr auto kAlgorithms = hidden_words([] { return std::to_array<std::string_view>({
    "125,4", "125_4", "144,5", "144_5", "150,5", "150_5", "192,7", "192_7", "210,9", "210_9",
    "abelian", "aleph", "alephium", "allium", "argon2/chukwa", "argon2/chukwav2", "argon2/ninja",
    "argon2d-dyn", "argon2d1000", "argon2d16000", "argon2d250", "argon2d4096", "argon2d500",
    "argon2d_16000", "argon2d_dynamic", "argon2id_chukwa", "argon2id_chukwa2", "argon2id_exfer",
    "argon2id_ninja", "astrobwt", "astrobwt/v2", "astrobwtv3", "autolykos", "autolykos2",
    "balloon", "beam-iii", "beam3", "beamhash", "beamv3", "blake3_alephium", "blake3_decred",
    "blake3_ironfish", "c29ae", "c30ctx", "chukwa", "chukwa2", "chukwav2", "cn_conceal",
    "cn_haven", "cn_heavy", "cn_saber", "cngpu", "cnhaven", "cnheavy", "cnr", "cnv8", "cnv8_trtl",
    "cpupower", "cr29", "cr29-32", "cryptonight", "cuckaroo29", "cuckarood29", "cuckarood29_grin",
    "cuckarooz29", "cuckatoo31", "cuckatoo31_grin", "cuckatoo32", "curvehash", "daggerhashimoto",
    "dynexsolve", "equi144_5", "equi192_7", "equi210_9", "equihash", "etchash", "ethash",
    "ethashb3", "evrprogpow", "firopow", "fishhash", "flex", "ghostrider", "heavyhash", "hoohash",
    "karlsenhash", "karlsenhashv2", "karlsenv2", "kawpow", "kheavyhash", "lyra2re", "lyra2rev2",
    "lyra2rev3", "lyra2v2_webchain", "lyra2z", "lyra2z330", "megabtx", "memehash", "meowpow",
    "minotaur", "minotaurx", "mtp-tcr", "myr-gr", "neoscrypt", "neuromorph", "nexapow", "oggpow",
    "panthera", "pearlhash", "phi1612", "power2b", "progpow", "progpow-sero", "progpow-veil",
    "progpow-veriblock", "progpow_epic", "progpow_sero", "progpow_telestai", "progpow_zano",
    "progpowz", "pyrinhash", "pyrinhashv2", "pyrinv2", "qhash", "randomarq", "randomepic",
    "randomjuno", "randomnevo", "randomscash", "randomsfx", "randomvirel", "randomwow", "randomx",
    "randomyada", "rinhash", "rx", "sccpow", "scryptjane", "sha256csm", "sha256dt", "sha256ton",
    "sha512256d", "spectrex", "tensority", "tribus", "trtl_chukwa", "trtl_chukwa2", "ubqhash",
    "vdpow", "verthash", "verushash", "vprogpow", "walahash", "x11evo", "x11k", "x16r", "x16rt",
    "x16rv2", "x16s", "x21s", "x22i", "x25x", "xelishash", "xelishashv2", "xelishashv3", "xevan",
    "yescrypt", "yescryptr16", "yescryptr32", "yescryptr8", "yespower", "yespowerr16", "zhash"}); });
// clang-format on
// Names that mean other things elsewhere: they count beside a host with a port.
// clang-format off
inline constexpr auto kVagueAlgorithms = hidden_words([] { return std::to_array<std::string_view>({
    "aeternity", "alph", "bitcore", "blake2b", "blake2s", "blake3", "c11", "conflux", "cortex",
    "dero", "dynex", "ergo", "etc", "eth", "firo", "flux", "gr", "graft", "groestl", "ironfish",
    "karlsen", "kas", "kaspa", "keccak", "keccakc", "monero", "multi", "nexa", "nimiq", "nist5",
    "octopus", "phi", "phi2", "pyrin", "quark", "qubit", "radiant", "raven", "ravencoin",
    "rethereum", "rvn", "sal", "salvium", "scrypt", "sero", "sha256d", "sha3x", "skein", "skein2",
    "skunk", "timetravel", "ton", "verus", "warthog", "wownero", "x11", "x12", "x13", "x15", "x17",
    "xelis", "xmr", "zephyr", "zil", "zilliqa"}); });
// clang-format on

// Families whose members differ by a suffix: "cn/r", "rx/wow", "yespowerurx".
// clang-format off
inline constexpr auto kAlgorithmStems = hidden_words([] { return std::to_array<std::string_view>({
    "beamhash", "cn-heavy/", "cn-lite/", "cn-pico", "cn/", "cryptonight", "cuckar", "cuckatoo",
    "equihash", "randomx/", "rx/", "scryptjane:", "yescrypt", "yespower"}); });
// clang-format on

// Programs by name; lower case, without ".exe".  A name proves nothing: it only weighs beside
// options.
// clang-format off
inline constexpr auto kMiners = hidden_words([] { return std::to_array<std::string_view>({
    "astrominer", "bfgminer", "bminer", "bzminer", "ccminer", "cgminer", "cpuminer",
    "cryptodredge", "deroluna", "dynexsolve", "ethdcrminer64", "ethminer", "excavator", "gminer",
    "grin-miner", "hellminer", "janusminer", "karlsen-miner", "kaspa-miner", "kawpowminer",
    "lolminer", "minerd", "miniz", "nanominer", "nbminer", "nheqminer", "noncerpro", "nsfminer",
    "onezerominer", "phoenixminer", "progpowminer", "qli-client", "rigel", "rqiner", "sgminer",
    "srbminer", "srbminer-multi", "t-rex", "teamblackminer", "teamredminer", "tnn-miner",
    "tt-miner", "verthashminer", "wildrig", "wildrig-multi", "xlarig", "xmr-stak", "xmrig",
    "xmrigdaemon", "xmrigminer", "z-enemy"}); });
// clang-format on

// Programs whose options look alike.  Only a pool's scheme or a Monero wallet makes them suspect.
// clang-format off
inline constexpr auto kOthers = std::to_array<std::string_view>({
    "ansible", "ansible-playbook", "apt", "apt-get", "aria2c", "autossh", "awk", "aws", "c++",
    "cassandra-stress", "cc", "chisel", "clang", "clang++", "clickhouse", "clickhouse-client",
    "cmake", "consul", "coturn", "cp", "cqlsh", "crackmapexec", "curl", "dbt", "dig", "docker",
    "etcdctl", "evil-winrm", "find", "flyway", "freerdp", "ftp", "g++", "gcc", "git", "go", "gost",
    "gpg", "grep", "hashcat", "helm", "http", "hydra", "iftop", "imapsync", "impala-shell",
    "influx", "iperf3", "ipmitool", "iptables", "john", "k6", "kafkacat", "kcat", "kubectl", "ld",
    "ldapadd", "ldapmodify", "ldapsearch", "lftp", "liquibase", "locust", "make", "mc", "medusa",
    "memtier_benchmark", "mongo", "mongodump", "mongoexport", "mongoimport", "mongorestore",
    "mongosh", "mosh", "mosquitto_pub", "mosquitto_rr", "mosquitto_sub", "mount", "msfconsole",
    "mvn", "mysql", "mysqladmin", "mysqldump", "mysqlimport", "mysqlslap", "nc", "ncat", "ncrack",
    "nmap", "npm", "openssl", "pg_dump", "pg_restore", "pgbench", "pip", "pip3", "presto",
    "proxychains", "psql", "pulsar-client", "rabbitmqadmin", "rclone", "rdesktop",
    "redis-benchmark", "redis-cli", "restic", "rpcclient", "rsync", "scp", "sed", "sftp", "sipp",
    "smbclient", "snmpwalk", "snowsql", "socat", "sqlcmd", "sqlplus", "ssh", "ssh-copy-id",
    "ssh-keygen", "sshfs", "sshpass", "svn", "swaks", "sysbench", "tar", "telnet", "trino",
    "turnutils_uclient", "uaac", "vegeta", "vncviewer", "wget", "winexe", "wscat", "xfreerdp",
    "xz", "zip"});
// clang-format on

// Where systems keep programs.  One that lies elsewhere may be called like them to look harmless.
inline constexpr auto kSystemFolders = std::to_array<std::string_view>(
    {"/bin/", "/opt/homebrew/bin/", "/sbin/", "/snap/bin/", "/usr/bin/", "/usr/local/bin/",
     "/usr/local/sbin/", "/usr/sbin/"});

// Ports from 1024 on that other services have by IANA's table or long use: databases, brokers,
// caches, remote desktops, telephones.
// clang-format off
inline constexpr auto kServicePorts = std::to_array<std::string_view>({
    "11211", "1433", "1521", "1883", "2049", "2379", "27017", "3128", "3306", "3389", "5060",
    "5222", "5432", "5671", "5672", "5900", "5901", "5985", "5986", "6379", "8883", "9042", "9092",
    "9200"});
// clang-format on
// Below it only these are where pools are, because firewalls let them through.
inline constexpr auto kOpenPorts =
    std::to_array<std::string_view>({"443", "444", "53", "80", "81"});

// Begins what tells how a program is called; lower case.
inline constexpr auto kSayings =
    std::to_array<std::string_view>({"e.g.", "eg:", "example", "example:", "examples:", "i.e.",
                                     "synopsis:", "syntax:", "usage", "usage:"});
// Prints its arguments; lower case, what stands before a dot taken away.
inline constexpr auto kPrinting = std::to_array<std::string_view>(
    {"die",     "echo",   "eprintln!",  "err",          "error",    "errorf", "exit",
     "fail",    "fatal",  "fatalf",     "fprintf",      "fprintln", "info",   "log",
     "print",   "printf", "println",    "println!",     "puts",     "say",    "warn",
     "warning", "write",  "write-host", "write-output", "writeline"});
// Keywords whose value is prose, of libraries that read options.
inline constexpr auto kProse = std::to_array<std::string_view>(
    {"description=", "epilog=", "help=", "metavar=", "short_help=", "usage="});
// Calls that start a program, whatever stands before their name.
// clang-format off
inline constexpr auto kStarting = std::to_array<std::string_view>({
    "command::new", "createprocess", "exec", "exec.command", "exec.commandcontext", "execa", "execfile", "execfilesync", "execl",
    "execle", "execlp", "execsync", "execv", "execve", "execvp", "passthru", "popen", "popen2",
    "popen3", "posix_spawn", "proc_open", "processbuilder", "shell_exec", "spawn", "spawnl",
    "spawnlp", "spawnsync", "spawnv", "spawnvp", "start-process", "startfile", "system",
    "winexec"});
// clang-format on
// And such as are called like much else: they count behind the name of their module.
inline constexpr auto kStartingModules = std::to_array<std::string_view>(
    {"asyncio", "child_process", "commands", "cp", "process", "sp", "subprocess"});
inline constexpr auto kStartingOfModule = std::to_array<std::string_view>(
    {"call", "check_call", "check_output", "create_subprocess_exec", "create_subprocess_shell",
     "getoutput", "getstatusoutput", "run", "start"});

static_assert(std::is_sorted(kServicePorts.begin(), kServicePorts.end()));
static_assert(std::is_sorted(kOpenPorts.begin(), kOpenPorts.end()));
static_assert(std::is_sorted(kSayings.begin(), kSayings.end()));
static_assert(std::is_sorted(kPrinting.begin(), kPrinting.end()));
static_assert(std::is_sorted(kProse.begin(), kProse.end()));
static_assert(std::is_sorted(kStarting.begin(), kStarting.end()));
static_assert(std::is_sorted(kStartingModules.begin(), kStartingModules.end()));
static_assert(std::is_sorted(kStartingOfModule.begin(), kStartingOfModule.end()));
static_assert(std::is_sorted(kOthers.begin(), kOthers.end()));

// clang-format off
inline constexpr auto kSchemes = hidden_words([] { return std::to_array<std::string_view>({
    "daemon+http", "dagger", "equihash", "ethash", "ethproxy", "ethstratum", "http+getwork",
    "mining", "nicehash", "progpow", "stratum", "verushash", "xmr", "zcash", "zil"}); });
// clang-format on

// What miners and others speak.  "tcp" is rather a broker's, without "stratum+" before it.
inline constexpr auto kPlainSchemes =
    std::to_array<std::string_view>({"http", "https", "ssl", "tcp", "tls", "ws", "wss"});

}  // namespace minescan::match
