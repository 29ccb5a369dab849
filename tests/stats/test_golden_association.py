"""Association against what R, its manual and SciPy's tests found: every row of the golden file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.stats.correlation import fisher_limits
from core.stats.pearson import pearson_log
from core.stats.spearman import spearman
from core.stats.value_ranks import doubled_ranks

FOLDER = Path(__file__).parents[1] / "golden" / "association"
GOLDEN = pd.read_csv(FOLDER / "expected.csv", dtype=str)
ROWS = list(GOLDEN[["case", "quantity"]].itertuples(index=False, name=None))
Floats = np.ndarray


def measures(case: str) -> tuple[Floats, Floats]:
    columns = pd.read_csv(FOLDER / f"{case}.csv").astype(float)
    return columns.x.to_numpy(), columns.y.to_numpy()


def value(case: str, quantity: str) -> str:
    (found,) = GOLDEN[(GOLDEN.case == case) & (GOLDEN.quantity == quantity)].value
    return found


def squared_differences(x: Floats, y: Floats) -> float:
    """R's S, of ranks without ties."""
    return float(1 - spearman(x, y).rho) * (len(x) ** 3 - len(x)) / 6


def without_bonett_and_wright(x: Floats, y: Floats, side: int) -> float:
    found = spearman(x, y)
    return float(fisher_limits(found.rho, 1 / np.sqrt(found.n - 3.0))[side])


OURS: dict[str, Callable[[Floats, Floats], float]] = {
    "n": lambda x, y: spearman(x, y).n,
    "spearman_rho": lambda x, y: spearman(x, y).rho,
    "p_t_approximation": lambda x, y: spearman(x, y, "asymptotic").p_value,
    "S": squared_differences,
    "p_exact(R cor.test; n<=9 exact, else Edgeworth)": lambda x, y: spearman(x, y, "exact").p_value,
    "fisher_z_CI95_low(se=1/sqrt(n-3))": lambda x, y: without_bonett_and_wright(x, y, 0),
    "fisher_z_CI95_high(se=1/sqrt(n-3))": lambda x, y: without_bonett_and_wright(x, y, 1),
    "bonett_wright_CI95_low": lambda x, y: spearman(x, y).conf_low,
    "bonett_wright_CI95_high": lambda x, y: spearman(x, y).conf_high,
    # Theirs is of the measures as they are: ours, of their exponentials' logarithms.
    "pearson_r": lambda x, y: pearson_log(np.exp(x), np.exp(y)).r,
    "rho": lambda x, y: spearman(x, y).rho,
    "p_exact": lambda x, y: spearman(x, y).p_value,
    "p_t": lambda x, y: spearman(x, y, "asymptotic").p_value,
}
COMPUTED = [row for row in ROWS if row[1] in OURS]
PRINTED = [row for row in ROWS if row[1].startswith("published ")]


def test_every_row_is_checked() -> None:
    assert set(ROWS) == {*COMPUTED, *PRINTED, *((case, "has_ties") for case, _ in ROWS)}
    assert len(ROWS) == len(set(ROWS)) == 24


@pytest.mark.parametrize(("case", "quantity"), COMPUTED)
def test_what_others_computed(case: str, quantity: str) -> None:
    ours = float(OURS[quantity](*measures(case)))
    assert ours == pytest.approx(float(value(case, quantity)), rel=1e-9, abs=0)


@pytest.mark.parametrize(("case", "quantity"), PRINTED)
def test_what_others_printed(case: str, quantity: str) -> None:
    text = value(case, quantity)
    ours = float(OURS[quantity.removeprefix("published ")](*measures(case)))
    assert abs(ours - float(text)) <= 0.5 * 10.0 ** -len(text.partition(".")[2]) + 1e-15


@pytest.mark.parametrize("case", sorted(set(GOLDEN.case)))
def test_ties(case: str) -> None:
    tied = any(len(set(doubled_ranks(axis[None, :])[0])) < len(axis) for axis in measures(case))
    assert str(tied).upper() == value(case, "has_ties")


def test_five_pairs_with_a_tie_are_counted_unless_the_t_distribution_is_asked_for() -> None:
    """16 of the 120 pairings are as far from zero: 0.133, where the t distribution says 0.089."""
    found = spearman(*measures("S03_scipy_5_tie"))
    assert found.exact and float(found.p_value) == 16 / 120
