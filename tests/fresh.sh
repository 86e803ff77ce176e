#!/usr/bin/env bash
# Proves the README on a machine that has nothing: a minimal Debian 12 made with debootstrap in a
# scratch folder, a clone of this repository in it, and the README's two commands run there.  Run by
# hand through `./dev fresh` as root; needs a mirror, which is the one this machine's apt uses.
# MINESCAN_FRESH names the scratch folder (default: a new one under /var/tmp); it is removed at the
# end unless it was named.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
suite=bookworm

die() {
  echo "fresh: $*" >&2
  exit 2
}

[ "$(id -u)" = 0 ] || die "debootstrap and chroot need root: run it with sudo"
command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"

# The mirror of this machine's apt that has the suite's main component.
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk -v suite="$suite" '$1 == suite && $2 == "main" && !seen++ { print $3 }')
[ -n "$mirror" ] || die "this machine's apt has no source for $suite main"

if [ -n "${MINESCAN_FRESH:-}" ]; then
  scratch=$MINESCAN_FRESH
  mkdir -p "$scratch"
else
  scratch=$(mktemp -d /var/tmp/minescan-fresh.XXXXXX)
fi
system=$scratch/root

clean_up() {
  for mounted in dev proc; do
    if mountpoint -q "$system/$mounted"; then umount -l "$system/$mounted"; fi
  done
  # Never remove a tree that still has this machine's folders mounted in it.
  if [ -z "${MINESCAN_FRESH:-}" ] && ! mountpoint -q "$system/dev" && ! mountpoint -q "$system/proc"
  then
    rm -rf --one-file-system "$scratch"
  fi
}
trap clean_up EXIT

timed() {
  local name=$1 began=$SECONDS status=0
  shift
  "$@" || status=$?
  echo "fresh: $name took $((SECONDS - began)) s, exit status $status"
  return "$status"
}

make_system() {
  debootstrap --variant=minbase --include=ca-certificates \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$system" "$mirror" \
    >"$scratch/debootstrap.log"
}
timed "debootstrap" make_system || die "debootstrap failed: see $scratch/debootstrap.log"

# What apt and the network need, as this machine has it.  Its own apt hooks stay behind, they may
# call programs that the new system lacks.
rm -f "$system/etc/apt/sources.list"
for path in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings /etc/apt/trusted.gpg.d \
  /etc/apt/auth.conf.d /etc/resolv.conf /etc/hosts /usr/share/keyrings; do
  if [ -e "$path" ]; then cp -aLT "$path" "$system$path"; fi
done
apt-config dump | grep -E '^Acquire::(https?|ForceIPv[46])(::[^ ]*)? "[^"]+' \
  >"$system/etc/apt/apt.conf.d/99-as-outside" || true

# A scratch system need not survive a power cut.
echo force-unsafe-io >"$system/etc/dpkg/dpkg.cfg.d/scratch"

git clone -q --no-hardlinks "$root" "$system/minescan"
mount -t proc proc "$system/proc"
mount --bind /dev "$system/dev"

inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb CI=true LANG=C.UTF-8 \
    chroot "$system" sh -c "cd /minescan && $1" </dev/null
}

failures=0
# README's two commands.  The rogue image is rogue: exit status 1 is what the scan must give.
scan='./dev scan image oci-archive:testdata/rogue-image.tar'
status=0
timed "$scan (1 wanted)" inside "$scan" || status=$?
[ "$status" = 1 ] || failures=$((failures + 1))
timed "./dev test" inside "./dev test" || failures=$((failures + 1))
[ "$failures" = 0 ] || die "$failures of the README's 2 commands failed"
echo "fresh: both commands of the README work on a minimal $suite"
