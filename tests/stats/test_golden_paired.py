"""Paired change against what R, SAS, StatXact and textbooks found: every row of the golden file, or why not."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from core.stats.effect_size import d_z
from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.location import location
from core.stats.paired_t import paired_t
from core.stats.sign_test import sign_test
from core.stats.signed_rank import SignedRank, signed_rank

FOLDER = Path(__file__).parents[1] / "golden" / "paired"
GOLDEN = pd.read_csv(FOLDER / "expected.csv", dtype=str)
ROWS = list(GOLDEN[["case", "quantity"]].itertuples(index=False, name=None))
LOGNORMAL = "_lognormal"

NOT_COMPUTED = {
    "published SAS signed_rank_p(t approximation, n>20)": "SAS refers the sum to a t distribution above 20 pairs; "
    "ours is the exact p, which R and StatXact print for this case and which is checked",
    "published T_zsplit": "half the zeros counted as positive: a rule we do not offer",
    "published p_zsplit": "the same",
}
TRAPS = (
    "TRAP: V on raw float differences (ties broken by rounding noise)",
    "TRAP: p asymptotic no correction on raw float differences",
)


@cache
def change(case: str) -> np.ndarray:
    pairs = pd.read_csv(FOLDER / f"{case.removesuffix(LOGNORMAL)}.csv")
    return (np.log(pairs.x) - np.log(pairs.y) if case.endswith(LOGNORMAL) else pairs.x - pairs.y).to_numpy()


def rank(x: np.ndarray, **asked: object) -> SignedRank:
    return signed_rank(x, **asked)  # type: ignore[arg-type]


def exact(x: np.ndarray, **asked: object) -> float:
    return float(rank(x, method="exact", **asked).p_value)


def normal(x: np.ndarray, correction: bool = False, **asked: object) -> float:
    return float(rank(x, method="asymptotic", correction=correction, **asked).p_value)


def smaller(x: np.ndarray, zero_method: str = "wilcox") -> float:
    found = rank(x, zero_method=zero_method)
    return min(float(found.w_plus), float(found.w_minus))


def centred(x: np.ndarray) -> float:
    """T+ less its expectation, SAS's S."""
    found = rank(x)
    return float(found.w_plus - (found.w_plus + found.w_minus) / 2)


def sign_m(x: np.ndarray) -> float:
    found = sign_test(x)
    return float(found.n_positive - found.n_negative) / 2


OURS: dict[str, Callable[[np.ndarray], float]] = {
    "n_pairs": lambda x: rank(x).n,
    "n_zero_differences": lambda x: rank(x).n_zero,
    "n_tied_abs_nonzero": lambda x: rank(x).n_tied,
    "mean_diff(x-y)": lambda x: paired_t(x).mean_change,
    "sd_diff": lambda x: paired_t(x).sd_change,
    "median_diff": lambda x: location(x).median,
    "t": lambda x: paired_t(x).t,
    "df": lambda x: paired_t(x).df,
    "t_p_two_sided": lambda x: paired_t(x).p_value,
    "mean_diff_CI95_low": lambda x: paired_t(x).conf_low,
    "mean_diff_CI95_high": lambda x: paired_t(x).conf_high,
    "mean_diff_CI90_low": lambda x: paired_t(x, conf=0.9).conf_low,
    "mean_diff_CI90_high": lambda x: paired_t(x, conf=0.9).conf_high,
    "cohen_dz": lambda x: d_z(x).estimate,
    "wilcoxon_V(sum positive ranks, zeros dropped)": lambda x: rank(x).w_plus,
    "wilcoxon_min(T+,T-)(zeros dropped)": smaller,
    "wilcoxon_p_asymptotic_no_correction(zeros dropped)": normal,
    "wilcoxon_p_asymptotic_continuity_corrected(zeros dropped)": lambda x: normal(x, correction=True),
    "wilcoxon_p_exact_conditional(midranks, zeros dropped)": exact,
    "one_sided_greater_p_exact": lambda x: exact(x, alternative="greater"),
    "pratt_p_asymptotic": lambda x: normal(x, zero_method="pratt"),
    "pratt_p_exact(coin)": lambda x: exact(x, zero_method="pratt"),
    "hodges_lehmann(median of Walsh averages, all differences)": lambda x: hodges_lehmann(x).estimate,
    "HL_exact_CI95_low": lambda x: hodges_lehmann(x).conf_low,
    "HL_exact_CI95_high": lambda x: hodges_lehmann(x).conf_high,
    "HL_exact_CI90_low": lambda x: hodges_lehmann(x, conf=0.9).conf_low,
    "HL_exact_CI90_high": lambda x: hodges_lehmann(x, conf=0.9).conf_high,
    "sign_n_positive": lambda x: sign_test(x).n_positive,
    "sign_test_p_exact": lambda x: sign_test(x).p_value,
    "GMR": lambda x: np.exp(paired_t(x).mean_change),
    "GMR_CI95_low": lambda x: np.exp(paired_t(x).conf_low),
    "GMR_CI95_high": lambda x: np.exp(paired_t(x).conf_high),
    "t_log": lambda x: paired_t(x).t,
    "p_log": lambda x: paired_t(x).p_value,
    "mean_diff": lambda x: paired_t(x).mean_change,
    "se": lambda x: paired_t(x).sd_change / np.sqrt(len(x)),
    "wilcoxon_min(T+,T-)": smaller,
    "min(T+,T-)": smaller,
    "T_wilcox": smaller,
    "T_pratt": lambda x: smaller(x, "pratt"),
    "V": lambda x: rank(x).w_plus,
    "StatXact T+": lambda x: rank(x).w_plus,
    "wilcoxon_p_exact": exact,
    "signed_rank_p_exact": exact,
    "StatXact p_exact": exact,
    "R p_exact": exact,
    "wilcoxon_p_asymptotic_continuity_corrected": lambda x: normal(x, correction=True),
    "p_asymptotic_no_correction": normal,
    "p_asymptotic_correction": lambda x: normal(x, correction=True),
    "StatXact p_asymptotic": normal,
    "R p_asymptotic_no_correction": normal,
    "R p_asymptotic_correction": lambda x: normal(x, correction=True),
    "p_wilcox_asymptotic_no_correction": normal,
    "p_pratt_asymptotic": lambda x: normal(x, zero_method="pratt"),
    "p_less_no_correction": lambda x: normal(x, alternative="less"),
    "p_less_correction": lambda x: normal(x, correction=True, alternative="less"),
    "p_greater_no_correction": lambda x: normal(x, alternative="greater"),
    "p_greater_correction": lambda x: normal(x, correction=True, alternative="greater"),
    "signed_rank_S(=T+ - n(n+1)/4)": centred,
    "sign_M": sign_m,
    "HL_exact": lambda x: hodges_lehmann(x).estimate,
    "SAS t": lambda x: paired_t(x).t,
    "SAS t_p": lambda x: paired_t(x).p_value,
    "SAS t_p_two_sided": lambda x: paired_t(x).p_value,
    "SAS mean": lambda x: paired_t(x).mean_change,
    "SAS sd": lambda x: paired_t(x).sd_change,
    "SAS sign_M": sign_m,
    "SAS sign_p": lambda x: sign_test(x).p_value,
    "SAS signed_rank_S": centred,
    "SAS signed_rank_p_exact": exact,
}  # fmt: skip

