"""Climb to the maximum of the likelihood by damped Fisher scoring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.background_grid import BackgroundGrid
from atomsegnet.analysis.border_columns import border_distances
from atomsegnet.analysis.joint_equations import Equations, joint_equations
from atomsegnet.analysis.joint_peaks import FARTHEST_SHIFT_IN_WIDTHS, Field, JointPeaks
from atomsegnet.analysis.line_shifts import FARTHEST_LINE_IN_WIDTHS, jitter_after
from atomsegnet.analysis.noise_line import NoiseLine, estimate_noise

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# A fit has ended when no column moves by more than this part of its standard error with all else
# known, or of the width.
_LAST_SHIFT_IN_ERRORS = 0.05
_LAST_SHIFT_IN_WIDTHS = 2e-4

# Damping: part of the diagonal, more after a step that gains less than this of what it should, and
# what is known about a position beforehand, as a standard error [widths]; it holds columns that are
# not there, and hardly slows down any other.
_DAMPING = 1e-3
_MORE_DAMPING = 10.0
_LEAST_GAIN = 0.25
_LOOSE_POSITION_IN_WIDTHS = 0.5

# A single step moves a column by no more than this part of the width.
_LONGEST_STEP_IN_WIDTHS = 0.25

# A height below this part of the range of intensities has no position that could be fitted.
_LOWEST_HEIGHT = 1e-5

# Solver of the equations: accuracy of a step and most rounds.
_STEP_ACCURACY = 1e-4
_MOST_ROUNDS = 300

# A step that makes things worse is shortened to its best part, at most so many times.
_SHORTENINGS = 3


@dataclass(frozen=True, eq=False)
class Scene:
    """What is fitted: image (H, W) scaled to 0 to 1, where, and starts (N, 2) [px]."""

    image: FloatImage
    field: Field
    starts: FloatArray

    def select(self, chosen: BoolArray) -> Scene:
        """Return the scene with some of the starts."""
        return replace(self, starts=self.starts[chosen])


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a fit is.

    Attributes
    ----------
    peaks : JointPeaks
        The columns.
    noise : NoiseLine
        The noise.
    rendered : ndarray of float32, shape (7, H, W) or (2, H, W)
        The image of the peaks, as `JointPeaks.rendered` gives it.
    residual, weights : ndarray of float32, shape (H, W)
        Image minus peaks, and one over the variance of each pixel, 0 for pixels left out.
    """

    peaks: JointPeaks
    noise: NoiseLine
    rendered: FloatImage
    residual: FloatImage
    weights: FloatImage

    def cost(self, field: Field) -> float:
        """Return the sum of the squared normalized residuals, and of what is expected before."""
        left = float(np.sum(self.weights * self.residual**2, dtype=np.float64))
        return left + self.peaks.surprise(field)

    def select(self, chosen: BoolArray) -> Solution:
        """Return the solution with some of the columns; its images stay those of all."""
        peaks = replace(
            self.peaks,
            positions=self.peaks.positions[chosen],
            heights=self.peaks.heights[chosen],
        )
        return replace(self, peaks=peaks)

    def extended(self, positions: FloatArray, heights: FloatArray) -> Solution:
        """Return the solution with more columns; its images stay those without."""
        peaks = replace(
            self.peaks,
            positions=np.concatenate([self.peaks.positions, positions]),
            heights=np.concatenate([self.peaks.heights, heights]),
        )
        return replace(self, peaks=peaks)

    def moved(self, scene: Scene, peaks: JointPeaks) -> Solution:
        """Return the solution with other columns and the same weights."""
        rendered = peaks.rendered(scene.field)
        residual = scene.image - rendered[0]
        return replace(self, peaks=peaks, rendered=rendered, residual=residual)


