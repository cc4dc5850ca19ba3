#!/bin/sh
# Builds AtomSegNet.app and a disk image with it. A recipe: it was never run on a Mac.
#
#   sh build_scripts/macos/build.sh [FOLDER]      the default folder is output/macos
#
# PYTHON  interpreter with the project's packages; .venv of bootstrap.sh by default
# The application is signed ad hoc only: at the first start, right-click it and choose Open.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
mkdir -p "${1:-$root/output/macos}"
output=$(CDPATH='' cd -- "${1:-$root/output/macos}" && pwd)
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$root/app/atomsegnet/__init__.py")
PYTHONPATH=$root/app${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH

"$python" "$root/build_scripts/icons.py" "$output/icons"
ATOMSEGNET_ICON=$output/icons/atomsegnet.icns "$python" -m PyInstaller --noconfirm \
    --distpath "$output/frozen" --workpath "$output/work" "$root/build_scripts/atomsegnet.spec"
app=$output/frozen/AtomSegNet.app
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$python" "$root/build_scripts/third_party.py" darwin "$packages" \
    "$app/Contents/Resources/THIRD_PARTY.txt"
codesign --force --deep --sign - "$app"

image=$output/image
rm -rf "$image"
mkdir -p "$image"
cp -R "$app" "$image/"
cp "$root/LICENSE" "$app/Contents/Resources/THIRD_PARTY.txt" "$image/"
ln -s /Applications "$image/Applications"
hdiutil create -ov -volname AtomSegNet -srcfolder "$image" -format UDZO \
    "$output/AtomSegNet-$version.dmg"
