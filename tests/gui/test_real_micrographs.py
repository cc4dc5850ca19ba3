"""Micrographs by others open in the window; skipped where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from atomsegnet.gui.main_window import MainWindow

# Name, shape, and the pixel size in nm where the file tells one.
MICROGRAPHS = [
    ("Si110_5nmX25us_03_none_none.png", (512, 512), None),
    ("03_afterimage_8nm_crp.png", (730, 730), None),
    ("10_dso_8nm_none_none.png", (1024, 1024), None),
    ("Grain_boundry_gold_512px.png", (512, 512), None),
    ("16_STOimage_1.ser", (1024, 1024), 0.010013),
    ("HAADF26.dm3", (512, 512), 0.020217),
    ("example_Se_implanted_MoS2.dm3", (1024, 1024), 0.012695),
    ("example_Au_nanoparticle.emd", (2048, 2048), 0.0074984),
    ("052227.010101-stem00-clean.png", (250, 250), None),
]


@pytest.mark.parametrize(("name", "shape", "pixel_size_nm"), MICROGRAPHS)
def test_that_a_real_micrograph_opens_with_contrast_and_scale(
    qtbot: QtBot,
    window: MainWindow,
    shared_data: Path,
    name: str,
    shape: tuple[int, int],
    pixel_size_nm: float | None,
) -> None:
    with qtbot.waitSignal(window.workspace.document_changed, timeout=20_000):
        window.opening.open_paths([shared_data / "micrographs" / name])
    document = window.workspace.document
    assert document.micrograph.shape == shape
    shown = window.middle.view.graphics.grab().toImage()
    grays = [shown.pixelColor(x, shown.height() // 2).red() for x in range(0, shown.width(), 3)]
    assert max(grays) - min(grays) > 100
    if pixel_size_nm is None:
        assert window.middle.pixel_size.is_yellow
        assert window.middle.view.scale_bar.text.endswith(" px")
    else:
        typed = float(window.middle.pixel_size.field.text())
        assert typed == pytest.approx(pixel_size_nm, rel=1e-4)
        assert window.middle.view.scale_bar.text.endswith(" nm")