def climb(
    scene: Scene,
    first: Solution,
    chosen: BoolArray,
    *,
    steps: int,
    noise_step: int | None,
    tell: Callable[[int], None],
) -> tuple[Solution, Equations, BoolArray]:
    """Maximize the likelihood.

    Fisher scoring: Newton steps with the expected second derivatives, damped after D. W. Marquardt,
    J. Soc. Ind. Appl. Math. 11, 431 (1963), doi 10.1137/0111030. As long as no heights are known,
    the step is one of heights and background alone.

    Parameters
    ----------
    scene, first
        What is fitted, and from where.
    chosen : ndarray of bool, shape (H, W)
        Pixels that count.
    steps : int
        Most steps.
    noise_step : int or None
        After this step the noise is estimated anew from what the model leaves.
    tell : callable
        Called with the number of each step.

    Returns
    -------
    Solution, Equations, ndarray of bool
        The end, the equations of the last step, and which columns, (N,), that step has moved by
        what matters.
    """
    solution = first.moved(scene, first.peaks)
    has_heights = bool(first.peaks.heights.any())
    # Columns beyond the border have no position that would settle.
    is_inside = border_distances(scene.starts, scene.image.shape) >= 0
    damping = _DAMPING
    for number in range(steps):
        tell(number)
        is_first = number == 0 and not has_heights
        equations = joint_equations(
            scene.field, solution.peaks, solution.rendered, solution.residual, solution.weights
        )
        width = scene.field.width_px
        step = _solved(equations, solution.peaks, width, 0.0 if is_first else damping)
        before, expected = solution, float(step @ equations.score)
        solution = _stepped(scene, solution, step, expected)
        if not is_first:
            gained = before.cost(scene.field) - solution.cost(scene.field)
            is_poor = solution is before or gained < _LEAST_GAIN * expected
            damping = min(damping * _MORE_DAMPING, 1) if is_poor else max(damping / 10, _DAMPING)
        if len(solution.peaks.lines):
            last = equations.information.shape[0] - equations.shared
            known = equations.information.diagonal()[last - solution.peaks.lines.size : last]
            jitter = jitter_after(solution.peaks.lines, known)
            scene = replace(scene, field=replace(scene.field, jitter_px=jitter))
        has_moved = is_inside & _have_moved(
            np.abs(solution.peaks.positions - before.peaks.positions),
            equations.information.diagonal()[: 3 * len(is_inside)].reshape(-1, 3)[:, 1:],
            width,
        )
        has_ended = solution is not before and not has_moved.any()
        noise = solution.noise
        if number == noise_step:
            noise = estimate_noise(scene.image, solution.rendered[0], chosen)
        weights = chosen.astype(np.float32) / noise.variance(solution.rendered[0])
        solution = replace(solution, noise=noise, weights=weights)
        if has_ended and (noise_step is None or number > noise_step):
            break
    tell(steps)
    return solution, equations, has_moved


def climb_with_some(
    scene: Scene, begin: Solution, some: BoolArray, steps: int, *, with_background: bool = False
) -> Solution:
    """Maximize the likelihood by some of the columns, (N,), with all others as they are.

    With the background, the noise is estimated anew as well.
    """
    whole = begin.moved(scene, begin.peaks)
    field, peaks = scene.field, begin.select(some).peaks
    if not with_background:
        field = replace(field, grid=BackgroundGrid(field.grid.shape, (1, 1)))
        peaks = replace(peaks, knots=np.zeros(field.grid.count))
    alone = peaks.rendered(replace(field, base=np.zeros_like(scene.image)))
    field = replace(field, base=whole.rendered[0] - alone[0])
    part = Scene(scene.image, field, scene.starts[some])
    end, _, _ = climb(
        part,
        replace(whole, peaks=peaks),
        whole.weights > 0,
        steps=steps,
        noise_step=1 if with_background else None,
        tell=lambda _: None,
    )
    positions, heights = begin.peaks.positions.copy(), begin.peaks.heights.copy()
    positions[some], heights[some] = end.peaks.positions, end.peaks.heights
    moved = replace(begin.peaks, positions=positions, heights=heights)
    if with_background:
        moved = replace(moved, knots=end.peaks.knots)
        whole = replace(whole, noise=end.noise, weights=end.weights)
    return whole.moved(scene, moved)


