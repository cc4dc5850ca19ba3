from __future__ import annotations

import subprocess
import sys

LIBRARIES = ("ncempy", "rsciio", "tifffile", "PIL", "h5py", "mrcfile", "scipy", "matplotlib")


def test_that_no_library_is_loaded_before_a_file_is() -> None:
    code = (
        "import sys, atomsegnet.io.read, atomsegnet.io.write_tiff, atomsegnet.io.figure,"
        " atomsegnet.io.columns_csv;"
        f"print([name for name in {LIBRARIES!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
