#include "app/app.h"

namespace minescan::app {

int run(int /*argc*/, char** /*argv*/) { return 2; }

}  // namespace minescan::app
