"""The ranges from which scenes are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from atomsegnet.physics.structure import ProjectedCell


@dataclass(frozen=True)
class SceneSettings:
    """Ranges from which scenes are drawn.

    Attributes
    ----------
    psnr_db : tuple of float
        Height of the strongest column over the mean noise [dB], 20 log10.
    empty_share : float
        Share of frames without any column.
    jitter_px : float
        Largest scan jitter [px].
    crystals : tuple of ProjectedCell
        Named crystals; empty for all materials of the list.
    crystal_share : float
        Share of frames with a named crystal.
    speckle_share : float
        Share of frames on an amorphous film.
    fwhm_nm : tuple of float or None
        Range of the full width at half maximum of a column [nm]; None for that of the drawn probes.
    background : tuple of float
        Range of the height of the features of the background [strongest column].
    kinds : tuple of str
        Morphologies, out of those of `atomsegnet.physics.draw_specimen.SHARES`; empty for all.
    """

    psnr_db: tuple[float, float] = (5.0, 35.0)
    empty_share: float = 0.17
    jitter_px: float = 1.5
    crystals: tuple[ProjectedCell, ...] = ()
    crystal_share: float = 0.3
    speckle_share: float = 0.25
    fwhm_nm: tuple[float, float] | None = None
    background: tuple[float, float] = (0.03, 4.0)
    kinds: tuple[str, ...] = ()