def _have_moved(shift: FloatArray, information: FloatArray, width_px: float) -> BoolArray:
    """Tell which columns have moved by what matters, (N,); arrays (N, 2)."""
    is_small = shift * np.sqrt(information) < _LAST_SHIFT_IN_ERRORS
    is_still = is_small | (shift < _LAST_SHIFT_IN_WIDTHS * width_px)
    return np.asarray(~is_still.all(axis=1))


def _solved(equations: Equations, peaks: JointPeaks, width_px: float, damping: float) -> FloatArray:
    """Return the step of all parameters; undamped, of heights and background alone."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg, splu

    own = 3 * len(peaks.positions)
    diagonal = equations.information.diagonal()
    is_free = diagonal > 1e-12 * diagonal.max()
    is_position = np.zeros(len(diagonal), dtype=bool)
    is_position[:own] = np.arange(own) % 3 > 0
    is_shape = np.arange(len(diagonal)) >= len(diagonal) - equations.shared
    if equations.shared:
        is_free[-2:] &= (np.array(peaks.shape[-2:]) > 0) | (equations.score[-2:] > 0)
    if damping == 0:
        is_free &= ~(is_position | is_shape)
    scale = np.where(is_free, 1 / np.sqrt(np.where(is_free, diagonal, 1)), 0)
    loose = (_LOOSE_POSITION_IN_WIDTHS * width_px) ** -2 * scale**2 * is_position
    raised = np.where(is_free, damping, 1) + loose
    scaling = diags_array(scale)
    matrix = scaling @ equations.information @ scaling + diags_array(raised)
    if len(peaks.lines):
        # Each line meets all columns beside it, so that the factors would be full.
        found, _ = cg(matrix, equations.score * scale, rtol=_STEP_ACCURACY, maxiter=_MOST_ROUNDS)
    else:
        symmetric = {"SymmetricMode": True}
        factors = splu(matrix.tocsc(), "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=symmetric)
        found = factors.solve(equations.score * scale)
    return np.asarray(found * scale, dtype=np.float64)


def _stepped(scene: Scene, solution: Solution, step: FloatArray, slope: float) -> Solution:
    """Take a step, or the best part of it where the whole one makes things worse."""
    part = 1.0
    field = scene.field
    cost = solution.cost(field)
    trial = solution
    for _ in range(_SHORTENINGS):
        trial = solution.moved(scene, _moved_peaks(scene, solution.peaks, part * step))
        worse = trial.cost(field) - cost
        if worse <= 0:
            return trial
        # The parabola with this value and slope at its start and the value at the trial.
        bend = worse + 2 * part * slope
        part *= float(np.clip(part * slope / max(bend, 1e-300), 0.1, 0.5))
    return trial if trial.cost(field) <= cost else solution


def _moved_peaks(scene: Scene, peaks: JointPeaks, step: FloatArray) -> JointPeaks:
    """Return the peaks after a step, within the limits of each number."""
    count, width = len(peaks.positions), scene.field.width_px
    ends = np.cumsum([3 * count, len(peaks.knots), peaks.lines.size])
    own, by_knots, by_lines, by_shape = np.split(step, ends)
    own = own.reshape(count, 3)
    longest, farthest = _LONGEST_STEP_IN_WIDTHS * width, FARTHEST_SHIFT_IN_WIDTHS * width
    positions = peaks.positions + own[:, 1:].clip(-longest, longest)
    return JointPeaks(
        positions=np.clip(positions, scene.starts - farthest, scene.starts + farthest),
        heights=np.maximum(peaks.heights + own[:, 0], _LOWEST_HEIGHT),
        shape=peaks.shape.changed(by_shape, width) if len(by_shape) else peaks.shape,
        knots=peaks.knots + by_knots,
        lines=np.clip(
            peaks.lines + by_lines.reshape(-1, 2),
            -FARTHEST_LINE_IN_WIDTHS * width,
            FARTHEST_LINE_IN_WIDTHS * width,
        ),
    )
