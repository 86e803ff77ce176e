#pragma once
// The program: argv to exit code.

namespace minescan::app {

int run(int argc, char** argv);

}  // namespace minescan::app
