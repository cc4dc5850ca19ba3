"""Write one page over a library: filters, thumbnails, labels side by side, download as zip.

The page opens from disk, without a server and without a network.
"""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import SettingError, WriteError
from atomsegnet.core.library import IMAGE, INDEX_FIELDS, POSITION, StoredLibrary
from atomsegnet.core.micrograph import FloatImage
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.io.library_reader import open_library
from atomsegnet.io.quiet import quiet
from atomsegnet.io.safe_write import safely_written
from atomsegnet.paths import gallery_folder

PAGE = "index.html"
FOLDER = "gallery"
_PARTS = ("gallery.css", "gallery.js", "zip.js")
# A script may not read the files beside a page that was opened from disk, so that each is kept once
# more as a script. Libraries beyond this size are not: they would double on disk, and what a
# browser packs of them must stay below the 4 GiB of a zip with 32-bit sizes [bytes].
LARGEST_PACKED_BYTES = 2**31
# Share of the pixels that a preview shows as black or as white.
_CLIPPED = (0.2, 99.8)
_MARK_RGB = (255, 157, 46)


def gallery(library: Path, *, overwrite: bool = False, report: Report = silent) -> Path:
    """Write the page of a library into its folder.

    Parameters
    ----------
    library : Path
        Folder that `simulate` wrote.
    overwrite : bool
        Whether an earlier page of the library may be replaced.
    report : callable
        Called after each sample; raises Cancelled to stop.

    Returns
    -------
    Path
        The page, ``index.html``; what it needs lies in the folder ``gallery`` beside it.

    Raises
    ------
    ReadError, WriteError
        The library cannot be read, the page not be written.
    SettingError
        There is a page already.
    Cancelled
        The report callback asked to stop; there is no page then.
    """
    stored = open_library(library)
    _make_room(library, overwrite=overwrite)
    packed = _size(stored) <= LARGEST_PACKED_BYTES
    try:
        _make_folders(stored, packed=packed)
        for done, row in enumerate(stored.rows):
            report(Progress(done, len(stored.rows), "writing the gallery"))
            _write_sample(stored, row["name"], packed=packed)
        _write_samples_list(stored, packed=packed)
        for part in _PARTS:
            shutil.copyfile(gallery_folder() / part, library / FOLDER / part)
        with safely_written(library / PAGE) as temporary:
            shutil.copyfile(gallery_folder() / PAGE, temporary)
    except OSError as error:
        raise WriteError(library, f"cannot be written ({error.strerror})") from error
    report(Progress(len(stored.rows), len(stored.rows), "writing the gallery"))
    return library / PAGE


def _make_room(library: Path, *, overwrite: bool) -> None:
    """Remove an earlier gallery where that is allowed; keep a folder that is none."""
    page, folder = library / PAGE, library / FOLDER
    if not page.exists() and not folder.exists():
        return
    # A gallery that was cancelled has its list of folders, but no page and no list of samples.
    if folder.is_dir() and not (folder / "previews").is_dir():
        raise SettingError(f"{folder} is no gallery of this program; move it away.")
    if page.exists() and not overwrite:
        raise SettingError(f"{page} exists already and is not overwritten without being asked.")
    page.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _make_folders(stored: StoredLibrary, *, packed: bool) -> None:
    for label in stored.labels:
        (stored.folder / FOLDER / "previews" / label).mkdir(parents=True)
        if packed:
            (stored.folder / FOLDER / "files" / label).mkdir(parents=True)


def _size(stored: StoredLibrary) -> int:
    """Return the bytes of all files, judged by those of the first sample."""
    first = stored.rows[0]["name"]
    each = sum(len(stored.content(label, first)) for label in stored.labels)
    return each * len(stored.rows)


def _write_sample(stored: StoredLibrary, name: str, *, packed: bool) -> None:
    from PIL import Image

    page = stored.folder / FOLDER
    gray = preview(stored.image(IMAGE, name))
    for label, suffix in stored.labels.items():
        if label == POSITION:
            shown = marked(gray, stored.positions_px(name))
        else:
            shown = (
                gray
                if label == IMAGE
                else preview(stored.image(label, name), is_mask=label.endswith("Mask"))
            )
        with quiet("PIL"):
            Image.fromarray(shown).save(page / "previews" / label / f"{name}.png")
        if packed:
            text = base64.b64encode(stored.content(label, name)).decode()
            script = f'atomsegnetFile("{label}/{name}{suffix}", "{text}");\n'
            (page / "files" / label / f"{name}.js").write_text(script, encoding="utf-8")


def _write_samples_list(stored: StoredLibrary, *, packed: bool) -> None:
    content = {
        "labels": [{"name": name, "suffix": suffix} for name, suffix in stored.labels.items()],
        "fields": stored.fields,
        "facts": INDEX_FIELDS,
        "samples": [[row[field] for field in stored.fields] for row in stored.rows],
        "hasFiles": packed,
        "isInFolders": stored.is_in_folders,
    }
    # JSON is JavaScript, but for what ends a script within a page; this one is a file of its own.
    text = f"window.atomsegnetLibrary = {json.dumps(content)};\n"
    (stored.folder / FOLDER / "samples.js").write_text(text, encoding="utf-8")


def preview(image: FloatImage, *, is_mask: bool = False) -> npt.NDArray[np.uint8]:
    """Return an image in 256 grays; of all but a mask, its darkest and brightest are clipped."""
    low, high = np.percentile(image, (0, 100) if is_mask else _CLIPPED)
    high = max(high, low + 1e-9)
    scaled: npt.NDArray[np.uint8] = np.rint(
        np.clip((image - low) / (high - low), 0, 1) * 255
    ).astype(np.uint8)
    return scaled


def marked(
    gray: npt.NDArray[np.uint8], positions_px: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint8]:
    """Return a picture in color, dimmed, with a cross at each position, shape (H, W, 3)."""
    picture = np.repeat((0.6 * gray).astype(np.uint8)[..., None], 3, axis=2)
    nearest = np.rint(positions_px).astype(int)
    for shift in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)):
        rows, columns = (nearest + shift).T
        inside = (rows >= 0) & (rows < gray.shape[0]) & (columns >= 0) & (columns < gray.shape[1])
        picture[rows[inside], columns[inside]] = _MARK_RGB
    return picture
