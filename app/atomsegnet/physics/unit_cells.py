"""Unit cells of the crystals this program simulates, as ase builds them [angstrom]."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ase import Atoms

Fractions = tuple[float, float, float]
# Height of the cell of a single sheet; empty space, for ase wants three vectors [angstrom].
SHEET_CELL_HEIGHT = 6.7


def face_centered(symbol: str, a: float) -> Callable[[], Atoms]:
    """Return the builder of a face-centered cubic element."""
    return cubic(symbol, "fcc", a)


def diamond(symbol: str, a: float) -> Callable[[], Atoms]:
    """Return the builder of an element with the structure of diamond."""
    return cubic(symbol, "diamond", a)


def rock_salt(formula: str, a: float) -> Callable[[], Atoms]:
    """Return the builder of a compound with the structure of rock salt."""
    return cubic(formula, "rocksalt", a)


def cubic(formula: str, structure: str, a: float) -> Callable[[], Atoms]:
    """Return the builder of a cubic structure, by ase's name for it."""

    def build() -> Atoms:
        from ase.build import bulk

        return bulk(formula, structure, a=a, cubic=True)

    return build


def perovskite(formula: tuple[str, str, str], a: float) -> Callable[[], Atoms]:
    """Return the builder of a cubic perovskite: symbols of corner, center and faces."""

    def build() -> Atoms:
        from ase import Atoms

        corner, center, oxygen = formula
        return Atoms(
            [corner, center, oxygen, oxygen, oxygen],
            scaled_positions=[
                (0, 0, 0),
                (0.5, 0.5, 0.5),
                (0.5, 0.5, 0),
                (0.5, 0, 0.5),
                (0, 0.5, 0.5),
            ],
            cell=(a, a, a),
            pbc=True,
        )

    return build


def rutile(metal: str, a: float, c: float, u: float) -> Callable[[], Atoms]:
    """Return the builder of a rutile, P4_2/mnm: metal at 2a (0, 0, 0), oxygen at 4f (u, u, 0)."""

    def build() -> Atoms:
        from ase import Atoms

        return Atoms(
            [metal] * 2 + ["O"] * 4,
            scaled_positions=[
                (0, 0, 0),
                (0.5, 0.5, 0.5),
                (u, u, 0),
                (1 - u, 1 - u, 0),
                (0.5 - u, 0.5 + u, 0.5),
                (0.5 + u, 0.5 - u, 0.5),
            ],
            cell=(a, a, c),
            pbc=True,
        )

    return build


def layered_oxide(alkali: str, metal: str, a: float, c: float, z: float) -> Callable[[], Atoms]:
    """Return the builder of A M O2 with layers as LiCoO2: R-3m in its hexagonal cell.

    The metal stands at 3a (0, 0, 0), the alkali at 3b (0, 0, 1/2), oxygen at 6c (0, 0, z).
    """

    def build() -> Atoms:
        from ase import Atoms

        sites = [(metal, 0.0), (alkali, 0.5), ("O", z), ("O", -z)]
        centering = [(0, 0, 0), (2 / 3, 1 / 3, 1 / 3), (1 / 3, 2 / 3, 2 / 3)]
        return Atoms(
            [symbol for symbol, _ in sites for _ in centering],
            scaled_positions=[
                (x, y, (h + height) % 1) for _, h in sites for x, y, height in centering
            ],
            cell=(a, a, c, 90, 90, 120),
            pbc=True,
        )

    return build


def orthorhombic_perovskite(
    formula: tuple[str, str],
    cell: tuple[float, float, float],
    a_site: tuple[float, float],
    apex: tuple[float, float],
    base: Fractions,
) -> Callable[[], Atoms]:
    """Return the builder of A B O3 in the setting Pbnm of space group 62 (c the longest axis).

    A stands at 4c (x, y, 1/4), B at 4b (1/2, 0, 0), oxygen at 4c (x, y, 1/4) and 8d (x, y, z).

    Parameters
    ----------
    formula : tuple of str
        Symbols of A and B.
    cell : tuple of float
        a, b, c [angstrom].
    a_site, apex : tuple of float
        x, y of A and of the oxygen at 4c.
    base : tuple of float
        x, y, z of the oxygen at 8d.
    """

    def build() -> Atoms:
        from ase import Atoms

        sites: list[tuple[str, Fractions]] = [
            (formula[0], (*a_site, 0.25)),
            (formula[1], (0.5, 0.0, 0.0)),
            ("O", (*apex, 0.25)),
            ("O", base),
        ]
        symbols, positions = [], []
        for symbol, site in sites:
            for point in _pbnm_orbit(site):
                symbols.append(symbol)
                positions.append(point)
        return Atoms(symbols, scaled_positions=positions, cell=cell, pbc=True)

    return build


def _pbnm_orbit(site: Fractions) -> list[Fractions]:
    """Return the equivalent positions of Pbnm, each once.

    International Tables for Crystallography A (2016), doi 10.1107/97809553602060000114, no. 62,
    Pnma turned to the setting c a b.
    """
    x, y, z = site
    every = [
        (x, y, z),
        (0.5 - x, 0.5 + y, 0.5 - z),
        (-x, -y, 0.5 + z),
        (0.5 + x, 0.5 - y, -z),
    ]
    every += [(-p, -q, -r) for p, q, r in every]
    unique: dict[tuple[float, ...], Fractions] = {}
    for p, q, r in every:
        wrapped = (p % 1, q % 1, r % 1)
        unique.setdefault(tuple(round(w, 6) % 1 for w in wrapped), wrapped)
    return list(unique.values())


def graphene() -> Atoms:
    """Return the cell of graphene."""
    from ase import Atoms

    return Atoms(
        "C2",
        scaled_positions=[(1 / 3, 2 / 3, 0.5), (2 / 3, 1 / 3, 0.5)],
        cell=(2.461, 2.461, SHEET_CELL_HEIGHT, 90, 90, 120),
        pbc=(True, True, False),
    )


def molybdenum_disulfide() -> Atoms:
    """Return the cell of one layer of 2H MoS2."""
    from ase import Atoms

    return Atoms(
        "MoS2",
        scaled_positions=[(1 / 3, 2 / 3, 0.5), (2 / 3, 1 / 3, 0.365), (2 / 3, 1 / 3, 0.635)],
        cell=(3.160, 3.160, 11.6, 90, 90, 120),
        pbc=(True, True, False),
    )
