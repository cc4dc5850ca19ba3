"""Write what was made of a micrograph, with everything needed to make it again."""

from __future__ import annotations

from pathlib import Path

from atomsegnet import __version__
from atomsegnet.core.columns import Columns
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance, sha256_of
from atomsegnet.tasks.locate import Located
from atomsegnet.tasks.process import Processed


def provenance_of(
    micrograph: Micrograph,
    processed: Processed,
    *,
    is_pixel_size_typed: bool = False,
    parameters: dict[str, str] | None = None,
) -> Provenance:
    """Tell where a result comes from.

    Parameters
    ----------
    micrograph : Micrograph
        The input with its present pixel size; the file it was read from is hashed.
    processed : Processed
        What a model made of it.
    is_pixel_size_typed : bool
        Whether its pixel size was typed by the user, and not read from the file.
    parameters : dict of str to str, optional
        What was chosen beyond the run of the model.

    Raises
    ------
    OSError
        The file of the micrograph can no longer be read.
    """
    source = micrograph.source
    origin = PixelSizeOrigin.TYPED if is_pixel_size_typed else PixelSizeOrigin.FILE
    chosen = {
        "frame": str(micrograph.frame),
        "detector": micrograph.detector,
        "rescale factor": f"{processed.factor:.6g}",
        "device": processed.device,
    }
    return Provenance(
        program_version=__version__,
        model=processed.model,
        weights_sha256=processed.weights_sha256,
        pixel_size_nm=micrograph.pixel_size_nm,
        pixel_size_origin=PixelSizeOrigin.NONE if micrograph.pixel_size_nm is None else origin,
        parameters={**chosen, **(parameters or {})},
        input_name=source.name if source else "",
        input_sha256=sha256_of(source) if source else "",
    )


def export_columns(
    path: Path,
    located: Located,
    *,
    columns: Columns | None = None,
    is_pixel_size_typed: bool = False,
    overwrite: bool = False,
) -> None:
    """Write the table of columns as CSV.

    Parameters
    ----------
    path : Path
        The file.
    located : Located
        What was found and how.
    columns : Columns, optional
        The columns to write in place of those that were found, when they were edited since.
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

    provenance = provenance_of(
        located.micrograph,
        located.processed,
        is_pixel_size_typed=is_pixel_size_typed,
        parameters={"method": located.method, "threshold": f"{located.threshold:.6g}"},
    )
    write_columns_csv(
        path, located.columns if columns is None else columns, provenance, overwrite=overwrite
    )


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


def export_image(path: Path, processed: Processed, *, overwrite: bool = False) -> None:
    """Write the output of a model as float32 TIFF with its pixel size.

    Raises
    ------
    WriteError
        The file exists or cannot be written.
    """
    from atomsegnet.io.write_tiff import write_tiff

    write_tiff(path, processed.image, processed.micrograph.pixel_size_nm, overwrite=overwrite)
