#!/bin/sh
# Installs AtomSegNet for the user who runs this; no administrator rights are needed.
#
#   sh install.sh [FOLDER]      into FOLDER, by default ~/.local/opt/AtomSegNet
#   sh FOLDER/install.sh --uninstall [--purge]
#                               removes it; models, runs and settings only with --purge
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
config=${XDG_CONFIG_HOME:-$HOME/.config}
state=${XDG_STATE_HOME:-$HOME/.local/state}
cache=${XDG_CACHE_HOME:-$HOME/.cache}
programs=$HOME/.local/bin

say() { printf '%s\n' "$*"; }

refresh() {
    if command -v update-mime-database >/dev/null; then
        update-mime-database "$data/mime" >/dev/null 2>&1 || true
    fi
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database "$data/applications" >/dev/null 2>&1 || true
    fi
}

remove_desktop_files() {
    rm -f "$data/applications/atomsegnet.desktop" "$data/mime/packages/atomsegnet.xml"
    find "$data/icons/hicolor" -name 'atomsegnet.*' -path '*/apps/*' -delete 2>/dev/null || true
}

uninstall() {
    [ -x "$here/program/atomsegnet" ] || { say "There is no AtomSegNet in $here."; exit 1; }
    remove_desktop_files
    if [ "$(readlink "$programs/atomsegnet" 2>/dev/null)" = "$here/program/atomsegnet" ]; then
        rm -f "$programs/atomsegnet"
    fi
    rm -rf "$here/program" "$here/share"
    rm -f "$here/LICENSE" "$here/THIRD_PARTY.txt" "$here/install.sh"
    rmdir "$here" 2>/dev/null || true
    rm -rf "$state/AtomSegNet/log" "$cache/AtomSegNet"
    rmdir "$state/AtomSegNet" 2>/dev/null || true
    if [ "${1:-}" = --purge ]; then
        rm -rf "$data/AtomSegNet" "$config/AtomSegNet"
    fi
    refresh
    say "AtomSegNet is removed."
}

# In a desktop entry a path is quoted, and these four characters are escaped, twice each.
quoted_for_desktop() {
    printf '%s' "$1" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/.*/"&"/'
}

install() {
    folder=${1:-$HOME/.local/opt/AtomSegNet}
    mkdir -p "$folder"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    [ "$folder" != "$here" ] || { say "Choose another folder than $here."; exit 1; }
    # An older version goes first, so that none of its files stays.
    if [ -x "$folder/program/atomsegnet" ]; then rm -rf "$folder/program" "$folder/share"; fi
    cp -a "$here/program" "$here/share" "$here/LICENSE" "$here/THIRD_PARTY.txt" \
        "$here/install.sh" "$folder/"
    mkdir -p "$data/applications" "$data/mime/packages" "$data/icons" "$programs"
    cp -a "$folder/share/icons/." "$data/icons/"
    cp "$folder/share/mime/packages/atomsegnet.xml" "$data/mime/packages/"
    command=$(quoted_for_desktop "$folder/program/atomsegnet")
    while IFS= read -r line; do
        case $line in
            Exec=*) printf 'Exec=%s %%F\n' "$command" ;;
            *) printf '%s\n' "$line" ;;
        esac
    done <"$folder/share/applications/atomsegnet.desktop" >"$data/applications/atomsegnet.desktop"
    ln -sf "$folder/program/atomsegnet" "$programs/atomsegnet"
    refresh
    say "AtomSegNet is installed in $folder; it is in the menu, and on the command line it is"
    say "$programs/atomsegnet. To remove it: sh \"$folder/install.sh\" --uninstall"
}

case ${1:-} in
    --uninstall) shift; uninstall "$@" ;;
    -*) sed -n '4,7p' "$0" | cut -c 3-; exit 2 ;;
    *) install "$@" ;;
esac
