#pragma once
// MINESCAN_CHECK guards promises that only a defect of minescan itself can break.  Bad input never
// reaches it: that is a Gap or an Error.

#include <cstdio>
#include <cstdlib>

#define MINESCAN_CHECK(condition)                                                         \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "minescan: broken promise at %s:%d: %s\n", __FILE__, __LINE__, \
                   #condition);                                                           \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)
