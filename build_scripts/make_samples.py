"""Make the simulated sample micrographs of the program, in resources/samples.

    python build_scripts/make_samples.py

Each sample is a float32 TIFF with its pixel size; a CSV of the same name holds the true positions.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.io.library_folders import positions_table
from atomsegnet.io.write_tiff import write_tiff
from atomsegnet.paths import samples_folder
from atomsegnet.physics.arrangements import crystal, particle
from atomsegnet.physics.background import Background
from atomsegnet.physics.materials import projected
from atomsegnet.physics.probe import Probe, point_spread
from atomsegnet.physics.scan_noise import Detector, Jitter
from atomsegnet.physics.scene import Scene
from atomsegnet.physics.specimen import cell_of_crystal
from atomsegnet.tasks.simulate_one import Simulated, sample_of, simulate_scene

SIZE_PX = 384
EXPONENT = 1.7
NO_BLOBS, NO_STEPS = np.zeros((0, 4)), np.zeros((0, 5))


def sample(name: str, seed: int) -> Simulated:
    """Simulate one of the samples.

    Parameters
    ----------
    name : str
        "SrTiO3_001", "Si_110" or "Pt_particle".
    seed : int
        Seed of specimen and noise.
    """
    rng = np.random.default_rng(seed)
    psf = point_spread(Probe(energy_ev=200e3, aperture_mrad=24.0, source_fwhm_nm=0.07))
    pixel_nm, seen, counts, jitter_px = {
        "SrTiO3_001": (0.013, projected("SrTiO3", (0, 0, 1)), 60.0, 0.2),
        "Si_110": (0.011, projected("Si", (1, 1, 0)), 25.0, 0.6),
        "Pt_particle": (0.016, projected("Pt", (1, 1, 0)), 40.0, 0.3),
    }[name]
    width_px = psf.fwhm_nm / pixel_nm
    half_size = 0.5 * 21 / 16 * SIZE_PX / width_px
    cell = cell_of_crystal(seen, psf.fwhm_nm, EXPONENT)
    draw = particle if name.endswith("particle") else crystal
    specimen = draw(rng, cell, half_size)
    scene = Scene(
        specimen.cut(half_size),
        width_px,
        SIZE_PX,
        SIZE_PX,
        psf,
        Background(
            0.15,
            np.array([0.05, 0.08, 0.0, 0.0, 0.03]),
            np.array([[0.3, 0.7, 0.2, 0.25]]),
            NO_BLOBS,
            NO_STEPS,
        ),
        0.01,
        counts,
        Jitter(jitter_px, 0.013, 1.0),
        Detector(),
        math.nan,
    )
    return simulate_scene(scene, torch.Generator().manual_seed(seed))


def main() -> None:
    """Write all samples."""
    folder = samples_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, seed in (("SrTiO3_001", 5), ("Si_110", 2), ("Pt_particle", 14)):
        made = sample(name, seed)
        pixel = PixelSize(made.scene.pixel_size_nm, made.scene.pixel_size_nm)
        path = folder / f"simulated_{name}.tif"
        write_tiff(path, made.image, pixel, overwrite=True)
        table = "# simulated by AtomSegNet: true positions of the columns\n" + positions_table(
            sample_of(made, name, seed, 0)
        )
        path.with_suffix(".csv").write_text(table, encoding="utf-8")
        print(f"{path}: {len(made.positions)} columns, {1e3 * pixel.x:.2f} pm/px")


if __name__ == "__main__":
    main()
