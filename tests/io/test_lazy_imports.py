from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from minimal_files import dm_image, write_dm

from atomsegnet.core.errors import ReadError
from atomsegnet.io.read import read

LIBRARIES = ("ncempy", "rsciio", "tifffile", "PIL", "h5py", "mrcfile", "scipy", "matplotlib")


def test_that_no_library_is_loaded_before_a_file_is() -> None:
    code = (
        "import sys, atomsegnet.io.read, atomsegnet.io.write_tiff, atomsegnet.io.figure,"
        " atomsegnet.io.columns_csv;"
        f"print([name for name in {LIBRARIES!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_that_a_reader_whose_library_is_missing_does_not_call_the_file_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dm(tmp_path / "a.dm3", dm_image(np.ones((4, 4), np.float32)))
    monkeypatch.setitem(sys.modules, "ncempy.io.dm", None)
    with pytest.raises(ReadError, match="cannot be read by this installation"):
        read(tmp_path / "a.dm3")
