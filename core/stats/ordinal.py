"""What became of an ordered category: better, the same, worse, or why nobody knows."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_choice

IMPROVED, STABLE, WORSENED, DIED, OFF_STUDY, MISSING = (
    "improved", "stable", "worsened", "died", "off_study", "missing",
)  # fmt: skip
STATES = (IMPROVED, STABLE, WORSENED, DIED, OFF_STUDY, MISSING)
BETTER = ("lower", "higher")


def states(change: ArrayLike, died: ArrayLike, off_study: ArrayLike, better: str = "lower") -> NDArray[np.str_]:
    """Return the one state that each subject is in.

    Parameters
    ----------
    change : array_like, shape (n,)
        Later minus earlier, in levels; NaN where one of the two is missing.
    died, off_study : array_like of bool, shape (n,)
        By the end of the time that is looked at.
    better : {"lower", "higher"}
        Which way is an improvement.

    Returns
    -------
    ndarray of str, shape (n,)
        A change decides; without one death, then the end of the study, else the subject is missing.

    Raises
    ------
    ValueError
        `better` is neither.

    Examples
    --------
    >>> states([-1, 0, 2, float("nan"), float("nan")], [0, 0, 1, 1, 0], [0, 0, 1, 1, 1]).tolist()
    ['improved', 'stable', 'worsened', 'died', 'off_study']
    """
    check_choice("better", better, BETTER)
    worse = np.asarray(change, dtype=float) * (1 if better == "lower" else -1)
    decided = [worse < 0, worse == 0, worse > 0, np.asarray(died, dtype=bool), np.asarray(off_study, dtype=bool)]
    return np.select(decided, list(STATES[:5]), MISSING)
