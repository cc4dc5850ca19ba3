"""Draw the program's icon in the formats of the systems.

    python build_scripts/icons.py FOLDER

Writes atomsegnet.ico (Windows), atomsegnet.icns (macOS) and a PNG of each size (Linux).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SIDES = (16, 24, 32, 48, 64, 128, 256, 512)
SIDES_OF_WINDOWS = [(side, side) for side in SIDES if side <= 256]


def draw(target: Path, side: int) -> None:
    """Draw the icon as a PNG of a side in pixels."""
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    from atomsegnet.paths import resources_folder

    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing = QSvgRenderer(str(resources_folder() / "icons" / "atomsegnet.svg"))
    drawing.render(painter, QRectF(0, 0, side, side))
    painter.end()
    image.save(str(target))


def main(folder: Path) -> None:
    """Write every format."""
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        draw(folder / f"atomsegnet-{side}.png", side)
    del application
    pictures = [Image.open(folder / f"atomsegnet-{side}.png") for side in SIDES]
    largest = pictures[-1]
    largest.save(folder / "atomsegnet.ico", sizes=SIDES_OF_WINDOWS, append_images=pictures[:-1])
    largest.save(folder / "atomsegnet.icns", append_images=pictures[:-1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
