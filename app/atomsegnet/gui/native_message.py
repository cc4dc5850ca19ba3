"""Say in a dialog of the system why the window cannot be opened; needs nothing of Qt.

For the user who started the program from a menu: without a terminal nobody would see the words.
"""

from __future__ import annotations

import ctypes
import logging
import shutil
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

logger = logging.getLogger(__name__)

_TITLE = "AtomSegNet"
_MB_ICONERROR = 0x10
_LINE_LENGTH = 80
# How the desktops of Linux show a sentence, in the order in which they are tried.
_LINUX_DIALOGS = (
    ["zenity", "--error", "--no-markup", f"--title={_TITLE}", "--text={text}"],
    ["kdialog", "--title", _TITLE, "--error", "{text}"],
    ["xmessage", "-center", "-buttons", "Close:0", "{text}"],
    ["notify-send", "--urgency=critical", _TITLE, "{text}"],
)
# Packages of Debian and Ubuntu by the beginning of a library's name, where the two differ.
_PACKAGES = {
    "libEGL.so": "libegl1",
    "libGL.so": "libgl1",
    "libxkbcommon.so": "libxkbcommon0",
    "libxkbcommon-x11.so": "libxkbcommon-x11-0",
    "libxcb-cursor.so": "libxcb-cursor0",
    "libxcb-icccm.so": "libxcb-icccm4",
    "libxcb-keysyms.so": "libxcb-keysyms1",
    "libxcb-image.so": "libxcb-image0",
    "libxcb-render-util.so": "libxcb-render-util0",
    "libfontconfig.so": "libfontconfig1",
    "libdbus-1.so": "libdbus-1-3",
    "libglib-2.0.so": "libglib2.0-0",
    "libX11-xcb.so": "libx11-xcb1",
}


def missing_library() -> str | None:
    """Return what keeps Qt from showing windows under X11, as the system's loader says it.

    Qt itself would end the process with a message on stderr. None where nothing is missing, where
    this cannot be told, and on other systems.
    """
    if sys.platform != "linux":
        return None
    package = find_spec("PySide6")
    if package is None or package.origin is None:
        return None
    plugin = Path(package.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.is_file():
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        # A frozen program says only which file it could not load, and keeps the loader's words.
        return str(error.__cause__ or error)
    return None


def explanation(reason: str) -> str:
    """Return a sentence for the user about something that could not be loaded.

    Parameters
    ----------
    reason : str
        What the loader or Python said: "libEGL.so.1: cannot open shared object file" or the like.
    """
    library = reason.partition(":")[0].strip()
    if not any(word in reason for word in (".so", "DLL", ".dylib")):
        return f"The window cannot be opened, this installation is damaged ({reason})."
    text = f"The window cannot be opened, since a library of the system is missing ({reason})."
    for beginning, package in _PACKAGES.items():
        if library.startswith(beginning):
            return f"{text} On Debian or Ubuntu the package {package} brings it."
    return text


def show_native_message(text: str) -> bool:
    """Show a sentence with the system's own means; return whether there were any."""
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, _TITLE, _MB_ICONERROR)
        return True
    if sys.platform == "darwin":
        script = 'on run {text}\ndisplay alert "AtomSegNet" message text as critical\nend run'
        return _run(["osascript", "-e", script, text])
    for program, *options in _LINUX_DIALOGS:
        found = shutil.which(program)
        # xmessage shows a line as it is, and cuts it where its window ends.
        shown = textwrap.fill(text, _LINE_LENGTH) if program == "xmessage" else text
        if found and _run([found, *(option.replace("{text}", shown) for option in options)]):
            return True
    return False


def _run(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode in (0, 1)
    except OSError as error:
        logger.info("%s could not be started: %s", command[0], error)
        return False
