"""Atomic columns as an XYZ file, for programs that show and compare atoms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import WriteError
from atomsegnet.core.provenance import Provenance, provenance_items
from atomsegnet.core.units import positions_in_nm
from atomsegnet.io.safe_write import safely_written

_ANGSTROM_PER_NM = 10.0
# A micrograph does not tell which element a column is of; "X" is what ase and others read as none.
_SPECIES = "X"


def write_columns_xyz(
    path: Path, columns: Columns, provenance: Provenance, *, overwrite: bool = False
) -> None:
    """Write the columns as atoms of unknown element in the plane z = 0.

    Extended XYZ: lengths in Angstrom, as all readers expect; y points upwards, so that the picture
    looks as the image does. The second line holds the amplitude's name and the provenance.

    Parameters
    ----------
    path, columns, provenance, overwrite
        As for `write_columns_csv`; the file is ".xyz" by custom.

    Raises
    ------
    WriteError
        Where the pixel size is unknown, the file exists or cannot be written.
    """
    if provenance.pixel_size_nm is None:
        raise WriteError(path, "needs lengths, and the pixel size of the image is not known")
    y, x = positions_in_nm(columns.positions, provenance.pixel_size_nm).T * _ANGSTROM_PER_NM
    height = float(np.max(y, initial=0.0))
    comment = json.dumps(dict(provenance_items(provenance)), ensure_ascii=False)
    lines = [
        str(len(columns)),
        # The inner quotes are escaped, as the format asks for.
        f'Properties=species:S:1:pos:R:3:amplitude:R:1 pbc="F F F" origin={json.dumps(comment)}',
        *(
            f"{_SPECIES} {right:.5f} {height - down:.5f} 0.00000 {peak:.6g}"
            for right, down, peak in zip(x, y, columns.amplitude, strict=True)
        ),
    ]
    with safely_written(path, overwrite=overwrite) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
