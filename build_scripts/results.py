"""Measure what docs/results.md says, and write it.

    python build_scripts/results.py

Needs the micrographs of ../shared/data and takes a few minutes; nothing else may run meanwhile.
"""

from __future__ import annotations

import datetime
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import torch
from scipy import ndimage
from skimage.filters import threshold_otsu

from atomsegnet.analysis.matching import match
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.io.read import read
from atomsegnet.physics.held_out import held_out_crystals
from atomsegnet.physics.materials import projected
from atomsegnet.physics.scene import SceneSettings, draw_scene
from atomsegnet.tasks.locate import Located, locate
from atomsegnet.tasks.process import process
from atomsegnet.tasks.simulate_one import simulate_one, simulate_scene
from precision_rows import benchmark_rows, spacing_row
from result_rows import Row, processor, table

ROOT = Path(__file__).parent.parent
MICROGRAPHS = ROOT.parent / "shared" / "data" / "micrographs"
# Columns nearer to the border than this are left out of the counts [px].
BORDER_PX = 5


def is_inner(located: Located) -> np.ndarray:
    """Return which columns are at least `BORDER_PX` from the border."""
    last = np.array(located.micrograph.shape) - 1 - BORDER_PX
    positions = located.columns.positions
    return np.all((positions >= BORDER_PX) & (positions <= last), axis=1)


def counted(name: str, expected: tuple[int, int], tolerance: float) -> Row:
    """Compare the number of inner columns with the range that was counted by eye."""
    located = locate(read(MICROGRAPHS / name))
    return _count_row(name, int(is_inner(located).sum()), expected, tolerance, "")


def _count_row(
    name: str, count: int, expected: tuple[int, int], tolerance: float, remark: str
) -> Row:
    nearest = min(max(count, expected[0]), expected[1])
    off = count / nearest - 1
    shown = f"{expected[0]}" if expected[0] == expected[1] else f"{expected[0]} to {expected[1]}"
    return Row(
        name,
        f"{shown} inner, within {100 * tolerance:.0f} %",
        f"{count} ({100 * off:+.1f} %){remark}",
        abs(off) <= tolerance,
    )


def molybdenum() -> list[Row]:
    """Count the bright columns of MoS2, and those in the hole."""
    name = "example_Se_implanted_MoS2.dm3"
    located = locate(read(MICROGRAPHS / name))
    columns = located.columns
    strength = columns.amplitude
    bright = (strength > threshold_otsu(strength)) & is_inner(located)
    hole = _hole(located.micrograph, (670, 540))
    rows, cols = np.round(columns.positions).astype(int).T
    in_hole = int(hole[rows.clip(0, 1023), cols.clip(0, 1023)].sum())
    all_inner = int(is_inner(located).sum())
    remark = f" of {all_inner} with sulfur sites"
    return [
        _count_row(f"{name}, Mo sites", int(bright.sum()), (2100, 2200), 0.06, remark),
        Row(f"{name}, the hole ({hole.sum()} px)", "0 columns", str(in_hole), in_hole == 0),
    ]


def _hole(micrograph: Micrograph, inside: tuple[int, int]) -> np.ndarray:
    """Return the dark region around a pixel: below half way from its bottom to the median."""
    smooth = ndimage.gaussian_filter(micrograph.image, 4)
    around = smooth[inside[0] - 15 : inside[0] + 15, inside[1] - 15 : inside[1] + 15]
    dark, _ = ndimage.label(smooth < (around.min() + np.median(smooth)) / 2)
    window = dark[inside[0] - 15 : inside[0] + 15, inside[1] - 15 : inside[1] + 15]
    return np.asarray(dark == np.bincount(window[window > 0]).argmax())


