from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance, sha256_of, utc_now


def test_that_a_pixel_size_needs_an_origin_and_an_origin_a_pixel_size() -> None:
    with pytest.raises(ValueError, match="origin"):
        Provenance("1.0", pixel_size_nm=PixelSize(1, 1))
    with pytest.raises(ValueError, match="origin"):
        Provenance("1.0", pixel_size_origin=PixelSizeOrigin.FILE)


def test_that_the_hash_is_that_of_the_whole_file(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "a").write_bytes(data)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_that_the_date_is_in_utc() -> None:
    assert abs((datetime.now(UTC) - datetime.fromisoformat(utc_now())).total_seconds()) < 5
