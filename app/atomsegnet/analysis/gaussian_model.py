"""A Gaussian peak on a constant background: its derivatives, steps and errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Row and column of the center [px from the start position], amplitude, background, log of sigma.
PARAMETER_COUNT = 5

# Added to the diagonal of the normal equations, as a part of its largest entry and absolutely
# (intensities are between 0 and 1), so that no column makes the solver of all of them fail.
_RIDGE = 1e-9
_LEAST_DIAGONAL = 1e-12

# A pixel that decides on a parameter alone has the leverage 1 and no residual.
_LEAST_FREEDOM = 0.05


@dataclass(frozen=True, eq=False)
class PeakPixels:
    """The pixels of some columns, all float32 of shape (n, K).

    Attributes
    ----------
    values : ndarray of float32
        Intensities, scaled to 0 to 1 for each column; 0 for pixels that do not belong to it.
    rows, columns : ndarray of float32
        Distance of each pixel from the start position of its column [px].
    weights : ndarray of float32
        1 for pixels that belong to the column, else 0.
    is_width_free : ndarray of bool, shape (n,)
        Whether the width of the column is fitted, or stays what it is.
    """

    values: FloatImage
    rows: FloatImage
    columns: FloatImage
    weights: FloatImage
    is_width_free: npt.NDArray[np.bool_]

    def select(self, chosen: npt.NDArray[np.int64]) -> PeakPixels:
        """Return the pixels of some of the columns."""
        return PeakPixels(
            self.values[chosen],
            self.rows[chosen],
            self.columns[chosen],
            self.weights[chosen],
            self.is_width_free[chosen],
        )


def derivatives_and_residual(pixels: PeakPixels, parameters: FloatArray) -> FloatImage:
    """Return the derivatives of the model by the parameters and, last, the residual: (n, 6, K).

    The model is ``B + A exp(-((y - y0)^2 + (x - x0)^2) / (2 sigma^2))``.
    """
    row, column, amplitude, background, log_sigma = parameters.astype(np.float32).T[..., None]
    curvature = np.exp(-2 * log_sigma)
    shape = (len(parameters), PARAMETER_COUNT + 1, pixels.values.shape[1])
    result = np.empty(shape, dtype=np.float32)
    by_row, by_column, by_amplitude, by_background, by_log_sigma, residual = result.swapaxes(0, 1)
    # Worked out in place: these arrays decide how long a fit takes.
    np.subtract(pixels.rows, row, out=by_row)
    np.subtract(pixels.columns, column, out=by_column)
    np.multiply(by_row, by_row, out=by_log_sigma)
    by_log_sigma += by_column * by_column
    by_log_sigma *= curvature
    np.multiply(by_log_sigma, np.float32(-0.5), out=by_amplitude)
    np.exp(by_amplitude, out=by_amplitude)
    by_amplitude *= pixels.weights
    by_background[:] = pixels.weights
    peak = amplitude * by_amplitude
    np.subtract(pixels.values, peak, out=residual)
    residual -= background * pixels.weights
    by_log_sigma *= peak
    by_log_sigma *= pixels.is_width_free[:, None]
    peak *= curvature
    by_row *= peak
    by_column *= peak
    return result


def products(pixels: PeakPixels, parameters: FloatArray) -> FloatArray:
    """Return the products of derivatives and residual with each other, (n, 6, 6)."""
    both = derivatives_and_residual(pixels, parameters)
    return (both @ both.swapaxes(1, 2)).astype(np.float64)


def damped_step(normal_and_residual: FloatArray, damping: FloatArray) -> FloatArray:
    """Solve the damped normal equations.

    Parameters
    ----------
    normal_and_residual : ndarray of float64, shape (n, 6, 6)
        From `products`.
    damping : ndarray of float64, shape (n,)
        Part by which the diagonal is raised.

    Returns
    -------
    ndarray of float64, shape (n, 5)
        What to add to the parameters.
    """
    normal = normal_and_residual[:, :PARAMETER_COUNT, :PARAMETER_COUNT].copy()
    _raise_diagonal(normal, damping[:, None])
    step = np.linalg.solve(normal, normal_and_residual[:, :PARAMETER_COUNT, PARAMETER_COUNT:])
    return np.asarray(step[..., 0], dtype=np.float64)


def position_errors(pixels: PeakPixels, parameters: FloatArray) -> FloatArray:
    """Return the standard errors of the positions, (n, 2) [px].

    From the residual of each pixel and the derivatives, without the assumption that all pixels are
    equally noisy, which counting noise breaks: H. White, Econometrica 48, 817 (1980), doi
    10.2307/1912934, with each squared residual over one minus its leverage, HC2 of J. G. MacKinnon
    and H. White, J. Econom. 29, 305 (1985), doi 10.1016/0304-4076(85)90158-7.
    """
    both = derivatives_and_residual(pixels, parameters)
    slopes, residual = both[:, :PARAMETER_COUNT], both[:, PARAMETER_COUNT]
    normal = (slopes @ slopes.swapaxes(1, 2)).astype(np.float64)
    _raise_diagonal(normal, 0.0)
    # What each pixel adds to each parameter.
    gains = np.linalg.inv(normal).astype(np.float32) @ slopes
    freedom = np.maximum(1 - np.einsum("npk,npk->nk", gains, slopes), _LEAST_FREEDOM)
    variance = np.einsum("npk,npk,nk->np", gains[:, :2], gains[:, :2], residual**2 / freedom)
    return np.asarray(np.sqrt(variance), dtype=np.float64)


def _raise_diagonal(normal: FloatArray, part: FloatArray | float) -> None:
    diagonal = np.einsum("nii->ni", normal)
    diagonal *= 1 + part
    diagonal += _LEAST_DIAGONAL + _RIDGE * diagonal.max(axis=1, keepdims=True)
