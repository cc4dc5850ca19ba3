"""Make the multislice image that the tests hold the linear model against.

    pip install "abtem==1.0.11"
    python build_scripts/multislice_reference.py

SrTiO3 along [001] at the settings of figure 7 of Lin et al. (2021),
doi 10.1038/s41598-021-84499-w, by abTEM: Madsen and Susi, Open Res. Europe 1, 24 (2021),
doi 10.12688/openreseurope.13015.2. Takes some minutes; writes tests/physics/data.
"""

from __future__ import annotations

from pathlib import Path

import abtem
import numpy as np

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.io.write_tiff import write_tiff
from atomsegnet.physics.materials import material

# Lateral repeats of the cell keep the probe from meeting itself; 10 along the beam are 3.9 nm.
REPEATS = (3, 3, 10)
# Root mean square displacement at room temperature along each direction [angstrom], rounded.
DISPLACEMENT = {"Sr": 0.089, "Ti": 0.075, "O": 0.096}
CONFIGURATIONS = 3
# Fine enough for scattering to 196 mrad [angstrom].
SAMPLING = 0.042
# Positions of the probe along a side of the cell: 0.28 angstrom, below 1 / (2 k) of the highest
# spatial frequency 2 alpha / lambda.
POSITIONS = 14
FILE = Path(__file__).parents[1] / "tests/physics/data/SrTiO3_001_multislice.tif"


def main() -> None:
    """Compute the image of one cell and write it."""
    cell = material("SrTiO3").build()
    side = float(cell.cell.lengths()[0])
    phonons = abtem.FrozenPhonons(
        cell * REPEATS, num_configs=CONFIGURATIONS, sigmas=DISPLACEMENT, seed=1
    )
    potential = abtem.Potential(phonons, sampling=SAMPLING, slice_thickness=side / 2)
    probe = abtem.Probe(energy=200e3, semiangle_cutoff=20, defocus=80, Cs=0.0257e7)
    scan = abtem.GridScan((0, 0), (side, side), gpts=POSITIONS, endpoint=False)
    detector = abtem.AnnularDetector(inner=98, outer=196)
    measured = probe.scan(potential, scan=scan, detectors=detector)
    image = np.asarray(measured.compute().array, dtype=np.float32)
    while image.ndim > 2:
        image = image.mean(axis=0)
    pixel_nm = 0.1 * side / POSITIONS
    # abTEM counts x first; rows are y here.
    write_tiff(FILE, np.ascontiguousarray(image.T), PixelSize(pixel_nm, pixel_nm), overwrite=True)
    print(f"{FILE}: {image.shape}, {image.min():.5f} to {image.max():.5f} of the beam")


if __name__ == "__main__":
    main()
