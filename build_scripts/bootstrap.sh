#!/bin/sh
# Sets everything up on a fresh Debian, Ubuntu or other Linux (and on macOS), then starts.
#
#   sh build_scripts/bootstrap.sh run     the window with a bundled sample open; without a display,
#                                         or with --headless, that sample's columns in ./output
#   sh build_scripts/bootstrap.sh test    the whole test suite; what follows goes to pytest
#
# Nothing is installed outside .venv but missing system packages, for which sudo is asked.
# ATOMSEGNET_TORCH_INDEX  address of an additional package index, such as PyTorch's own for its
#                         CPU build; the install page of PyTorch names it
# PYTHON                  interpreter to make .venv with
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
venv=$root/.venv
pins=build_scripts/pins.txt

say() { printf '%s\n' "$*" >&2; }
fail() { say "bootstrap: $*"; exit 1; }

usage() {
    sed -n '4,6p' "$root/build_scripts/bootstrap.sh" | cut -c 3- >&2
    exit 2
}

# ---- what was asked for ----

[ $# -ge 1 ] || usage
verb=$1
shift
case $verb in run | test) ;; *) usage ;; esac

headless=no
if [ "${1:-}" = --headless ]; then
    headless=yes
    shift
fi
if [ "$verb" = test ] || { [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }; then
    headless=yes
fi

# ---- Python and system packages ----

# Also asks for ensurepip, which Debian splits off into python3-venv.
is_suitable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if is_suitable "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

# Alternatives are joined by "|": Ubuntu 24.04 renamed libglib2.0-0.
needed_packages() {
    [ -n "$(find_python)" ] || echo python3 python3-venv
    echo libegl1 libgl1 libxkbcommon0 'libglib2.0-0|libglib2.0-0t64' libdbus-1-3 libfontconfig1
    [ "$headless" = yes ] ||
        echo libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 \
            libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libxcb-image0
    [ "$verb" = run ] || needed_by_pyinstaller
}

# The tests freeze a small program. Debian's own Python comes without its shared library.
needed_by_pyinstaller() {
    echo binutils
    case $(find_python) in
        '' | /usr/bin/*) echo 'libpython3.11|libpython3.12t64|libpython3.12|libpython3.13' ;;
    esac
}

is_installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

missing_packages() {
    for names in $(needed_packages); do
        found=no
        for name in $(echo "$names" | tr '|' ' '); do
            if is_installed "$name"; then found=yes; fi
        done
        [ "$found" = yes ] || echo "$names"
    done
}

# Of alternatives, the first that this system has to offer.
choose_packages() {
    for names in "$@"; do
        for name in $(echo "$names" | tr '|' ' '); do
            if apt-cache show "$name" >/dev/null 2>&1; then
                echo "$name"
                break
            fi
        done
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "to install system packages, run as root: $*"
    fi
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    missing=$(missing_packages)
    if [ -n "$missing" ]; then
        say "Installing system packages: $(echo "$missing" | tr '\n' ' ')"
        as_root apt-get -qq update
        # shellcheck disable=SC2046,SC2086 # lists of names, to be split
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install -y --no-install-recommends $(choose_packages $missing) >&2
    fi
fi

# ---- the virtual environment ----

if ! is_suitable "$venv/bin/python"; then
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or newer with its venv module is needed; none was found."
    say "Making $venv with $python"
    "$python" -m venv --clear "$venv"
fi

fingerprint=$(cat pyproject.toml $pins | cksum)
run_stamp=$venv/installed-run
test_stamp=$venv/installed-test

is_stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$fingerprint $root" ]; }

install_packages() {
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        --constraint $pins ${ATOMSEGNET_TORCH_INDEX:+--extra-index-url "$ATOMSEGNET_TORCH_INDEX"} \
        "$@" >&2
}

warn_of_cuda_build() {
    if [ "$(uname -s)" = Linux ] && [ -z "${ATOMSEGNET_TORCH_INDEX:-}" ] &&
        ! "$venv/bin/python" -c 'import torch' >/dev/null 2>&1; then
        say "PyTorch for Linux may come with its CUDA libraries, a download of about 3 GB. For the"
        say "CPU build stop here, set ATOMSEGNET_TORCH_INDEX to the address of PyTorch's CPU index"
        say "(named on the install page of PyTorch), and start again."
    fi
}

# Each step stands alone: in a list joined by && a failure would not end the script.
if ! is_stamped "$test_stamp" && ! { [ "$verb" = run ] && is_stamped "$run_stamp"; }; then
    say "Installing Python packages into $venv"
    warn_of_cuda_build
    rm -f "$run_stamp" "$test_stamp"
    install_packages hatchling
    if [ "$verb" = test ]; then
        install_packages --no-build-isolation --editable '.[test]'
        stamp=$test_stamp
    else
        install_packages --no-build-isolation --editable .
        stamp=$run_stamp
    fi
    echo "$fingerprint $root" >"$stamp"
fi

# ---- go ----

if [ "$headless" = yes ]; then
    QT_QPA_PLATFORM=offscreen
    export QT_QPA_PLATFORM
fi
if [ "$verb" = test ]; then
    exec "$venv/bin/python" -m pytest "$@"
fi
if [ "$headless" = yes ]; then
    exec "$venv/bin/python" -m atomsegnet --headless --sample --output output --overwrite "$@"
fi
exec "$venv/bin/python" -m atomsegnet --sample "$@"
