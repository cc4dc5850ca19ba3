"""Write what was made of a micrograph, with everything needed to make it again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from atomsegnet import __version__
from atomsegnet.core.columns import Columns
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance, provenance_text, sha256_of
from atomsegnet.tasks.locate import Located
from atomsegnet.tasks.process import Processed


def provenance_of(
    micrograph: Micrograph,
    processed: Processed | None,
    *,
    is_pixel_size_typed: bool = False,
    parameters: dict[str, str] | None = None,
) -> Provenance:
    """Tell where a result comes from.

    Parameters
    ----------
    micrograph : Micrograph
        The input with its present pixel size; the file it was read from is hashed, unless it can
        no longer be read.
    processed : Processed or None
        What a model made of it; None for the micrograph itself.
    is_pixel_size_typed : bool
        Whether its pixel size was typed by the user, and not read from the file.
    parameters : dict of str to str, optional
        What was chosen beyond the run of the model.
    """
    source = micrograph.source
    origin = PixelSizeOrigin.TYPED if is_pixel_size_typed else PixelSizeOrigin.FILE
    chosen = {"frame": str(micrograph.frame), "detector": micrograph.detector}
    if processed is not None:
        chosen["rescale factor"] = f"{processed.factor:.6g}"
        chosen["device"] = processed.device
    return Provenance(
        program_version=__version__,
        model=processed.model if processed is not None else "",
        weights_sha256=processed.weights_sha256 if processed is not None else "",
        pixel_size_nm=micrograph.pixel_size_nm,
        pixel_size_origin=PixelSizeOrigin.NONE if micrograph.pixel_size_nm is None else origin,
        parameters={**chosen, **(parameters or {})},
        input_name=source.name if source else "",
        input_sha256=_hash_of(source),
    )


def _hash_of(source: Path | None) -> str:
    try:
        return sha256_of(source) if source else ""
    except OSError:
        # The stick it lay on was pulled out, say: no reason to lose what was made of it.
        return ""


def columns_provenance(
    located: Located, *, edits: Sequence[str] = (), is_pixel_size_typed: bool = False
) -> Provenance:
    """Tell where columns come from.

    Parameters
    ----------
    located : Located
        What was found and how.
    edits : sequence of str
        What was edited by hand since, in order.
    is_pixel_size_typed : bool
        Whether the pixel size was typed by the user.
    """
    parameters = {"method": located.method, "threshold": f"{located.threshold:.6g}"}
    detection = located.detection
    if detection.minimum_area_px > 0:
        parameters["minimum area px^2"] = f"{detection.minimum_area_px:.6g}"
    if not detection.split_touching:
        parameters["touching columns"] = "kept as one"
    if edits:
        parameters["edited by hand"] = "; ".join(edits)
    return provenance_of(
        located.micrograph,
        located.processed,
        is_pixel_size_typed=is_pixel_size_typed,
        parameters=parameters,
    )


def export_columns(
    path: Path,
    located: Located,
    *,
    columns: Columns | None = None,
    edits: Sequence[str] = (),
    is_pixel_size_typed: bool = False,
    overwrite: bool = False,
) -> None:
    """Write the table of columns: HDF5 or XYZ for a file of that suffix, else CSV.

    Parameters
    ----------
    path : Path
        The file; ".h5" and ".hdf5" are HDF5, ".xyz" is XYZ.
    located : Located
        What was found and how.
    columns : Columns, optional
        The columns to write in place of those that were found, when they were edited since.
    edits : sequence of str
        What was edited by hand.
    is_pixel_size_typed : bool
        Whether the pixel size was typed by the user.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    WriteError
        The file exists or cannot be written.
    """
    from atomsegnet.io.columns_csv import write_columns_csv
    from atomsegnet.io.columns_hdf5 import write_columns_hdf5
    from atomsegnet.io.columns_xyz import write_columns_xyz

    provenance = columns_provenance(located, edits=edits, is_pixel_size_typed=is_pixel_size_typed)
    writers = {".h5": write_columns_hdf5, ".hdf5": write_columns_hdf5, ".xyz": write_columns_xyz}
    write = writers.get(path.suffix.lower(), write_columns_csv)
    write(path, located.columns if columns is None else columns, provenance, overwrite=overwrite)


def export_overlay(
    path: Path, located: Located, *, columns: Columns | None = None, overwrite: bool = False
) -> None:
    """Write a PNG of the micrograph with its columns as circles and a scale bar.

    Parameters
    ----------
    path, located, columns, overwrite
        As for `export_columns`.

    Raises
    ------
    WriteError
        The file exists or cannot be written.
    """
    from atomsegnet.io.figure import write_figure

    micrograph = located.micrograph
    chosen = located.columns if columns is None else columns
    write_figure(path, micrograph.image, chosen, micrograph.pixel_size_nm, overwrite=overwrite)


def export_image(
    path: Path,
    processed: Processed,
    *,
    is_pixel_size_typed: bool = False,
    overwrite: bool = False,
) -> None:
    """Write the output of a model as float32 TIFF with its pixel size and where it comes from.

    Raises
    ------
    WriteError
        The file exists or cannot be written.
    """
    from atomsegnet.io.write_tiff import write_tiff

    micrograph = processed.micrograph
    provenance = provenance_of(micrograph, processed, is_pixel_size_typed=is_pixel_size_typed)
    write_tiff(
        path,
        processed.image,
        micrograph.pixel_size_nm,
        origin=provenance_text(provenance),
        overwrite=overwrite,
    )
