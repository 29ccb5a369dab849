"""How much of a drug was given, and how fast, against what was planned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class DoseIntensity:
    """Doses given, their sum and mean in the unit of the doses, the mean dose of a planned interval, and its share of the plan in percent."""

    n: float
    cumulative: float
    mean: float
    per_interval: float
    relative: float


def dose_intensity(
    amount: ArrayLike, day: ArrayLike, planned: float = np.nan, every_days: float = np.nan
) -> DoseIntensity:
    """Return the dose intensity of one subject.

    Parameters
    ----------
    amount : array_like, shape (n,)
        Of each dose, in one unit; a dose of 0 or NaN was not given.
    day : array_like, shape (n,)
        Of each dose; NaN leaves the intensity open.
    planned : float
        What was planned to be given every `every_days` days; NaN when nobody states it.
    every_days : float
        Days from one dose to the next; NaN when nobody states it.

    Returns
    -------
    DoseIntensity
        The time runs from the first dose to the last, and one interval more, which the last dose is for. Without a plan, a
        dose or its day, what rests on it is NaN.

    Raises
    ------
    ValueError
        An amount is negative, or amounts and days are not equally many.

    References
    ----------
    Hryniuk W, Bush H. The importance of dose intensity in chemotherapy of metastatic breast cancer. J Clin Oncol 1984;2:1281-8.

    Examples
    --------
    >>> dose_intensity([25, 25, 20], [1, 22, 50], planned=25, every_days=21)
    DoseIntensity(n=3.0, cumulative=70.0, mean=23.333333333333332, per_interval=21.0, relative=84.0)
    """
    amounts, days = np.asarray(amount, dtype=float), np.asarray(day, dtype=float)
    if amounts.shape != days.shape:
        raise ValueError("every dose needs a day, or NaN")
    if (amounts < 0).any():
        raise ValueError("no dose is negative")
    given = amounts > 0
    amounts, days = amounts[given], days[given]
    total = float(amounts.sum())
    if not len(amounts):
        return DoseIntensity(0.0, 0.0, np.nan, np.nan, np.nan)
    time = float(days.max() - days.min()) + every_days
    rate = total * every_days / time
    return DoseIntensity(float(len(amounts)), total, total / len(amounts), rate, 100 * rate / planned)
