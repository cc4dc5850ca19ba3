"""Whether the crystal around a place repeats what is there.

A crystal shows every column again and again, at the same place among the columns around; bumps of a
film, dirt and noise stand anywhere. So what a network is unsure of counts where the crystal repeats
it, and does not where it stays alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import border_distances

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int64]

# Of these columns the network is sure. A place is described by where it lies from each of the
# nearest few of them, and looked for at the same place from so many others around.
SURE = 0.95
_NEAREST = 3
_AROUND = 24
# What is found within this part of a width of such a place repeats it.
_TOLERANCE_IN_WIDTHS = 0.3

# Nearer to a column than this [widths] there is no room for another.
_FREE_IN_WIDTHS = 0.9
# A place where nothing was found is worth a look if so many columns repeat there.
_FEWEST_REPEATS = 3
# It lies within the crystal: the middle of so many sure columns around it is off by less than this
# part of their distance. For a row beyond the last one that is 0.6.
_SURROUNDING = 8
_ASIDE = 0.5
# Places found in one round are repeated in the next.
_ROUNDS = 3

# Half of the sure columns of a crystal are repeated at least at this part of the places around;
# else it is none, and nothing is said.
_LEAST_SHARE_OF_CRYSTAL = 0.5
# So many of them tell.
_ENOUGH = 400
# A column of which the network is less sure than the first number must be repeated at this part of
# the places around to stay. One below the threshold, but as sure as the third number, counts if so
# many of them repeat it.
_UNSURE = 0.9
_LEAST_SHARE = 0.2
_DOUBTFUL = 0.5
_SHARE_IF_DOUBTFUL = 0.5
# One that a fit to the image bears out counts if it is repeated at this part of the places; in
# rutile, where the neighbors of every second column are turned, that is half of them at most.
_LEAST_SHARE_IF_FITTED = 0.3


def are_columns(
    positions: FloatArray, confidence: FloatArray, by_map: BoolArray, width_px: float
) -> BoolArray:
    """Tell which of the maxima of a map are columns, shape (N,).

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Where they are [px].
    confidence : ndarray of float64, shape (N,)
        How sure the network is of each, 0 to 1; also of those below the threshold.
    by_map : ndarray of bool, shape (N,)
        Which are columns unless the crystal says otherwise.
    width_px : float
        Full width at half maximum of the columns [px].
    """
    is_column = by_map.copy()
    sure = np.flatnonzero(confidence >= SURE)
    if not are_crystal(positions, sure, width_px):
        return is_column
    asked = np.flatnonzero((confidence < _UNSURE) & (is_column | (confidence >= _DOUBTFUL)))
    share = shares(positions, sure, asked, width_px)
    is_column[asked] = share >= np.where(is_column[asked], _LEAST_SHARE, _SHARE_IF_DOUBTFUL)
    return is_column


def are_crystal(positions: FloatArray, sure: IndexArray, width_px: float) -> bool:
    """Tell whether sure columns repeat one another, with arguments as for `shares`."""
    if len(sure) <= _AROUND:
        return False
    some = sure[:: -(-len(sure) // _ENOUGH)]
    return bool(np.median(shares(positions, sure, some, width_px)) >= _LEAST_SHARE_OF_CRYSTAL)


def shares(
    positions: FloatArray,
    sure: IndexArray,
    asked: IndexArray,
    width_px: float,
) -> FloatArray:
    """Return at which part of the places around a column is repeated, 0 to 1, shape (M,).

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        All columns, doubtful ones included [px].
    sure : ndarray of int64, shape (S,)
        Which of them are sure; more than `_AROUND`.
    asked : ndarray of int64, shape (M,)
        Which of them are asked about.
    width_px : float
        Full width at half maximum of the columns [px].
    """
    from scipy.spatial import cKDTree

    best = np.zeros(len(asked))
    if not len(asked):
        return best
    everything = cKDTree(positions)
    for nearest in range(_NEAREST):
        places = _places_around(positions, sure, asked, nearest)
        nearby, _ = everything.query(places.reshape(-1, 2), workers=-1)
        is_there = (nearby < _TOLERANCE_IN_WIDTHS * width_px).reshape(places.shape[:2])
        best = np.maximum(best, is_there.mean(axis=1))
    return best


def are_repeated(
    positions: FloatArray, is_sure: BoolArray, is_asked: BoolArray, width_px: float
) -> BoolArray:
    """Tell which of the columns asked about the crystal repeats, shape (N,).

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        All columns [px].
    is_sure, is_asked : ndarray of bool, shape (N,)
        Which of them are sure, and which are asked about.
    width_px : float
        Full width at half maximum of the columns [px].
    """
    sure = np.flatnonzero(is_sure)
    is_repeated = np.zeros(len(positions), dtype=bool)
    if are_crystal(positions, sure, width_px):
        share = shares(positions, sure, np.flatnonzero(is_asked), width_px)
        is_repeated[is_asked] = share >= _LEAST_SHARE_IF_FITTED
    return is_repeated


def unfilled_places(
    positions: FloatArray, sure: IndexArray, width_px: float, shape: tuple[int, int]
) -> FloatArray:
    """Return where the image should show more columns [px], shape (M, 2).

    That is where several columns would be repeated but none is; nowhere if they are no crystal.

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Columns that are to be repeated [px].
    sure, width_px
        As for `shares`.
    shape : tuple of int
        Rows and columns of the image [px].
    """
    known = positions
    if are_crystal(positions, sure, width_px):
        for _ in range(_ROUNDS):
            more = _unfilled_once(known, sure, width_px, shape)
            known = np.concatenate([known, more])
    return known[len(positions) :]


def _unfilled_once(
    positions: FloatArray, sure: IndexArray, width_px: float, shape: tuple[int, int]
) -> FloatArray:
    """Return what `unfilled_places` does, without what the places found would tell of others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    places = _places_around(positions, sure, np.arange(len(positions)), 0).reshape(-1, 2)
    places = places[border_distances(places, shape) > 0]
    nearby, _ = cKDTree(positions).query(places, workers=-1)
    places = places[nearby > _FREE_IN_WIDTHS * width_px]
    # Those that are one place for several columns hang together.
    pairs = cKDTree(places).query_pairs(_TOLERANCE_IN_WIDTHS * width_px, output_type="ndarray")
    linked = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(places),) * 2)
    count, place = connected_components(linked, directed=False)
    repeats = np.bincount(place, minlength=count)
    sums = [np.bincount(place, axis, minlength=count) for axis in places.T]
    middles = np.stack(sums, axis=1) / repeats[:, None]
    middles = middles[repeats >= _FEWEST_REPEATS]
    distance, around = cKDTree(positions[sure]).query(middles, k=_SURROUNDING)
    aside = np.linalg.norm(positions[sure][around].mean(axis=1) - middles, axis=1)
    return np.asarray(middles[aside < _ASIDE * distance.mean(axis=1)])


def _places_around(
    positions: FloatArray, sure: IndexArray, asked: IndexArray, nearest: int
) -> FloatArray:
    """Return where columns stand that repeat the ones asked about, (M, `_AROUND` - 1, 2) [px].

    As they stand beside one of their nearest sure columns, so beside the others around.
    """
    from scipy.spatial import cKDTree

    own, known = positions[asked], positions[sure]
    distance, around = cKDTree(known).query(own, k=np.arange(1, _AROUND + 2))
    # A column does not stand beside itself.
    around = np.where(distance[:, :1] == 0, around[:, 1:], around[:, :-1])
    step = own - known[around[:, nearest]]
    return np.asarray(known[np.delete(around, nearest, axis=1)] + step[:, None])
