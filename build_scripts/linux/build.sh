#!/bin/sh
# Builds the packages for Linux, on the oldest system they shall run on (Debian 12: glibc 2.36):
#
#   sh build_scripts/linux/build.sh [--quick] [FOLDER]     the default folder is output/linux
#
# Needs .venv of bootstrap.sh (or PYTHON, another interpreter with the project's packages), the
# system's libraries for Qt under X11, binutils, dpkg-deb and zstd. --quick compresses less.
# With ATOMSEGNET_FROZEN an already frozen folder is packed.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
here=$root/build_scripts/linux
python=${PYTHON:-$root/.venv/bin/python}
level=6
# Level 19 takes eight times as long, for a tenth less.
archive_level=12
if [ "${1:-}" = --quick ]; then
    level=2
    archive_level=3
    shift
fi
mkdir -p "${1:-$root/output/linux}"
output=$(CDPATH='' cd -- "${1:-$root/output/linux}" && pwd)
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$root/app/atomsegnet/__init__.py")

freeze() {
    # The modules are compressed once, with the package: twice makes it 30 MB larger.
    PYINSTALLER_ZLIB_COMPRESSION_LEVEL=0 "$python" -m PyInstaller --noconfirm \
        --log-level WARN --distpath "$output/frozen" \
        --workpath "$output/work" "$root/build_scripts/atomsegnet.spec"
    # Stripping everything would break it; these hold the most.
    find "$output/frozen/atomsegnet" \( -path '*torch/lib/*.so*' -o -name 'libpython3*.so*' \
        -o -path '*/lib-dynload/*.so' \) -type f -exec strip --strip-unneeded {} +
}

# Everything but the program itself: icons, desktop entry, types of files.
add_desktop_files() {
    mkdir -p "$1/applications" "$1/mime/packages" "$1/icons/hicolor/scalable/apps"
    cp "$here/atomsegnet.desktop" "$1/applications/"
    cp "$here/atomsegnet-mime.xml" "$1/mime/packages/atomsegnet.xml"
    cp "$root/resources/icons/atomsegnet.svg" "$1/icons/hicolor/scalable/apps/"
    for side in 16 24 32 48 64 128 256; do
        mkdir -p "$1/icons/hicolor/${side}x$side/apps"
        cp "$output/icons/atomsegnet-$side.png" "$1/icons/hicolor/${side}x$side/apps/atomsegnet.png"
    done
}

make_deb() {
    tree=$output/deb
    rm -rf "$tree"
    mkdir -p "$tree/DEBIAN" "$tree/usr/lib" "$tree/usr/bin" "$tree/usr/share/doc/atomsegnet"
    cp -a "$frozen" "$tree/usr/lib/atomsegnet"
    ln -s ../lib/atomsegnet/atomsegnet "$tree/usr/bin/atomsegnet"
    add_desktop_files "$tree/usr/share"
    cp "$frozen/THIRD_PARTY.txt" "$tree/usr/share/doc/atomsegnet/copyright"
    find "$tree" -type d -exec chmod 755 {} +
    chmod -R go=u-w "$tree/usr"
    size=$(du -sk "$tree/usr" | cut -f 1)
    cat >"$tree/DEBIAN/control" <<END
Package: atomsegnet
Version: $version
Architecture: amd64
Maintainer: The AtomSegNet developers
Installed-Size: $size
Depends: libc6 (>= 2.36), libegl1, libgl1, libfontconfig1, libfreetype6, libdbus-1-3, libx11-6, libx11-xcb1, libxcb1, libglib2.0-0 | libglib2.0-0t64, libxkbcommon0, libxkbcommon-x11-0, libwayland-client0, libwayland-cursor0, libwayland-egl1
Recommends: fonts-dejavu-core | fonts-liberation | fonts-noto-core
Section: science
Priority: optional
Description: atomic columns in ADF-STEM micrographs
 Finds, restores and measures the atomic columns of atomic-resolution
 micrographs with neural networks, in a window or on the command line.
 Everything it needs, Python included, comes with it; no network is used.
END
    dpkg-deb --root-owner-group -Zxz "-z$level" --build "$tree" \
        "$output/atomsegnet_${version}_amd64.deb" >&2
    rm -rf "$tree"
}

make_tar() {
    tree=$output/tar/AtomSegNet-$version
    rm -rf "$output/tar"
    mkdir -p "$tree/share"
    cp -a "$frozen" "$tree/program"
    add_desktop_files "$tree/share"
    cp "$here/install.sh" "$root/LICENSE" "$frozen/THIRD_PARTY.txt" "$tree/"
    tar -C "$output/tar" --owner=0 --group=0 -cf - "AtomSegNet-$version" |
        zstd -q -f -T0 "-$archive_level" -o "$output/AtomSegNet-$version-linux-x86_64.tar.zst"
    rm -rf "$output/tar"
}

PYTHONPATH=$root/app${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
frozen=${ATOMSEGNET_FROZEN:-$output/frozen/atomsegnet}
[ -n "${ATOMSEGNET_FROZEN:-}" ] || freeze
"$python" "$root/build_scripts/icons.py" "$output/icons"
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
licence=$("$python" -c 'import sys; print(f"/usr/share/doc/python{sys.version_info[0]}.{sys.version_info[1]}/copyright")')
[ -f "$licence" ] || licence=$("$python" -c 'import sysconfig, pathlib; print(pathlib.Path(sysconfig.get_path("stdlib"), "LICENSE.txt"))')
"$python" "$root/build_scripts/third_party.py" linux "$packages" "$frozen/THIRD_PARTY.txt" \
    --python "$licence" --bundle "$frozen/_internal"
# Side by side: each compresses for minutes.
make_deb &
deb=$!
make_tar
wait $deb
ls -l "$output"/*.deb "$output"/*.tar.zst