# A z is not a field of ours: its one-sided p without correction is, and tells its sign as well.
DEVIATES = {"wilcoxon_Z(coin, zeros dropped)": "wilcox", "pratt_Z(coin)": "pratt", "published StatXact Z": "wilcox"}


def value(case: str, quantity: str) -> str:
    (found,) = GOLDEN[(GOLDEN.case == case) & (GOLDEN.quantity == quantity)].value
    return found


def half_of_the_last_digit(text: str) -> float:
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


def test_every_row_is_checked_or_explained() -> None:
    """And no name in this file is of a row that is not there."""
    checked = {row for row in ROWS if row[1].removeprefix("published ") in OURS}
    assert set(ROWS) == checked | {row for row in ROWS if row[1] in {*DEVIATES, *NOT_COMPUTED, *TRAPS}}
    quantities = set(GOLDEN.quantity)
    assert {*DEVIATES, *NOT_COMPUTED, *TRAPS} <= quantities
    assert set(OURS) <= {quantity.removeprefix("published ") for quantity in quantities}
    assert len(ROWS) == len(set(ROWS)) == 502


@pytest.mark.parametrize(
    ("case", "quantity"), [row for row in ROWS if row[1] in OURS], ids=lambda text: text.replace(" ", "_")
)
def test_what_others_computed(case: str, quantity: str) -> None:
    assert float(OURS[quantity](change(case))) == pytest.approx(float(value(case, quantity)), rel=1e-9, abs=0)


PRINTED = [row for row in ROWS if row[1].startswith("published ") and row[1].removeprefix("published ") in OURS]


@pytest.mark.parametrize(("case", "quantity"), PRINTED, ids=lambda text: text.replace(" ", "_"))
def test_what_others_printed(case: str, quantity: str) -> None:
    text = value(case, quantity)
    ours = float(OURS[quantity.removeprefix("published ")](change(case)))
    assert abs(ours - float(text)) <= half_of_the_last_digit(text) + 1e-14


@pytest.mark.parametrize(
    ("case", "quantity"), [row for row in ROWS if row[1] in DEVIATES], ids=lambda text: text.replace(" ", "_")
)
def test_normal_deviates(case: str, quantity: str) -> None:
    text = value(case, quantity)
    z, slack = float(text), half_of_the_last_digit(text) if quantity.startswith("published") else 1e-11
    low, high = (
        normal(change(case), zero_method=DEVIATES[quantity], alternative="greater") - ndtr(-z + side * slack)
        for side in (1, -1)
    )
    assert low <= 0 <= high


@pytest.mark.parametrize("quantity", TRAPS)
def test_no_tie_is_broken_by_rounding_noise(quantity: str) -> None:
    (case,) = GOLDEN[GOLDEN.quantity == quantity].case
    ours = rank(change(case)).w_plus if "V on raw" in quantity else normal(change(case))
    assert abs(float(ours) - float(value(case, quantity))) > 1e-6
