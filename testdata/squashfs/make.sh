#!/bin/sh
# Makes the images here with mksquashfs 4.5 (Debian's squashfs-tools).
set -eu
cd -- "$(dirname -- "$0")"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
make() { # IMAGE FOLDER OPTION…
  image=$1 folder=$2
  shift 2
  rm -f "$image"
  mksquashfs "$folder" "$image" -b 4096 -nopad -all-root -all-time 0 -mkfs-time 0 -no-xattrs -quiet \
    -no-progress -processors 1 "$@"
}
umask 022
mkdir -p "$tree/usr/bin" "$tree/usr/share/doc" "$tree/many"
chmod 755 "$tree"
printf '#!/bin/sh\necho hello\n' > "$tree/usr/bin/hello"
chmod 755 "$tree/usr/bin/hello"
ln "$tree/usr/bin/hello" "$tree/usr/bin/hello-again"
ln -s ../bin/hello "$tree/usr/share/link"
: > "$tree/empty"
# A block and a tail; two blocks of zeros between a block and a tail that are none.
yes 'a line of text' | head -c 4600 > "$tree/usr/share/doc/lines"
printf begin > "$tree/hole"
printf end | dd of="$tree/hole" bs=1 seek=12288 conv=notrunc status=none
# More than one header of a listing is for.
for i in $(seq 1 260); do printf '%s\n' "$i" > "$tree/many/$i"; done
make all.squashfs "$tree" -comp gzip -p 'null c 666 0 0 1 3'
for packing in lzma lzo xz lz4 zstd; do make "$packing.squashfs" "$tree/usr" -comp "$packing"; done
# Nothing packed and no tails.
make plain.squashfs "$tree/usr" -noI -noD -noF -noX -no-fragments
