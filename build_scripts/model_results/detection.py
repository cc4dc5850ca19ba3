"""Rows about finding columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from cases import SIZE_PX, Recipe, Result, described, is_inner, to_be_found
from scipy.spatial import cKDTree

from atomsegnet.analysis.matching import Matching, match
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.nn.resample import resample
from atomsegnet.physics.background import Background
from atomsegnet.physics.held_out import held_out_crystals
from atomsegnet.physics.materials import projected
from atomsegnet.physics.scene import Scene
from atomsegnet.tasks.locate import locate
from atomsegnet.tasks.simulate_one import Simulated

FACTORS = (0.5, 1.0, 2.0, 3.0, 4.0)
# A column of a particle's rim has no neighbor within this angle [rad].
RIM_GAP = 0.8 * np.pi
# Farther than this from every column is vacuum [column widths].
VACUUM_WIDTHS = 2.0


CRYSTALS = held_out_crystals()


@dataclass(frozen=True)
class Found:
    """What was found in an image: pairs, false columns and the true ones to be found."""

    matched: Matching
    columns: np.ndarray
    wanted: np.ndarray


def find(made: Simulated, *, model: str = "gaussian_map", factor: float = 1.0) -> Found:
    """Locate the columns of an image, resampled by a factor; the pixel size is not told."""
    image = made.image
    if factor != 1.0:
        shape = (round(factor * image.shape[0]), round(factor * image.shape[1]))
        image = resample(torch.from_numpy(image.copy())[None, None], shape)[0, 0].numpy()
    positions = (locate(Micrograph(image), model=model).columns.positions + 0.5) / factor - 0.5
    to_find = to_be_found(made)
    positions = that_count(positions, made, to_find)
    tolerance = made.scene.image_width_px / 2
    matched = match(positions, made.positions, tolerance, is_optional=~to_find)
    return Found(matched, positions, to_find)


def that_count(positions: np.ndarray, made: Simulated, to_find: np.ndarray) -> np.ndarray:
    """Return the found positions that count.

    Near the border columns may be found or not, also those whose center lies outside.
    """
    return positions[is_inner(positions) | _near(positions, made.positions[to_find])]


def _near(positions: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which positions are within a pixel or two of a column to be found."""
    if not len(wanted) or not len(positions):
        return np.zeros(len(positions), dtype=bool)
    return np.asarray(cKDTree(wanted).query(positions)[0] < 2.0)


HELD_OUT = Recipe("held out", tuple(CRYSTALS.values()))


def held_out_f1(number: int) -> Result:
    """Return F1 on a crystal that no training saw."""
    made = HELD_OUT.image(number)
    return {**described(made), "f1": find(made).matched.f1}


def mask_f1(number: int) -> Result:
    """Return F1 of the columns on the mask that `circular_mask` makes."""
    made = HELD_OUT.image(number)
    return {**described(made), "f1": find(made, model="circular_mask").matched.f1}


PARTICLES = Recipe("particles", tuple(CRYSTALS.values()), kinds=("nanocrystal",))


def particle_rim(number: int) -> Result:
    """Return the recall of a particle's rim, and what was found in the vacuum."""
    made = PARTICLES.image(number)
    found = find(made)
    rim = found.wanted & _has_gap(made.positions, made.scene.image_width_px)
    hits = np.isin(np.flatnonzero(rim), found.matched.true)
    reach = VACUUM_WIDTHS * made.scene.image_width_px
    # All columns of the scene, also those outside of the image.
    tree = cKDTree(made.scene.positions_px.numpy())
    inner = found.columns[is_inner(found.columns)]
    pixels = np.stack(np.indices((SIZE_PX, SIZE_PX)), axis=-1).reshape(-1, 2)
    return {
        "rim": len(hits),
        "rim_found": int(hits.sum()),
        "false": int((tree.query(inner)[0] > reach).sum()) if len(inner) else 0,
        "vacuum_px": int((tree.query(pixels)[0] > reach).sum()),
    }


def _has_gap(positions: np.ndarray, width: float) -> np.ndarray:
    """Return which columns miss neighbors on one side."""
    nearest = cKDTree(positions).query(positions, k=2)[0][:, 1]
    around = cKDTree(positions).query_ball_point(positions, 1.6 * np.median(nearest) + width)
    gaps = []
    for index, others in enumerate(around):
        step = positions[[o for o in others if o != index]] - positions[index]
        angle = np.sort(np.arctan2(step[:, 0], step[:, 1]))
        widest = np.diff(angle, append=angle[:1] + 2 * np.pi).max() if len(angle) else np.inf
        gaps.append(widest > RIM_GAP)
    return np.array(gaps)


WEAK = Recipe("weak", (projected("SrTiO3", (1, 1, 0)), projected("TiO2", (0, 0, 1))))


def weak_columns(number: int) -> Result:
    """Return the recall of weak columns beside strong ones."""
    made = WEAK.image(number)
    found = find(made)
    intensity = made.scene.specimen.intensity[made.is_inside]
    reach = 3.0 * made.scene.image_width_px
    around = cKDTree(made.positions).query_ball_point(made.positions, reach)
    share = intensity / np.array([intensity[others].max() for others in around])
    weak = found.wanted & (share >= 0.03) & (share <= 0.3)
    hits = np.isin(np.flatnonzero(weak), found.matched.true)
    return {"weak": len(hits), "found": int(hits.sum())}


DUMBBELLS = Recipe(
    "dumbbells",
    (projected("Si", (1, 1, 0)), CRYSTALS["CdTe [110]"]),
    kinds=("crystal",),
    nearest_widths=0.8,
)


def dumbbells(number: int) -> Result:
    """Return how many dumbbells were found whole, at a distance of 0.8 column widths."""
    made = DUMBBELLS.image(number)
    found = find(made)
    distance, partner = (part[:, 1] for part in cKDTree(made.positions).query(made.positions, k=2))
    own = np.arange(len(partner))
    is_pair = (partner[partner] == own) & (distance < 1.1 * made.scene.image_width_px)
    inner = is_inner(made.positions)
    first = own[is_pair & (own < partner) & inner & inner[partner]]
    both = np.isin(first, found.matched.true) & np.isin(partner[first], found.matched.true)
    return {"pairs": len(first), "both": int(both.sum())}


RESCALED = Recipe("rescaled", tuple(CRYSTALS.values()), width_px=(5.0, 5.0))


def rescaled(number: int) -> Result:
    """Return F1 on one image at one of several samplings."""
    made = RESCALED.image(number // len(FACTORS))
    factor = FACTORS[number % len(FACTORS)]
    return {"factor": factor, "f1": find(made, factor=factor).matched.f1}


def _steep(scene: Scene, rng: np.random.Generator) -> Scene:
    """Give an interface a background that is three times as high on one side."""
    level = rng.uniform(0.1, 1.0)
    angle, offset = scene.specimen.boundary or (0.0, 0.0)
    line = (angle, offset * scene.width_px / scene.label_size)
    step = np.array([[*line, 0.01, 2 * level, 0.0]])
    background = Background(level, np.zeros(5), np.zeros((0, 4)), np.zeros((0, 4)), step)
    return replace(scene, background=background)


INTERFACES = Recipe("interfaces", tuple(CRYSTALS.values()), kinds=("interface",), change=_steep)


def interfaces(number: int) -> Result:
    """Return F1 at an interface with a step of the background."""
    return {"f1": find(INTERFACES.image(number)).matched.f1}
