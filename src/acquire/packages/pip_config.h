#pragma once
// Where Python packages come from, as pip itself would have it.
//
// Of each setting the first place that has it counts: --pypi-index; PIP_INDEX_URL and
// PIP_EXTRA_INDEX_URL, then UV_DEFAULT_INDEX and UV_INDEX_URL; $PIP_CONFIG_FILE;
// $VIRTUAL_ENV/pip.conf; $XDG_CONFIG_HOME/pip/pip.conf (or ~/.config/…), ~/.pip/pip.conf;
// $XDG_CONFIG_DIRS/pip/pip.conf (or /etc/xdg/…), /etc/pip.conf; in the end the public index.
// A project has no pip.conf, so nothing of the working directory counts.  ~/.netrc and keyrings are
// not asked.  Tested by pip_config_test.cpp.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "acquire/acquire.h"
#include "acquire/environment.h"
#include "acquire/packages/index_url.h"
#include "base/result.h"

namespace minescan::acquire {

struct PipConfig {
  IndexUrl index;
  std::vector<IndexUrl> extra;               // looked at when the index does not have the name
  std::vector<std::string> unchecked_hosts;  // trusted-host
  std::string ca_file;                       // cert; "" = none
};

// Code::usage: a file that cannot be read, an index that is no URL, no-index.
Result<PipConfig> load_pip_config(const PackageSettings& settings, const Environment& environment);

// Of the sections [global] and [install], of which the second counts more.  Lines of one value are
// joined with '\n'.  Names are in lower case, with '-' for '_'.
std::map<std::string, std::string> parse_pip_conf(std::string_view text);

}  // namespace minescan::acquire
