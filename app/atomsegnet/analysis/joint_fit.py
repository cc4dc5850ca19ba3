"""The joint fit of the columns of one image, from its starts to the columns that stand out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.background_grid import BackgroundGrid
from atomsegnet.analysis.border_columns import border_distances, border_starts
from atomsegnet.analysis.joint_peaks import Field, JointPeaks
from atomsegnet.analysis.local_background import steep_background
from atomsegnet.analysis.marginal_errors import marginal_errors
from atomsegnet.analysis.misfit import misfit, structure
from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.analysis.noise_line import estimate_noise
from atomsegnet.analysis.overlap import Peaks
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.scoring import Scene, Solution, climb
from atomsegnet.core.progress import Progress, Report, silent

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolImage = npt.NDArray[np.bool_]
BoolArray = npt.NDArray[np.bool_]

# A knot of the background every so many widths, or spacings of columns, whichever is more.
_KNOT_IN_WIDTHS = 6.0
_KNOT_IN_SPACINGS = 4.0

# Pixels farther than this many widths from every column take no part.
_FIELD_IN_WIDTHS = 2.0

# The first image of expected intensities is smoothed by this part of the width.
_SMOOTHING_IN_WIDTHS = 0.25

# Steps until the starts that are plainly empty are dropped, until the end, and once more after
# columns were dropped for being too low.
FIRST_STEPS = 3
STEPS = 7
STEPS_AGAIN = 4
_ALL_STEPS = FIRST_STEPS + STEPS + STEPS_AGAIN + 3

# A start is plainly empty if its height, all else known, is below this part of what a column needs.
_EMPTY = 0.8

# Least height of a column beyond the border in its own standard errors.
_SIGNIFICANT_BEYOND = 3.0

# A column beyond the border that comes as near to one in the image as this [widths] is the same.
_NEAREST_IN_WIDTHS = 0.5


# Number of a column that is none of the user's starts.
UNFOUND = -1


@dataclass(frozen=True, eq=False)
class Fit:
    """A solution and its errors.

    Attributes
    ----------
    solution : Solution
        The solution.
    errors : ndarray of float64, shape (N, 4)
        Standard errors of height, row and column, and of the height at a known position.
    height_errors : ndarray of float64, shape (N,)
        Those of the height with all else known.
    structure : float
        Scatter of heights where there is no column, over the noise.
    """

    solution: Solution
    errors: FloatArray
    height_errors: FloatArray
    structure: float

    def select(self, chosen: BoolArray) -> Fit:
        """Return the fit of some of the columns."""
        errors = self.errors[chosen], self.height_errors[chosen]
        return Fit(self.solution.select(chosen), *errors, self.structure)


@dataclass(frozen=True, eq=False)
class JointFit:
    """What is fitted, and what is asked of it.

    Attributes
    ----------
    scene : Scene
        Image and starts (N, 2), those beyond the border included.
    number : ndarray of int64, shape (N,)
        Which of the user's starts each one is; the ones beyond the border come after those, and
        `UNFOUND` is one that was found in the residual.
    is_own : ndarray of bool, shape (N,)
        Whether it is one of the user's.
    significant : ndarray of float64, shape (N,)
        Least height in its own standard errors.
    report : callable
        Called after every step.
    """

    scene: Scene
    number: npt.NDArray[np.int64]
    is_own: BoolArray
    significant: FloatArray
    report: Report

    @classmethod
    def of(
        cls,
        image: FloatImage,
        starts: FloatArray,
        width_px: float,
        significant: FloatArray,
        report: Report,
        *,
        is_shape_free: bool,
        jitter_px: float = 0.0,
    ) -> JointFit:
        """Return the fit of an image scaled to 0 to 1 from the starts (n, 2) of the user.

        Lines may be displaced by a standard deviation of about `jitter_px`; 0 if they are not.
        """
        beyond = border_starts(starts, image.shape, width_px)
        places = np.concatenate([starts, beyond])
        number = np.arange(len(places))
        limits = np.concatenate([significant, np.full(len(beyond), _SIGNIFICANT_BEYOND)])
        field = field_for(image, starts, width_px, is_shape_free=is_shape_free)
        field = replace(field, jitter_px=jitter_px)
        scene = Scene(image, field, places)
        return cls(scene, number, number < len(starts), limits, report)

    def select(self, chosen: BoolArray) -> JointFit:
        """Return the fit of some of the starts."""
        return replace(
            self,
            scene=self.scene.select(chosen),
            number=self.number[chosen],
            is_own=self.is_own[chosen],
            significant=self.significant[chosen],
        )

    def extended(self, known: FloatArray, places: FloatArray, significant: float) -> JointFit:
        """Return the fit from where the columns are known to be by now, with more at places.

        Both are positions [px], shapes (N, 2) and (M, 2). Of two columns where there seemed to be
        one, the other one moves as well.
        """
        more = len(places)
        # The frame around the image has room for no others.
        outside = 0.5 * self.scene.field.width_px
        last = np.array(self.scene.image.shape) - 1
        starts = np.concatenate([np.clip(known, -outside, last + outside), places])
        return replace(
            self,
            scene=replace(self.scene, starts=starts),
            number=np.concatenate([self.number, np.full(more, UNFOUND)]),
            is_own=np.concatenate([self.is_own, np.ones(more, dtype=bool)]),
            significant=np.concatenate([self.significant, np.full(more, significant)]),
        )

    def begun(self, shape: PeakShape) -> tuple[JointFit, Solution]:
        """Take the first steps, and leave out the starts that are plainly empty."""
        chosen = near_columns(self.scene, self.is_own)
        solution, equations = climb(
            self.scene,
            first_solution(self.scene, chosen, shape),
            chosen,
            steps=FIRST_STEPS,
            noise_step=FIRST_STEPS - 1,
            tell=self._tell(0),
        )
        errors = _height_errors(equations.information, self.count)
        kept = solution.peaks.heights > _EMPTY * self.significant * errors
        kept &= self._are_apart(solution.peaks.positions, self.is_own & kept)
        return self.select(kept), solution.select(kept)

    def fitted(self, begin: Solution, steps: int) -> Fit:
        """Fit to the end, and work out the errors."""
        scene = self.scene
        is_again = steps == STEPS_AGAIN
        solution, equations = climb(
            scene,
            begin,
            near_columns(scene, self.is_own),
            steps=steps,
            noise_step=None if is_again else 1,
            tell=self._tell(FIRST_STEPS + 1 + (STEPS + 1) * is_again),
        )
        peaks, width = solution.peaks, scene.field.width_px
        errors = marginal_errors(equations, peaks.positions, width)
        inflation = misfit(scene.field, peaks, solution.residual, solution.weights)
        errors *= inflation[:, [0, 1, 2, 0]]
        alone = _height_errors(equations.information, self.count)
        scatter = structure(width, solution.residual, solution.weights)
        return Fit(solution, errors, alone, scatter)

    def are_columns(self, fit: Fit) -> BoolArray:
        """Return which starts are columns, those beyond the border included.

        Near the border height and distance of what lies beyond it cannot be told apart, so that
        there the height counts with all else known. What lies beyond stays unless it has moved
        into a column of the image: it does no harm to be in doubt.
        """
        width = self.scene.field.width_px
        positions, heights = fit.solution.peaks.positions, fit.solution.peaks.heights
        is_near_border = border_distances(positions, self.scene.image.shape) < width
        errors = np.where(is_near_border, fit.height_errors, fit.errors[:, 3])
        # What the network is sure of has been told from structure already.
        is_doubtful = self.significant > self.significant.min()
        errors = errors * np.where(is_doubtful, fit.structure, 1)
        is_column = ~self.is_own | (heights > self.significant * errors)
        is_column &= self._are_highest(positions, heights)
        return is_column & self._are_apart(positions, self.is_own & is_column)

    @property
    def count(self) -> int:
        """Number of starts."""
        return len(self.number)

    def _are_apart(self, positions: FloatArray, found: BoolArray) -> BoolArray:
        """Return which are the user's, or stay away from those `found` in the image."""
        from scipy.spatial import cKDTree

        if not found.any():
            return np.ones(self.count, dtype=bool)
        distance, _ = cKDTree(positions[found]).query(positions)
        return np.asarray(self.is_own | (distance > _NEAREST_IN_WIDTHS * self.scene.field.width_px))

    def _are_highest(self, positions: FloatArray, heights: FloatArray) -> BoolArray:
        """Return all but the lower one of two as good as on one spot, one of them just found."""
        from scipy.spatial import cKDTree

        highest = np.ones(self.count, dtype=bool)
        nearest = _NEAREST_IN_WIDTHS * self.scene.field.width_px
        pairs = cKDTree(positions).query_pairs(nearest, output_type="ndarray")
        pairs = pairs[(self.number[pairs] == UNFOUND).any(axis=1)]
        first, second = pairs.T
        highest[np.where(heights[first] < heights[second], first, second)] = False
        return highest

    def _tell(self, offset: int) -> Callable[[int], None]:
        def tell(done: int) -> None:
            self.report(Progress(offset + done, _ALL_STEPS, "Fitting columns"))

        return tell


