"""Put every model's output on every micrograph on one sheet, to be looked at.

    python build_scripts/contact_sheet.py [FOLDER]

Sheets go to output/contact_sheets, which git ignores: the micrographs belong to other people. With
no folder the bundled samples are taken.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.io.read import SUFFIXES, read
from atomsegnet.nn.registry import TASKS, Output
from atomsegnet.paths import samples_folder
from atomsegnet.tasks.locate import locate
from atomsegnet.tasks.process import process

OUTPUT = Path(__file__).parent.parent / "output" / "contact_sheets"
# Side of a panel [px], and of the part of the micrograph that it shows in full resolution.
PANEL_PX = 420
CAPTION_PX = 18


def panel(
    image: np.ndarray, caption: str, limits: tuple[float, float] | None = None
) -> Image.Image:
    """Return one captioned picture of the middle of an image."""
    low, high = np.percentile(image, (0.3, 99.7)) if limits is None else limits
    grey = (np.clip((image - low) / max(high - low, 1e-12), 0, 1) * 255).astype(np.uint8)
    picture = Image.new("RGB", (PANEL_PX, PANEL_PX + CAPTION_PX), "white")
    scale = PANEL_PX / grey.shape[0]
    size = (PANEL_PX, max(1, round(grey.shape[1] * scale)))
    picture.paste(Image.fromarray(grey).resize(size, Image.Resampling.NEAREST), (0, CAPTION_PX))
    ImageDraw.Draw(picture).text((3, 3), caption, fill="black")
    return picture


def middle(shape: tuple[int, int], side: int) -> tuple[slice, slice]:
    """Return the middle square of an image."""
    side = min(side, *shape)
    starts = [(n - side) // 2 for n in shape]
    return slice(starts[0], starts[0] + side), slice(starts[1], starts[1] + side)


def sheet(path: Path) -> Image.Image:
    """Return the micrograph, its columns, and the five outputs side by side."""
    micrograph = read(path)
    located = locate(micrograph)
    width = located.processed.column_width_px or 6.0
    rows, columns = middle(micrograph.shape, round(24 * width))
    raw = panel(micrograph.image[rows, columns], f"{path.name} {micrograph.shape}")
    marked = panel(micrograph.image[rows, columns], f"{len(located.columns)} columns")
    draw = ImageDraw.Draw(marked)
    scale = PANEL_PX / (rows.stop - rows.start)
    for row, column in located.columns.positions:
        x, y = (column - columns.start + 0.5) * scale, (row - rows.start + 0.5) * scale + CAPTION_PX
        if 0 <= x < PANEL_PX and CAPTION_PX <= y < PANEL_PX + CAPTION_PX:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), outline=(230, 120, 0), width=2)
    panels = [raw, marked]
    for name, task in TASKS.items():
        image = process(micrograph, name).image[rows, columns]
        limits = (0.0, 1.0) if task.output is Output.MAP else None
        panels.append(panel(image, name, limits))
    strip = Image.new("RGB", (len(panels) * (PANEL_PX + 4), PANEL_PX + CAPTION_PX), "white")
    for index, picture in enumerate(panels):
        strip.paste(picture, (index * (PANEL_PX + 4), 0))
    return strip


def main(folder: Path) -> None:
    """Make the sheet of every micrograph in a folder."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.suffix in {".csv", ".md", ".h5"}:
            continue
        try:
            strip = sheet(path)
        except AtomSegNetError as error:
            print(error)
            continue
        target = OUTPUT / f"{path.stem}.png"
        strip.save(target)
        print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else samples_folder())
