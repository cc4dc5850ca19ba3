"""A library as folders: one for the micrographs, one for each label, and an index."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from atomsegnet.core.errors import WriteError
from atomsegnet.core.library import (
    IMAGE,
    INDEX_FIELDS,
    INDEX_FILE,
    POSITION,
    POSITION_FIELDS,
    LibrarySample,
)
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.io.write_png import Stretch, write_png
from atomsegnet.io.write_tiff import write_tiff


@contextmanager
def folder_library(
    folder: Path, labels: Sequence[str], *, png: bool = False
) -> Iterator[Callable[[dict[str, str]], None]]:
    """Make the folders of a library, and offer a function that adds a line to its index.

    The files of a sample are written by `write_sample`, which tells its line.

    Parameters
    ----------
    folder : Path
        A new or empty folder.
    labels : sequence of str
        Names of the labels.
    png : bool
        Write 16-bit PNG in place of float32 TIFF. Its scale stands in the index: for each image
        the two columns NAME_offset and NAME_step, with intensity = offset + step * stored.

    Raises
    ------
    WriteError
        Where something cannot be written.
    """
    names = (IMAGE, *labels)
    fields = list(INDEX_FIELDS)
    if png:
        fields += [f"{name}_{part}" for name in names for part in Stretch._fields]
    try:
        for name in (*names, POSITION):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with (folder / INDEX_FILE).open("w", newline="", encoding="utf-8") as index:
            csv.writer(index).writerow(fields)
    except OSError as error:
        raise WriteError(folder, f"cannot be written ({error.strerror})") from error

    def add(row: dict[str, str]) -> None:
        with (folder / INDEX_FILE).open("a", newline="", encoding="utf-8") as index:
            csv.writer(index).writerow([row[field] for field in fields])

    yield add


def write_sample(folder: Path, sample: LibrarySample, *, png: bool = False) -> dict[str, str]:
    """Write the files of a sample into the folders of a library; return its line of the index.

    Raises
    ------
    WriteError
        Where one of them exists or cannot be written.
    """
    row = dict(sample.row)
    for name in sample.images:
        row |= _write_image(folder / name, name, sample, png=png)
    y_px, x_px = sample.positions_px.T
    text = positions_table(x_px, y_px, sample.intensity, sample.elements, sample.is_visible)
    (folder / POSITION / f"{sample.name}.csv").write_text(text, encoding="utf-8")
    return row


def positions_table(
    x_px: Iterable[float],
    y_px: Iterable[float],
    intensity: Iterable[float],
    elements: Iterable[str],
    visible: Iterable[int],
) -> str:
    """Return the true columns of a sample, each told by `POSITION_FIELDS`, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(POSITION_FIELDS)
    for x, y, height, content, seen in zip(x_px, y_px, intensity, elements, visible, strict=True):
        writer.writerow((f"{x:.5f}", f"{y:.5f}", f"{height:.5f}", content, int(seen)))
    return text.getvalue()


def _write_image(folder: Path, name: str, sample: LibrarySample, *, png: bool) -> dict[str, str]:
    """Write one image of a sample; return what the index says of it."""
    image = sample.images[name]
    if png:
        stretch = write_png(folder / f"{sample.name}.png", image)
        return {f"{name}_{part}": f"{value:.9g}" for part, value in stretch._asdict().items()}
    side = sample.pixel_size_nm * sample.images[IMAGE].shape[0] / image.shape[0]
    write_tiff(folder / f"{sample.name}.tif", image, PixelSize(side, side))
    return {}
