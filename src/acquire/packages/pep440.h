#pragma once
// The order of Python versions (PEP 440).  Tested by pep440_test.cpp.

#include <string_view>

namespace minescan::acquire {

// Below 0, 0, above 0.  "1.0" and "1.0.0" are equal, as are "1.0-rc1" and "1.0rc1".  What is no
// version comes before all that are, in the order of its bytes.
int compare_pep440(std::string_view a, std::string_view b);

bool is_pep440(std::string_view version);

// a, b, rc and dev releases.
bool is_python_prerelease(std::string_view version);

}  // namespace minescan::acquire
