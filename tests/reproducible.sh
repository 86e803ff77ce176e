#!/usr/bin/env bash
# Builds the released program twice and fails unless both are the same bytes: in folders of other
# names and depths, with another locale, time zone, home and umask, without ccache.  Takes as long as
# two builds; run by hand through `./dev reproducible`, before a release and when the build changes.
# MINESCAN_JOBS says how many compilers run at once, MINESCAN_REPRODUCIBLE names the scratch folder
# (default: a new one under /var/tmp, which is removed at the end).  The same packages on both sides
# are taken for granted: another compiler, linker or library makes other bytes.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
jobs=${MINESCAN_JOBS:-$(nproc)}

die() {
  echo "reproducible: $*" >&2
  exit 1
}

if [ -n "${MINESCAN_REPRODUCIBLE:-}" ]; then
  scratch=$MINESCAN_REPRODUCIBLE
  mkdir -p "$scratch"
else
  scratch=$(mktemp -d /var/tmp/minescan-reproducible.XXXXXX)
  trap 'rm -rf --one-file-system "$scratch"' EXIT
fi

# What git knows of, as it lies in the working tree now: somebody may work on it meanwhile.
git -C "$root" ls-files -z --cached --others --exclude-standard |
  tar -C "$root" --null --ignore-failed-read -T - -cf "$scratch/source.tar" 2>/dev/null

# build FOLDER VARIABLE=VALUE…: the same source in another folder.
build() {
  local folder=$scratch/$1
  shift
  mkdir -p "$folder"
  tar -C "$folder" -xf "$scratch/source.tar"
  (
    cd "$folder"
    env -i PATH="$PATH" CCACHE_DISABLE=1 "$@" sh -c '
      umask "$MASK"
      cmake --preset release >configure.log && nice cmake --build --preset release -j "$1" \
        --target minescan >build.log' sh "$jobs"
  ) || die "the build in $folder failed; MINESCAN_REPRODUCIBLE=FOLDER keeps its build.log"
  sha256sum "$folder/build/release/minescan"
}

build one MASK=022 HOME=/nonexistent LC_ALL=C TZ=UTC
build another/one/deeper/down MASK=077 HOME="$scratch" LC_ALL=C.UTF-8 TZ=Asia/Kathmandu

first=$scratch/one/build/release
second=$scratch/another/one/deeper/down/build/release
cmp "$first/src/signatures.pack" "$second/src/signatures.pack" ||
  echo "reproducible: the signature packs differ" >&2
if ! cmp "$first/minescan" "$second/minescan"; then
  diff <(readelf -SW "$first/minescan") <(readelf -SW "$second/minescan") >&2 || true
  die "two builds of the same source differ"
fi
for folder in "$first" "$second"; do
  if grep -qaF -- "$scratch" "$folder/minescan"; then
    die "$folder/minescan names the folder that it was built in"
  fi
done
echo "reproducible: two builds, the same $(stat -c %s "$first/minescan") bytes"