def gold_particles() -> list[Row]:
    """Count the columns of the marked gold particle, and those in the vacuum."""
    name = "example_Au_nanoparticle.emd"
    located = locate(read(MICROGRAPHS / name))
    row, column = located.columns.positions.T
    marked = (row > 634) & (row < 1113) & (column > 1260) & (column < 1764)
    smooth = ndimage.gaussian_filter(located.micrograph.image, 8)
    bottom = np.percentile(smooth, 1)
    level = bottom + 0.1 * (threshold_otsu(smooth) - bottom)
    vacuum = ndimage.binary_erosion(smooth < level, iterations=12)
    in_vacuum = int(vacuum[np.round(row).astype(int), np.round(column).astype(int)].sum())
    share = 100 * vacuum.mean()
    return [
        _count_row(f"{name}, marked particle", int(marked.sum()), (140, 170), 0.06, ""),
        Row(f"{name}, vacuum ({share:.0f} % of the frame)", "0 columns", str(in_vacuum),
            in_vacuum == 0),
    ]  # fmt: skip


def antimony() -> Row:
    """Match the columns of the simulated antimony with its atoms."""
    with h5py.File(MICROGRAPHS / "052227.010101.h5") as opened:
        atoms = np.asarray(opened["projection/full_coords"])[:, :2]
    true = _joined(atoms[:, ::-1] - 3.0, 2.0)
    located = locate(read(MICROGRAPHS / "052227.010101-stem00-clean.png"))
    inside = np.all((true > -0.5) & (true < 249.5), axis=1)
    matched = match(located.columns.positions, true[inside], 3.0)
    found, false = matched.hit_count, matched.false_count
    return Row(
        "052227.010101-stem00-clean.png",
        f"{inside.sum()} of {inside.sum()} within 3 px, no false one",
        f"{found} found, {false} false",
        found == inside.sum() and false == 0,
    )


def _joined(points: np.ndarray, distance: float) -> np.ndarray:
    """Return one point for each group of points nearer than the distance."""
    kept: list[np.ndarray] = []
    for point in points:
        if all(np.hypot(*(point - other)) >= distance for other in kept):
            kept.append(point)
    return np.array(kept)


def speed_of_one_model() -> Row:
    """Time one model on 1024x1024 pixels with columns of the network's own width."""
    image = large_image(1024)
    process(image, "denoise", rescale=1.0)
    seconds = min(_timed(lambda: process(image, "denoise", rescale=1.0)) for _ in range(5))
    precision = process(image, "denoise", rescale=1.0).device
    return Row(
        f"1024x1024, denoise, model loaded ({precision})",
        "at most 0.8 s",
        f"{seconds:.2f} s",
        seconds <= 0.8,
    )


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def large_image(side: int) -> Micrograph:
    """Return a simulated crystal of that side, mirrored from one of 512 px."""
    settings = SceneSettings(
        crystals=(projected("SrTiO3", (0, 0, 1)),),
        crystal_share=1.0,
        empty_share=0.0,
        psnr_db=(20.0, 20.0),
    )
    made = simulate_one(settings, (7,), size=512, width_px=(6.0, 6.0), labels=())
    return Micrograph(np.pad(made.image, (0, side - 512), mode="symmetric"))


def largest() -> list[Row]:
    """Locate on 4096x4096 pixels in a fresh process, and read its time and memory."""
    seconds, gigabytes, count = _in_fresh_process("4096", "gaussian-2d")
    subject = f"4096x4096, locate ({count:.0f} columns)"
    return [
        Row(subject, "under 60 s", f"{seconds:.1f} s", seconds < 60),
        Row(subject, "under 3 GB", f"{gigabytes:.2f} GB", gigabytes < 3),
    ]


def joint_fits() -> list[Row]:
    """Time poisson-ml on images of the same crystal, of which one is four times as large."""
    small, _, count = _in_fresh_process("2048", "poisson-ml")
    large, gigabytes, count_of_large = _in_fresh_process("4096", "poisson-ml")
    longer, more = large / small, count_of_large / count
    return [
        Row(
            f"2048x2048, locate with poisson-ml ({count:.0f} columns)",
            "under 15 s",
            f"{small:.1f} s",
            small < 15,
        ),
        Row(
            f"4096x4096, the same ({count_of_large:.0f} columns)",
            "in proportion to the columns, within a fifth",
            f"{large:.1f} s, {longer:.1f} times for {more:.1f} times the columns; "
            f"{gigabytes:.2f} GB",
            longer < 1.2 * more,
        ),
    ]


