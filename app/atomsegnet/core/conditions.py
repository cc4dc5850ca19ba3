"""Under which conditions an image was recorded, as far as it tells them itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Conditions:
    """Numbers of an image from which similar ones can be simulated.

    Attributes
    ----------
    column_width_px : float
        Full width at half maximum of a column [px].
    pixel_size_nm : float or None
        Side of a pixel [nm]; None where nobody knows.
    psnr_db : float
        Height of a strong column over the noise at the mean intensity [dB], 20 log10.
    counts : float or None
        Counts at the top of a strong column, above the background; None where the noise does not
        tell, because it does not grow with the intensity.
    background : float
        Unevenness of the background: its 5th to 95th percentile over the height of a strong column.
    jitter_px : float
        Standard deviation of the displacement of scan lines [px].
    """

    column_width_px: float
    pixel_size_nm: float | None
    psnr_db: float
    counts: float | None
    background: float
    jitter_px: float

    @property
    def dose_e_per_nm2(self) -> float | None:
        """Counts at the top of a strong column for each square nanometer."""
        if self.counts is None or self.pixel_size_nm is None:
            return None
        return self.counts / self.pixel_size_nm**2

    @property
    def fwhm_nm(self) -> float | None:
        """Full width at half maximum of a column [nm]."""
        if self.pixel_size_nm is None:
            return None
        return self.column_width_px * self.pixel_size_nm

    def lines(self) -> list[tuple[str, str]]:
        """Return name and value of each number, for the user."""
        pixel, dose, counts = self.pixel_size_nm, self.dose_e_per_nm2, self.counts
        return [
            ("Pixel size", "not known" if pixel is None else f"{1e3 * pixel:.3g} pm"),
            ("Column width", f"{self.column_width_px:.1f} px" + _in_pm(self.fwhm_nm)),
            ("Signal to noise", f"{self.psnr_db:.0f} dB"),
            (
                "Dose",
                f"{_plain(dose)} counts/nm\N{SUPERSCRIPT TWO} at the top of a column"
                if dose is not None
                else f"{_plain(counts)} counts at the top of a column"
                if counts is not None
                else "not told by the noise",
            ),
            ("Background", f"uneven by {100 * self.background:.0f} % of a column"),
            ("Scan noise", f"{self.jitter_px:.2f} px from line to line"),
        ]

    def sentence(self) -> str:
        """Return the numbers in one line."""
        return "; ".join(f"{name}: {value}" for name, value in self.lines())


def _in_pm(length_nm: float | None) -> str:
    return "" if length_nm is None else f", {1e3 * length_nm:.0f} pm"


def _plain(number: float) -> str:
    """Write two digits without a power of ten."""
    return f"{float(f'{number:.2g}'):.15g}"
