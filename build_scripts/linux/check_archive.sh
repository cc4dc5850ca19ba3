#!/bin/sh
# Tries the archive for other distributions: as a user without rights, in an empty network namespace,
# in folders with blanks and letters beyond ASCII. Prints the last line of the self-test.
#
#   sudo sh build_scripts/linux/check_archive.sh ARCHIVE.tar.zst ROOT SCRATCH [MICROGRAPH]
#
# ROOT is a bare system with the libraries and xvfb in it, as check.sh leaves it, /proc mounted.
set -eu

archive=$1
root=$2
scratch=$3
micrograph=${4:-}
name='Süße Gitter μ 原子'
work="/tmp/$name"

say() { printf '%s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
as_user() {
    unshare -n chroot --userspec=nobody "$root" env -i HOME="$work/home" PATH=/usr/bin:/bin \
        LC_ALL=C.UTF-8 TMPDIR=/tmp "$@"
}

rm -rf "${root:?}$work"
mkdir -p "$root$work/home" "$root$work/data"
zstd -dcq "$archive" | tar -C "$root$work" -xf - --no-same-owner
[ -z "$micrograph" ] || cp "$micrograph" "$root$work/data/"
chown -R nobody "$root$work"

say "Installing the archive without rights"
unpacked=$(cd "$root$work" && ls -d AtomSegNet-*)
as_user sh "$work/$unpacked/install.sh" "$work/home/Programme μ" >&2
rm -rf "${root:?}$work/$unpacked"
as_user desktop-file-validate "$work/home/.local/share/applications/atomsegnet.desktop" >&2

say "Self-test of the archive"
as_user xvfb-run -a "$work/home/.local/bin/atomsegnet" --selftest >"$scratch/selftest_archive.txt" ||
    { cat "$scratch/selftest_archive.txt" >&2; fail "the self-test"; }
cat "$scratch/selftest_archive.txt" >&2
if [ -n "$micrograph" ]; then
    as_user xvfb-run -a "$work/home/.local/bin/atomsegnet" --fresh --grab "$work/data/window.png" \
        "$work/data/$(basename "$micrograph")"
    cp "$root$work/data/window.png" "$scratch/window_archive.png"
fi

say "Removing it; a model of the user stays"
mkdir -p "$root$work/home/.local/share/AtomSegNet/models"
echo mine >"$root$work/home/.local/share/AtomSegNet/models/mine.txt"
as_user sh "$work/home/Programme μ/install.sh" --uninstall >&2
find "$root$work/home" -type f | tee "$scratch/left_archive.txt" >&2
[ -f "$root$work/home/.local/share/AtomSegNet/models/mine.txt" ] || fail "a model of the user is gone"
[ ! -e "$root$work/home/Programme μ" ] || fail "the folder of the program is left"
if grep -i atomsegnet "$scratch/left_archive.txt" | grep -qv '/AtomSegNet/models/mine.txt\|/.config/AtomSegNet/'; then
    fail "something is left"
fi
rm -rf "${root:?}$work"
tail -n 1 "$scratch/selftest_archive.txt"
