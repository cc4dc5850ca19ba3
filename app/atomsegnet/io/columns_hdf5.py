"""The table of atomic columns as HDF5: one dataset for each quantity, its unit beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from atomsegnet.core.columns import Columns
from atomsegnet.core.provenance import Provenance, provenance_items
from atomsegnet.core.units import positions_in_nm
from atomsegnet.io.safe_write import safely_written

GROUP = "columns"


def write_columns_hdf5(
    path: Path, columns: Columns, provenance: Provenance, *, overwrite: bool = False
) -> None:
    """Write a table of columns; the attributes of the file tell where it comes from.

    The group "columns" holds x_px, y_px and so on, as in the CSV, each with an attribute "unit".
    x_nm and y_nm are there where the pixel size is known; what was not measured is NaN.

    Parameters
    ----------
    path, columns, provenance, overwrite
        As for `write_columns_csv`; the file is ".h5" by custom.

    Raises
    ------
    WriteError
        Where the file exists or cannot be written.
    """
    import h5py

    with safely_written(path, overwrite=overwrite) as temporary, h5py.File(temporary, "w") as file:
        for name, text in provenance_items(provenance):
            file.attrs[name] = text
        group = file.create_group(GROUP)
        group.attrs["method"] = columns.method
        for name, unit, values in _fields(columns, provenance):
            group.create_dataset(name, data=values).attrs["unit"] = unit


def _fields(
    columns: Columns, provenance: Provenance
) -> list[tuple[str, str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]]:
    y_px, x_px = columns.positions.T
    sigma_y_px, sigma_x_px = columns.sigmas.T
    fields = [
        ("id", "", np.arange(1, len(columns) + 1)),
        ("x_px", "px", x_px),
        ("y_px", "px", y_px),
        ("sigma_x_px", "px", sigma_x_px),
        ("sigma_y_px", "px", sigma_y_px),
        ("amplitude", "intensity", columns.amplitude),
        ("width_px", "px", columns.width),
        ("background", "intensity", columns.background),
        ("integrated_intensity", "intensity px^2", columns.integrated_intensity),
        ("confidence", "", columns.confidence),
        ("edge", "", columns.is_edge),
    ]
    if provenance.pixel_size_nm is not None:
        y_nm, x_nm = positions_in_nm(columns.positions, provenance.pixel_size_nm).T
        fields[3:3] = [("x_nm", "nm", x_nm), ("y_nm", "nm", y_nm)]
    return fields
