#pragma once
// The formats, one source file each; the table is in report.cpp.

#include <string>

#include "report/report.h"

namespace minescan::report {

// For people: the verdict in the first line, then findings, gaps, anomalies and notes.
std::string write_text(const Report& report, const Style& style);

// Everything, with exact bytes; report.schema.json describes it.
std::string write_json(const Report& report, const Style& style);

// SARIF 2.1.0 for code-scanning pages.
std::string write_sarif(const Report& report, const Style& style);

// Markdown for comments and job summaries, at most 65,536 characters.
std::string write_markdown(const Report& report, const Style& style);

// One page for whoever looks into a finding, with all evidence.  It stands alone.
std::string write_html(const Report& report, const Style& style);

// Workflow commands of GitHub Actions, at most ten of a kind.
std::string write_github(const Report& report, const Style& style);

// GitLab's security report: container scanning for images, dependency scanning for anything else.
std::string write_gitlab(const Report& report, const Style& style);

// GitLab's Code Quality report.
std::string write_gitlab_codequality(const Report& report, const Style& style);

// "found", "clean", "incomplete", "no_verdict": what the exit code means.  Findings below fail_on
// are "clean": the counts say that they are there.
std::string_view verdict_name(int exit_code);

}  // namespace minescan::report
