"""Where dots and labels stand so that none covers another: the same places every time, nothing drawn by chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

CHARACTER, LINE_HEIGHT, REACH, CLEARANCE = 6.2, 13.0, 5.0, 12.0
"""In pixels: a character of a small text, on the wide side; its line; half a point; and how far a label keeps from others."""

Align = Literal["left", "center", "right"]


def swarm(values: ArrayLike, size: float, room: float) -> NDArray[np.float64]:
    """Return how far each dot stands aside so that dots of one size do not overlap.

    Parameters
    ----------
    values : array_like, shape (n,)
        Where the dots stand along the axis, in pixels; none missing.
    size : float
        Diameter of a dot, in pixels.
    room : float
        No dot stands further aside than this many pixels; when they are too many, they move closer and overlap.

    Returns
    -------
    ndarray, shape (n,)
        Pixels across the axis, both signs.

    Examples
    --------
    >>> swarm([0.0, 0.0, 50.0, 0.0], size=10, room=100).tolist()
    [0.0, 10.0, 0.0, -10.0]
    """
    along = np.asarray(values, dtype=float)
    aside = np.zeros(len(along))
    placed: list[int] = []
    for dot in np.argsort(along, kind="stable"):
        near = [other for other in placed if along[dot] - along[other] < size]
        gaps = np.array([np.sqrt(size**2 - (along[dot] - along[other]) ** 2) for other in near])
        places = np.concatenate([[0.0], aside[near] + gaps, aside[near] - gaps]) if near else np.zeros(1)
        places = places[np.argsort(np.abs(places), kind="stable")]
        free = (place for place in places if all(abs(place - aside[near]) >= gaps - 1e-9))
        aside[dot] = next(free, places[-1])
        placed.append(int(dot))
    furthest = np.abs(aside).max(initial=0.0)
    return aside * (room / furthest) if furthest > room else aside


@dataclass(frozen=True)
class Label:
    """The label of a point: where its near end and its middle are, in pixels, and on which side its text goes on."""

    point: int
    x: float
    y: float
    align: Align


def labels(
    x: ArrayLike, y: ArrayLike, texts: Sequence[str], order: Sequence[int], most: int, width: float, height: float
) -> list[Label]:
    """Return which points get a label, and where it stands, so that no label covers a point or another label.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Where the points stand, in pixels from the left and from the top; none missing.
    texts : sequence of str, length n
        Their labels.
    order : sequence of int
        Which points want a label, the most important first.
    most : int
        How many labels at most.
    width, height : float
        Of the plot, in pixels; no label leaves it.

    Returns
    -------
    list of Label
        Right of its point, else left, above or below it; a point without room gets none.

    Examples
    --------
    >>> labels([10, 190], [50, 50], ["a", "b"], [0, 1], most=2, width=200, height=100)
    [Label(point=0, x=18.0, y=50.0, align='left'), Label(point=1, x=182.0, y=50.0, align='right')]
    """
    across, down = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    clear = REACH + CLEARANCE
    points = np.stack([across - clear, down - REACH, across + clear, down + REACH], axis=1)
    taken = np.empty((0, 4))
    found: list[Label] = []
    for point in order:
        if len(found) == most:
            break
        others = np.concatenate([points[:point], points[point + 1 :], taken])
        wide = CHARACTER * len(texts[point])
        for left, top, align in _beside(float(across[point]), float(down[point])):
            begin = left - wide * {"left": 0, "center": 0.5, "right": 1}[align]
            box = np.array([begin, top - LINE_HEIGHT / 2, begin + wide, top + LINE_HEIGHT / 2])
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
            if inside and not _overlap(box, others):
                taken = np.vstack([taken, box])
                found.append(Label(int(point), left, top, align))
                break
    return found


def _beside(left: float, top: float) -> list[tuple[float, float, Align]]:
    """Right or left of a point, else above or below it: in the middle, or from the point to either side."""
    places: list[tuple[float, float, Align]] = [(left + 8, top, "left"), (left - 8, top, "right")]
    for row in (top - LINE_HEIGHT, top + LINE_HEIGHT):
        places += [(left, row, "center"), (left - REACH, row, "left"), (left + REACH, row, "right")]
    return places


def _overlap(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether a box (left, top, right, bottom) covers part of any other."""
    return bool(((box[:2] < others[:, 2:]) & (others[:, :2] < box[2:])).all(axis=1).any())
