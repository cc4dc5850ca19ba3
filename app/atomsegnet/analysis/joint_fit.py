"""The joint fit of the columns of one image, from its starts to the columns that stand out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import border_starts
from atomsegnet.analysis.joint_choice import UNFOUND, are_apart
from atomsegnet.analysis.joint_equations import Equations, joint_equations
from atomsegnet.analysis.joint_solution import Fit
from atomsegnet.analysis.joint_start import field_for, first_solution, near_columns
from atomsegnet.analysis.marginal_errors import marginal_errors
from atomsegnet.analysis.misfit import misfit, structure
from atomsegnet.analysis.neighbors import are_near
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.scoring import Scene, Solution, climb, climb_with_some
from atomsegnet.core.progress import Progress, Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolImage = npt.NDArray[np.bool_]
BoolArray = npt.NDArray[np.bool_]

# Steps until the starts that are plainly empty are dropped, until the end, and once more after
# columns were dropped for being too low.
FIRST_STEPS = 3
STEPS = 7
STEPS_AGAIN = 4
# Where the shape is known, all columns are moved in so many steps, and then those that still move;
# after a change, those nearer to it than so many widths.
_STEPS_OF_ALL = 3
_CHANGED_IN_WIDTHS = 2.5
# New columns lower the background, and with it raise the heights, so many knots farther.
_SHARED_IN_KNOTS = 1.5
_ALL_STEPS = FIRST_STEPS + STEPS + STEPS_AGAIN + 3

# A start is plainly empty if its height, all else known, is below this part of what a column needs.
_EMPTY = 0.8

# Least height of a column beyond the border in its own standard errors.
_SIGNIFICANT_BEYOND = 3.0


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
    significant, taking_part : ndarray of float64, shape (N,)
        Least height of a column, and of what takes part in the fit, in its own standard errors.
    report : callable
        Called after every step.
    """

    scene: Scene
    number: npt.NDArray[np.int64]
    is_own: BoolArray
    significant: FloatArray
    taking_part: FloatArray
    report: Report

    @classmethod
    def of(
        cls,
        image: FloatImage,
        starts: FloatArray,
        width_px: float,
        limits: FloatArray,
        report: Report,
        *,
        is_shape_free: bool,
        jitter_px: float = 0.0,
    ) -> JointFit:
        """Return the fit of an image scaled to 0 to 1 from the starts (n, 2) of the user.

        Their limits (n, 2) are what `significant` and `taking_part` say of them. Lines may be
        displaced by a standard deviation of about `jitter_px`; 0 if they are not.
        """
        beyond = border_starts(starts, image.shape, width_px)
        places = np.concatenate([starts, beyond])
        number = np.arange(len(places))
        limits = np.concatenate([limits, np.full((len(beyond), 2), _SIGNIFICANT_BEYOND)])
        field = field_for(image, starts, width_px, is_shape_free=is_shape_free)
        field = replace(field, jitter_px=jitter_px)
        scene = Scene(image, field, places)
        significant, taking_part = limits.T
        return cls(scene, number, number < len(starts), significant, taking_part, report)

    def select(self, chosen: BoolArray) -> JointFit:
        """Return the fit of some of the starts."""
        return replace(
            self,
            scene=self.scene.select(chosen),
            number=self.number[chosen],
            is_own=self.is_own[chosen],
            significant=self.significant[chosen],
            taking_part=self.taking_part[chosen],
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
            taking_part=np.concatenate([self.taking_part, np.full(more, significant)]),
        )

    def begun(self, shape: PeakShape) -> tuple[JointFit, Solution]:
        """Take the first steps, and leave out the starts that are plainly empty."""
        chosen = near_columns(self.scene, self.is_own)
        solution, equations, _ = climb(
            self.scene,
            first_solution(self.scene, chosen, shape),
            chosen,
            steps=FIRST_STEPS,
            noise_step=FIRST_STEPS - 1,
            tell=self._tell(0),
        )
        errors = _height_errors(equations.information, self.count)
        kept = solution.peaks.heights > _EMPTY * self.taking_part * errors
        kept &= are_apart(self, solution.peaks.positions, self.is_own & kept)
        return self.select(kept), solution.select(kept)

    def fitted(self, begin: Solution) -> Fit:
        """Fit to the end, and work out the errors."""
        solution, equations = self._climbed(begin, STEPS, noise_step=1)
        width = self.scene.field.width_px
        bare = marginal_errors(equations, solution.peaks.positions, width)
        return self._with_errors(solution, equations, bare)

    def fitted_with_more(self, before: Fit, places: FloatArray, heights: FloatArray) -> Fit:
        """Fit again, the last columns being new ones at places (M, 2) of some heights (M,).

        Without them the background and the noise were taken for more than they are.
        """
        begin = before.solution.extended(places, heights)
        if self.scene.field.is_shape_free:
            solution, equations = self._climbed(begin, STEPS, noise_step=1)
        else:
            reach = self._changed_px + _SHARED_IN_KNOTS * self.scene.field.grid.spacing_px
            is_near = are_near(begin.peaks.positions, places, reach)
            solution = climb_with_some(self.scene, begin, is_near, STEPS, with_background=True)
            equations = self._equations(solution)
        bare = np.concatenate([before.bare, np.zeros((len(places), 4))])
        bare = self._renewed(bare, equations, solution, places)
        return self._with_errors(solution, equations, bare)

    def fitted_with_less(self, before: Fit, places: FloatArray) -> Fit:
        """Fit again after columns went from places (M, 2), which were low ones.

        Where the shape is known, only the columns near these places move.
        """
        begin = before.solution
        if self.scene.field.is_shape_free:
            solution, equations = self._climbed(begin, STEPS_AGAIN, noise_step=None)
        else:
            is_near = are_near(begin.peaks.positions, places, self._changed_px)
            solution = climb_with_some(self.scene, begin, is_near, STEPS_AGAIN)
            equations = self._equations(solution)
        bare = self._renewed(before.bare, equations, solution, places)
        return self._with_errors(solution, equations, bare)

    def _climbed(
        self, begin: Solution, steps: int, noise_step: int | None
    ) -> tuple[Solution, Equations]:
        """Return the end of a climb.

        Where the shape is known, after some steps of all columns only those move on that still do.
        """
        is_shape_free = self.scene.field.is_shape_free
        solution, equations, has_moved = climb(
            self.scene,
            begin,
            near_columns(self.scene, self.is_own),
            steps=steps if is_shape_free else _STEPS_OF_ALL,
            noise_step=noise_step,
            tell=self._tell(FIRST_STEPS + 1 if noise_step else FIRST_STEPS + STEPS + 2),
        )
        if not is_shape_free and has_moved.any():
            solution = climb_with_some(self.scene, solution, has_moved, steps)
            equations = self._equations(solution)
        return solution, equations

    def _renewed(
        self, bare: FloatArray, equations: Equations, solution: Solution, places: FloatArray
    ) -> FloatArray:
        """Return the errors (N, 4), worked out anew near places (M, 2), or for a free shape."""
        width, positions = self.scene.field.width_px, solution.peaks.positions
        if self.scene.field.is_shape_free:
            return marginal_errors(equations, positions, width)
        some = np.flatnonzero(are_near(positions, places, self._changed_px))
        bare = bare.copy()
        bare[some] = marginal_errors(equations, positions, width, some)
        return bare

    @property
    def _changed_px(self) -> float:
        """How far from a place where a column came or went others change [px]."""
        return _CHANGED_IN_WIDTHS * self.scene.field.width_px

    def _equations(self, solution: Solution) -> Equations:
        """Return the equations at a solution."""
        of_solution = (solution.rendered, solution.residual, solution.weights)
        return joint_equations(self.scene.field, solution.peaks, *of_solution)

    def _with_errors(self, solution: Solution, equations: Equations, bare: FloatArray) -> Fit:
        """Return the fit with all errors."""
        width = self.scene.field.width_px
        inflation = misfit(self.scene.field, solution.peaks, solution.residual, solution.weights)
        alone = _height_errors(equations.information, self.count)
        scatter = structure(width, solution.residual, solution.weights)
        return Fit(solution, bare, inflation, alone, scatter)

    @property
    def count(self) -> int:
        """Number of starts."""
        return len(self.number)

    def _tell(self, offset: int) -> Callable[[int], None]:
        def tell(done: int) -> None:
            self.report(Progress(offset + done, _ALL_STEPS, "Fitting columns"))

        return tell


def _height_errors(information, count: int) -> FloatArray:  # type: ignore[no-untyped-def] # scipy
    """Return the standard errors of the heights with all else known, (N,)."""
    alone = information.diagonal()[: 3 * count : 3]
    return np.asarray(1 / np.sqrt(np.maximum(alone, 1e-30)))