def iron(side: int) -> Micrograph:
    """Return simulated iron [111], 10,000 columns on 2048x2048 px; it was in no training."""
    settings = SceneSettings(
        crystals=(held_out_crystals()["Fe [111]"],),
        crystal_share=1.0,
        empty_share=0.0,
        kinds=("crystal",),
        psnr_db=(20.0, 20.0),
    )
    scene = draw_scene(settings, np.random.default_rng([1, 8]), side, side, 8.0)
    return Micrograph(simulate_scene(scene, torch.Generator().manual_seed(1)).image)


def _in_fresh_process(side: str, method: str) -> tuple[float, float, float]:
    """Return seconds, gigabytes and the number of columns."""
    answer = subprocess.run(
        [sys.executable, __file__, "--large", side, method],
        check=True,
        capture_output=True,
        text=True,
        # As the program itself does before it loads NumPy.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    seconds, gigabytes, count = map(float, answer.stdout.split())
    return seconds, gigabytes, count


def _large(side: str, method: str) -> None:
    image = iron(int(side)) if method == "poisson-ml" else large_image(int(side))
    started = time.perf_counter()
    located = locate(image, method=method)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(seconds, peak, len(located.columns))


def installers() -> list[str]:
    """Return the rows of the installers, which scripts of their own measure."""
    page = (ROOT / "docs" / "results_installers.md").read_text(encoding="utf-8")
    return [line for line in page.splitlines() if line.endswith((" | yes |", " | no |"))]


def main() -> None:
    """Measure everything and write the page."""
    rows = [
        counted("Si110_5nmX25us_03_none_none.png", (392, 392), 0.03),
        counted("03_afterimage_8nm_crp.png", (950, 950), 0.03),
        counted("10_dso_8nm_none_none.png", (823, 823), 0.03),
        counted("Grain_boundry_gold_512px.png", (698, 698), 0.03),
        counted("16_STOimage_1.ser", (1255, 1255), 0.03),
        counted("HAADF26.dm3", (1446, 1446), 0.06),
        *molybdenum(),
        *gold_particles(),
        antimony(),
        speed_of_one_model(),
        *largest(),
        *joint_fits(),
    ]
    precision = [
        *benchmark_rows(ROOT / "docs" / "benchmark.csv"),
        spacing_row(MICROGRAPHS / "03_afterimage_8nm_crp.png"),
    ]
    lines = [
        "# Results",
        "",
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} by",
        "`python build_scripts/results.py` on "
        f"{torch.get_num_threads()} threads of a {processor()}, PyTorch {torch.__version__}.",
        "The micrographs are by other people and not part of this repository; their origin and the",
        "counts they are compared with are described beside them. No setting was changed for any;",
        "but the lower limit of the automatic threshold, and what counts as a lonely speck, were",
        "chosen with these micrographs in view, so that their rows flatter.",
        "",
        *table("on", rows),
        *installers(),
        "",
        "Precision with `poisson-ml`, found by the network, nothing told, on simulated images of",
        "crystals that were kept out of every training (silicon was not), from the table that",
        "`atomsegnet benchmark` wrote beside [benchmark.md](benchmark.md), and on one micrograph:",
        "",
        *table("of", precision),
        "",
        "The models on simulated images: [models.md](models.md). Other methods, and each case:",
        "[benchmark.md](benchmark.md). When and how the installers were tried:",
        "[results_installers.md](results_installers.md).",
        "",
    ]
    page = ROOT / "docs" / "results.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines), encoding="utf-8")
    print(page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    if "--large" in sys.argv:
        _large(*sys.argv[2:])
    else:
        main()
