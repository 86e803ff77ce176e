#!/usr/bin/env bash
# The scan of action.yml: inputs come as INPUT_… of the environment and are never parts of a script.
# Writes all reports, then what the runner shows.  Ends with minescan's exit code, but 0 for 3 when
# incomplete scans are allowed.
set -euo pipefail

stop() {
  echo "::error title=minescan::$*"
  exit 2
}

# A line end in what becomes an output would be a further output.
one_line() {
  case $2 in *$'\n'* | *$'\r'*) stop "the input $1 holds a line end; give it in one line" ;; esac
}

yes_or_no() {
  case $2 in true | false) ;; *) stop "the input $1 must be true or false" ;; esac
}

binary=${INPUT_BINARY_PATH:-$ACTION_PATH/build/release/minescan}
[ -x "$binary" ] || stop "there is no program minescan at the input binary-path"
yes_or_no allow-incomplete "$INPUT_ALLOW_INCOMPLETE"
yes_or_no annotations "$INPUT_ANNOTATIONS"
yes_or_no summary "$INPUT_SUMMARY"
one_line report-directory "$INPUT_REPORT_DIRECTORY"
reports=${INPUT_REPORT_DIRECTORY:-$RUNNER_TEMP/minescan}
mkdir -p -- "$reports"
reports=$(cd -- "$reports" && pwd)

type=$INPUT_SCAN_TYPE
if [ -z "$type" ]; then
  case ${EVENT_NAME:-} in pull_request | merge_group) type=gate ;; *) type=repo ;; esac
fi
arguments=()
case $type in
  gate)
    base=$INPUT_BASE_REF
    if [ -z "$base" ]; then base=${MERGE_GROUP_BASE:-}; fi
    if [ -z "$base" ]; then base=${GITHUB_BASE_REF:+origin/$GITHUB_BASE_REF}; fi
    [ -n "$base" ] || stop "there is nothing to compare with; give the input base-ref"
    [ -z "$INPUT_TARGET" ] || stop "scan-type gate takes no target; leave it out"
    arguments=(gate "--base=$base")
    ;;
  repo | image | package)
    target=$INPUT_TARGET
    if [ -z "$target" ]; then
      [ "$type" = repo ] || stop "scan-type $type needs the input target"
      target=.
    fi
    if [ -n "$INPUT_PLATFORM" ]; then
      [ "$type" = image ] || stop "the input platform is for scan-type image"
      arguments+=("--platform=$INPUT_PLATFORM")
    fi
    arguments=("$type" "${arguments[@]}")
    ;;
  *) stop "the input scan-type must be gate, repo, image or package" ;;
esac
if [ -n "$INPUT_SARIF_LOCATION" ]; then arguments+=("--sarif-location=$INPUT_SARIF_LOCATION"); fi
# A "--" right behind -o would only end the values of -o.
arguments+=(-o "json=$reports/minescan.json" -o "sarif=$reports/minescan.sarif"
  -o "markdown=$reports/minescan.md" -o "github=$reports/minescan.annotations"
  -o "text=$reports/minescan.txt" "--fail-on=$INPUT_FAIL_ON" --timestamps --quiet)
if [ "$type" != gate ]; then arguments+=(-- "$target"); fi

rm -f -- "$reports"/minescan.{json,sarif,md,annotations,txt}
status=0
"$binary" "${arguments[@]}" || status=$?
echo "exit-code=$status" >>"$GITHUB_OUTPUT"
# Without reports the program has said why; there is nothing to show.
[ -f "$reports/minescan.json" ] || exit "$((status == 0 ? 2 : status))"

# The report is indented by two, and no text in it holds a line end: a line that begins so is ours.
number() {
  sed -n '/^  "counts": {$/,/^  }/s/^    "'"$1"'": \([0-9]*\),\{0,1\}$/\1/p' "$reports/minescan.json"
}
findings=0 highest=
for level in error warning note; do
  count=$(number "$level")
  findings=$((findings + count))
  if [ -z "$highest" ] && [ "$count" -gt 0 ]; then highest=$level; fi
done
incomplete=true
if grep -q '^    "complete": true,\{0,1\}$' "$reports/minescan.json"; then incomplete=false; fi
{
  echo "findings=$findings"
  echo "highest-level=$highest"
  echo "incomplete=$incomplete"
  echo "report-file=$reports/minescan.json"
  echo "sarif-file=$reports/minescan.sarif"
  echo "markdown-file=$reports/minescan.md"
} >>"$GITHUB_OUTPUT"

# No line of the text report is a workflow command, whatever the names in it.
echo "::group::minescan"
cat -- "$reports/minescan.txt"
echo "::endgroup::"
if [ "$INPUT_ANNOTATIONS" = true ]; then cat -- "$reports/minescan.annotations"; fi
if [ "$INPUT_SUMMARY" = true ]; then cat -- "$reports/minescan.md" >>"$GITHUB_STEP_SUMMARY"; fi

if [ "$status" = 3 ] && [ "$INPUT_ALLOW_INCOMPLETE" = true ]; then exit 0; fi
exit "$status"
