#pragma once
// The grammar of miners' command lines: where they connect, for whom they work, what they compute,
// and options that nothing else has.  Contract: match/validators.h.  Sources: the help texts of the
// programs; signatures/README.md tells what counts.

#include <string>
#include <string_view>
#include <vector>

#include "match/validators.h"

namespace minescan::match {

// "miner-command": `text` is one command, its words divided by single blanks.  True when its
// options together can only mean mining, whatever the program is called.  Sets what it found of
// "host", "port", "scheme", "algorithm", "user", "wallet" and "coin"; "program" when the name is a
// miner's.  False for what only tells how a program is called.
bool check_miner_command(std::string_view text, Captures& captures);

// "started-command": the same, in the arguments of a call that starts a program, as code has it.
bool check_started_command(std::string_view text, Captures& captures);

// "pool-command": as "miner-command", where options only say whereto and as whom a program
// connects.  Means mining beside the name of a pool.
bool check_pool_command(std::string_view text, Captures& captures);

// Every option that says something by itself, sorted: for tests that compare the tables.
std::vector<std::string> known_options();

}  // namespace minescan::match