def _height_errors(information, count: int) -> FloatArray:  # type: ignore[no-untyped-def] # scipy
    """Return the standard errors of the heights with all else known, (N,)."""
    alone = information.diagonal()[: 3 * count : 3]
    return np.asarray(1 / np.sqrt(np.maximum(alone, 1e-30)))


def field_for(
    image: FloatImage, starts: FloatArray, width_px: float, *, is_shape_free: bool = True
) -> Field:
    """Return background and width for columns at some starts (N, 2) [px]."""
    spacing = _KNOT_IN_SPACINGS * (median_spacing(starts) or 0.0)
    shape = (image.shape[0], image.shape[1])
    grid = BackgroundGrid.with_spacing(shape, max(_KNOT_IN_WIDTHS * width_px, spacing))
    below = steep_background(image, Peaks.unknown(starts, width_px), silent)
    return Field(grid, width_px, below, is_shape_free)


def near_columns(scene: Scene, is_own: BoolArray) -> BoolImage:
    """Return the pixels (H, W) that are near enough to a column to tell about it."""
    from scipy.ndimage import distance_transform_edt

    shape = np.array(scene.image.shape)
    empty = np.ones(shape, dtype=bool)
    row, column = np.clip(np.rint(scene.starts[is_own]).astype(np.int64), 0, shape - 1).T
    empty[row, column] = False
    return np.asarray(distance_transform_edt(empty) < _FIELD_IN_WIDTHS * scene.field.width_px)


def first_solution(scene: Scene, chosen: BoolImage, shape: PeakShape) -> Solution:
    """Return the start of a fit: no heights yet, and noise as of the smoothed image."""
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(scene.image, _SMOOTHING_IN_WIDTHS * scene.field.width_px)
    noise = estimate_noise(scene.image, smooth, chosen)
    weights = chosen.astype(np.float32) / noise.variance(smooth)
    level = float(np.percentile((scene.image - scene.field.base)[chosen], 10))
    peaks = JointPeaks(
        scene.starts.copy(),
        np.zeros(len(scene.starts)),
        shape,
        np.full(scene.field.grid.count, level),
        np.zeros((len(scene.image) if scene.field.jitter_px > 0 else 0, 2)),
    )
    nothing = np.zeros((0, 0), np.float32)
    return Solution(peaks, noise, nothing, nothing, weights)
