"""What the protocol's own numbers imply when its rate of success is held fixed, in either reading of that rate."""

from dataclasses import dataclass

from core.stats.arguments import check_choice
from core.stats.assurance import MOST, least

READINGS = ("per_patient", "per_biopsy")
"""The rate is the chance that a patient gives a pair, or that a biopsy succeeds, two of them independently."""


@dataclass(frozen=True)
class Design:
    """Chance (0 to 1) of the target of pairs, pairs expected, and accrual needed for 80, 90 and 95 %.

    The accrual is NaN where 5,000 patients do not reach it.
    """

    p_target_pairs: float
    expected_pairs: float
    accrue_for_80: float
    accrue_for_90: float
    accrue_for_95: float


def design_check(accrual: int, wanted: int, rate: float, reading: str = "per_patient") -> Design:
    """Return what an accrual gives if the rate is exactly as planned.

    Parameters
    ----------
    accrual, wanted : int
        Patients to be accrued, and pairs wanted of them; both above 0.
    rate : float
        Success, between 0 and 1.
    reading : {"per_patient", "per_biopsy"}
        Of what it is the success; of biopsies both must succeed, so that a pair has the chance rate squared.

    Raises
    ------
    ValueError
        A number is out of range or the reading is neither.

    Examples
    --------
    >>> round(design_check(60, 30, 0.5).p_target_pairs, 3), design_check(60, 30, 0.5, "per_biopsy").expected_pairs
    (0.551, 15.0)
    """
    from scipy.special import bdtrc

    check_choice("reading", reading, READINGS)
    if accrual < 1 or wanted < 1 or not 0 < rate < 1:
        raise ValueError("accrual and wanted must be above 0, and rate between 0 and 1")
    share = rate if reading == "per_patient" else rate**2

    def reached(n: int) -> float:
        return float(bdtrc(wanted - 1, n, share)) if n >= wanted else 0.0

    needed = (least(reached, level, MOST) for level in (0.8, 0.9, 0.95))
    return Design(reached(accrual), accrual * share, *needed)
