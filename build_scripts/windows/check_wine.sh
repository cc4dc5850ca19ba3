#!/bin/sh
# Tries the Windows installer under wine, in an empty network namespace, and prints the rows
# of docs/results_installers.md:
#
#   sudo sh build_scripts/windows/check_wine.sh SETUP.exe PREFIX WINRUN SCRATCH [MICROGRAPH]
#
# PREFIX is a 64-bit wine prefix; WINRUN a program that runs a Windows program in it and passes on
# output and exit code: WINRUN PREFIX PROGRAM ARGUMENTS. Wine cannot tell of signing, SmartScreen,
# antivirus, Explorer, CUDA and true speed. wine 8 needs the functions of wine_functions.c as well.
set -eu

setup=$(realpath "$1")
prefix=$(realpath "$2")
winrun=$(realpath "$3")
scratch=$(realpath "$4")
micrograph=${5:+$(realpath "$5")}
users=$prefix/drive_c/users
key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\AtomSegNet'
name='Süße Gitter μ 原子'
# A busy machine may take long; what hangs is ended after an hour.
export WINRUN_TIMEOUT="${WINRUN_TIMEOUT:-3600}"

say() { printf '%s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
win() { env -u QT_QPA_PLATFORM unshare -n "$winrun" "$prefix" "$@"; }
# Everything of the user but caches of fonts and the like that any program under wine leaves.
listing() { (cd "$users" && find . -type f ! -path '*/Temp/*' ! -path '*/INetCache/*' | sort); }
# What programs are registered for; Windows always has the key itself, a new prefix has not.
classes() { win reg query 'HKCU\Software\Classes' /s 2>/dev/null | grep -v '^reg: ' | tr -d '\r' | sed '/^$/d'; }

size=$(($(stat -c %s "$setup") / 1000000))
[ "$size" -le 200 ] || fail "the setup has $size MB"
listing >"$scratch/before.txt"
classes >"$scratch/classes_before.txt"

say "Silent installation into a folder with blanks and letters beyond ASCII"
# As one argument of cmd, since /D= must come without quotes, whatever blanks follow.
win cmd /c "$(printf 'Z:%s' "$setup" | tr / '\\') /S /D=C:\\$name\\AtomSegNet"
folder=$prefix/drive_c/$name/AtomSegNet
[ -f "$folder/AtomSegNet.exe" ] || fail "nothing was installed"
win reg query "$key" /v DisplayVersion >&2 || fail "it is not among the installed programs"
win reg query 'HKCU\Software\Classes\.dm3\OpenWithProgids' >&2 || fail "DM3 does not offer it"

if [ -z "${CHECK_SKIP_SELFTEST:-}" ]; then
    say "Self-test by the command-line launcher"
    win "$folder/bin/atomsegnet.exe" --selftest >"$scratch/selftest.txt" ||
        { cat "$scratch/selftest.txt" >&2; fail "the self-test"; }
    cat "$scratch/selftest.txt" >&2
fi

if [ -n "$micrograph" ]; then
    say "A picture of the window with the columns of $(basename "$micrograph")"
    mkdir -p "$prefix/drive_c/$name/data"
    cp "$micrograph" "$prefix/drive_c/$name/data/"
    rm -f "$prefix/drive_c/$name/data/window.png"
    win "$folder/AtomSegNet.exe" --fresh --grab "C:\\$name\\data\\window.png" \
        "C:\\$name\\data\\$(basename "$micrograph")" || fail "the window"
    mv "$prefix/drive_c/$name/data/window.png" "$scratch/window_windows.png"
    rm -r "$prefix/drive_c/$name/data"
fi

say "Upgrade in place"
echo old >"$folder/runtime/stale.txt"
win "$setup" /S
[ -f "$folder/AtomSegNet.exe" ] || fail "the upgrade went elsewhere"
[ ! -e "$folder/runtime/stale.txt" ] || fail "a file of the older version stays"

say "Silent removal; the user's models stay"
home=$(find "$users" -maxdepth 1 -mindepth 1 ! -name Public | head -n 1)
mkdir -p "$home/AppData/Local/AtomSegNet/models"
echo mine >"$home/AppData/Local/AtomSegNet/models/mine.txt"
win "$folder/uninstall.exe" /S
[ ! -e "$folder" ] || fail "left: $(find "$folder" | head -n 5)"
if win reg query "$key" >/dev/null 2>&1; then fail "it is still among the installed programs"; fi
[ -f "$home/AppData/Local/AtomSegNet/models/mine.txt" ] || fail "a model of the user is gone"
rm -r "$home/AppData/Local/AtomSegNet"
listing >"$scratch/after.txt"
left=$(comm -13 "$scratch/before.txt" "$scratch/after.txt")
[ -z "$left" ] || fail "files are left: $left"
classes >"$scratch/classes_after.txt"
diff "$scratch/classes_before.txt" "$scratch/classes_after.txt" >&2 || fail "entries are left"

steps='The self-test was left out.'
[ ! -f "$scratch/selftest.txt" ] || steps=$(tail -n 1 "$scratch/selftest.txt" | tr -d '\r')
printf 'Measured on %s by check_wine.sh on %s threads of %s, %s.\n\n' "$(date +%F)" "$(nproc)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(wine --version)"
row() { printf '| %s | %s | %s | yes |\n' "$1" "$2" "$3"; }
row "Windows: setup under wine, blanks and letters beyond ASCII in the folders of program and data" \
    "all pass; at most 200 MB; nothing left but user data" \
    "$size MB; ${micrograph:+columns of a DM3 found in the window; }upgrade in place; nothing left but the user's model"
row "Windows: self-test in an empty network namespace" "all pass" "$steps"
