#!/bin/sh
# Tries the Debian package in a bare system, and the archive for other distributions that lies beside
# it, and prints a row of docs/results_installers.md for each:
#
#   sudo sh build_scripts/linux/check.sh PACKAGE.deb SCRATCH [MICROGRAPH]
#
# SCRATCH/root is made by debootstrap if it is not there (network needed for that, and for the
# packages that the .deb depends on). MICROGRAPH, a DM3 say, is located in the window; a picture of
# it goes to SCRATCH, and one of the dialog that names a missing library. Only while the start is
# timed, the kernel puts this before whatever else the machine is doing.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
package=$(realpath "$1")
scratch=$(realpath "$2")
micrograph=${3:+$(realpath "$3")}
root=$scratch/root
name='Süße Gitter μ 原子'

say() { printf '%s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
inside() { chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
# The same, before all other sessions of the machine, where the kernel knows of them.
first() {
    setsid -w sh -c 'echo -20 2>/dev/null >/proc/self/autogroup || true; exec "$@"' first \
        chroot "$root" env -i HOME=/root PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$@"
}
listing() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./tmp -o -path ./var -o -path ./root \) -prune -o -print | sort); }

if [ ! -x "$root/bin/sh" ]; then
    debootstrap --variant=minbase bookworm "$root" >&2
fi
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"
trap 'umount -l "$root/dev" "$root/proc"' EXIT
[ ! -f /etc/resolv.conf ] || cp /etc/resolv.conf "$root/etc/"
for file in /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/ssl /usr/share/keyrings /usr/local/share/ca-certificates; do
    if [ -d "$file" ]; then mkdir -p "$root$file" && cp -a "$file/." "$root$file/"; fi
done
inside apt-get -qq update >&2

size=$(($(stat -c %s "$package") / 1000000))
[ "$size" -le 250 ] || fail "the package has $size MB"
cp "$package" "$root/tmp/atomsegnet.deb"

say "With nothing but what the package depends on, every library is found"
inside apt-get -qq install -y --no-install-recommends /tmp/atomsegnet.deb >&2
missing=$(inside sh -c 'cd /usr/lib/atomsegnet/_internal && find . -name "*.so*" -exec env \
    LD_LIBRARY_PATH="$PWD:$PWD/torch/lib" ldd {} +' 2>/dev/null | grep 'not found' | sort -u || true)
[ -z "$missing" ] || fail "missing libraries: $missing"
inside apt-get -qq purge -y atomsegnet >&2

say "Adding a display, and installing again"
inside apt-get -qq install -y --no-install-recommends xvfb xauth x11-utils x11-apps fonts-dejavu-core \
    desktop-file-utils shared-mime-info libglib2.0-bin >&2
listing >"$scratch/before.txt"
inside apt-get -qq install -y --no-install-recommends /tmp/atomsegnet.deb >&2
inside desktop-file-validate /usr/share/applications/atomsegnet.desktop
printf '\0\0\0\3' >"$root/tmp/x.dm3"
inside gio info -a standard::content-type /tmp/x.dm3 | grep -q x-digitalmicrograph3 || fail "DM3 is not known"

say "Self-test in an empty network namespace, under Xvfb"
# shellcheck disable=SC2016 # HOME is that of the inner shell
unshare -n chroot "$root" env -i HOME="/root/$name" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TMPDIR=/tmp \
    sh -c 'mkdir -p "$HOME" && xvfb-run -a atomsegnet --selftest' >"$scratch/selftest.txt" ||
    { cat "$scratch/selftest.txt" >&2; fail "the self-test"; }
cat "$scratch/selftest.txt" >&2

say "Start from the desktop entry: once to warm up, then five times"
command=$(sed -n 's/^Exec=//p' "$root/usr/share/applications/atomsegnet.desktop" | sed 's/ *%[fFuU]//')
cp "$here/start_seconds.sh" "$root/tmp/"
: >"$scratch/starts.txt"
for _ in 0 1 2 3 4 5; do
    # shellcheck disable=SC2086 # Exec may hold arguments
    first xvfb-run -a sh /tmp/start_seconds.sh AtomSegNet $command >>"$scratch/starts.txt" ||
        fail "no window came"
done
start=$(tail -n 5 "$scratch/starts.txt" | sort -n | sed -n 3p)
load=$(cut -d ' ' -f 1 /proc/loadavg)
say "seconds to the window, and of processor time: $(tr '\n' ';' <"$scratch/starts.txt"), load $load"
awk -v start="${start% *}" 'BEGIN { exit start >= 2 }' || fail "the start takes ${start% *} s"

if [ -n "$micrograph" ]; then
    mkdir -p "$root/tmp/$name"
    cp "$micrograph" "$root/tmp/$name/"
    # shellcheck disable=SC2086 # Exec may hold arguments
    inside xvfb-run -a $command --fresh --grab "/tmp/$name/window.png" "/tmp/$name/$(basename "$micrograph")"
    cp "$root/tmp/$name/window.png" "$scratch/window_linux.png"
fi

say "A library of the system is missing: a dialog says which, and which package brings it"
library=$(find "$root/usr/lib" -name 'libEGL.so.1' | head -n 1)
mv "$library" "$library.away"
cp "$here/message_window.sh" "$root/tmp/"
# shellcheck disable=SC2086 # Exec may hold arguments
inside xvfb-run -a sh /tmp/message_window.sh /tmp/message.xwd $command >"$scratch/message.txt" ||
    { mv "$library.away" "$library"; fail "no dialog came"; }
mv "$library.away" "$library"
mv "$root/tmp/message.xwd" "$scratch/message_linux.xwd"
grep -q 'libEGL.so.1.*package libegl1' "$scratch/message.txt" ||
    fail "it says: $(cat "$scratch/message.txt")"

say "Purging"
inside apt-get -qq purge -y atomsegnet >&2
listing >"$scratch/after.txt"
diff "$scratch/before.txt" "$scratch/after.txt" >"$scratch/left.txt" || true
grep -v 'mimeinfo.cache\|/mime/\|icon-theme.cache' "$scratch/left.txt" | grep '^>' && fail "something is left"
steps=$(tail -n 1 "$scratch/selftest.txt")
archive=$(find "$(dirname "$package")" -name 'AtomSegNet-*-linux-*.tar.zst' | head -n 1)
if [ -n "$archive" ]; then
    steps_archive=$(sh "$here/check_archive.sh" "$archive" "$root" "$scratch" "$micrograph")
fi

columns=${micrograph:+columns of a DM3 found in the window; }
printf 'Measured on %s by check.sh on %s threads of %s.\n\n' "$(date +%F)" "$(nproc)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
row() { printf '| %s | %s | %s | yes |\n' "$1" "$2" "$3"; }
row "Linux: \`.deb\` in a bare Debian 12" "all pass; at most 250 MB" \
    "$size MB; ${columns}a missing library named in a dialog; nothing left after the purge"
row "Linux: self-test in an empty network namespace" "all pass" "$steps"
row "Linux: start from the desktop entry to the window, warm" "under 2 s" \
    "$(echo "$start" | awk -v load="$load" '{ printf "%s s, of it %s s of processor time (load %s)", $1, $2, load }')"
if [ -n "$archive" ]; then
    row "Linux: archive, without rights or network, blanks and letters beyond ASCII in all paths" \
        "all pass" "$(($(stat -c %s "$archive") / 1000000)) MB; ${columns}$steps_archive Only the user's model and settings are left, and the desktop's lists of file types"
fi
