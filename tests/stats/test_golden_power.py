"""The power of the paired t-test against what R's pwr, SAS and pingouin's tests have: every row of the golden file."""

from pathlib import Path

import pandas as pd
import pytest

from core.stats.power import paired_power, solve

GOLDEN = pd.read_csv(Path(__file__).parents[1] / "golden" / "power" / "expected.csv", dtype=str)
ROWS = list(GOLDEN[["case", "quantity"]].itertuples(index=False, name=None))
AS_GIVEN = ("d", "alpha", "alternative", "note")
SOLVED_BY_R = 1e-6
"""Where the search of R's uniroot ends, as the golden folder's README tells."""


def text(case: str, quantity: str) -> str:
    (found,) = GOLDEN[(GOLDEN.case == case) & (GOLDEN.quantity == quantity)].value
    return found


def given(case: str) -> dict[str, object]:
    alternative = text(case, "alternative").replace("two.sided", "two-sided")
    return {"alpha": float(text(case, "alpha")), "alternative": alternative}


def power(case: str) -> float:
    return float(paired_power(float(text(case, "n")), float(text(case, "d")), **given(case)))


def needed(case: str) -> object:
    """W03's n is of the case beside it, which has its effect size."""
    of = "W03_camis_crossover_power_at_20" if case == "W03_camis_crossover_n" else case
    return solve(effect_size=float(text(of, "d")), power=0.8, **given(of))


def detectable(case: str) -> float:
    return float(solve(n=float(text(case, "n")), power=float(text(case, "power")), **given(case)).effect_size)


POWER = [case for case, quantity in ROWS if quantity == "power" and case[:3] not in ("W06", "W08")]


def test_every_row_is_checked() -> None:
    checked = {(case, quantity) for case in POWER for quantity in ("n", "power")}
    checked |= {("W06_paired_d0.5_power0.8_two", name) for name in ("n", "power", "published n")}
    checked |= {("W08_detectable_d_n20_power0.8_two", name) for name in ("n", "power", "published d")}
    checked |= {("W03_camis_crossover_n", name) for name in ("n_for_power_0.8", "published SAS N pairs", "published SAS actual power")}  # fmt: skip
    checked |= {(case, "published power") for case in POWER if (case, "published power") in ROWS}
    assert {row for row in ROWS if row[1] not in AS_GIVEN} == checked
    assert len(ROWS) == len(set(ROWS)) == 44


@pytest.mark.parametrize("case", POWER)
def test_power_as_r_computes_it(case: str) -> None:
    assert power(case) == pytest.approx(float(text(case, "power")), rel=1e-9, abs=0)


@pytest.mark.parametrize("case", [case for case in POWER if (case, "published power") in ROWS])
def test_power_as_printed(case: str) -> None:
    printed = text(case, "published power")
    assert abs(power(case) - float(printed)) <= 0.5 * 10.0 ** -len(printed.partition(".")[2])


@pytest.mark.parametrize(("case", "quantity"), [("W03_camis_crossover_n", "n_for_power_0.8"), ("W06_paired_d0.5_power0.8_two", "n")])  # fmt: skip
def test_pairs_as_r_solves_for_them(case: str, quantity: str) -> None:
    found = needed(case)
    assert float(found.n_exact) == pytest.approx(float(text(case, quantity)), rel=SOLVED_BY_R)
    assert float(found.n) == -(-float(text(case, quantity)) // 1)


def test_pairs_as_sas_prints_them() -> None:
    found = needed("W03_camis_crossover_n")
    assert float(found.n) == float(text("W03_camis_crossover_n", "published SAS N pairs"))
    assert f"{found.power_reached:.3f}" == text("W03_camis_crossover_n", "published SAS actual power")


def test_pairs_as_pingouin_prints_them() -> None:
    found = needed("W06_paired_d0.5_power0.8_two")
    assert f"{found.n_exact:.5f}" == text("W06_paired_d0.5_power0.8_two", "published n")
    assert float(text("W06_paired_d0.5_power0.8_two", "power")) == float(found.power) == 0.8


def test_the_effect_size_that_r_solves_for() -> None:
    case = "W08_detectable_d_n20_power0.8_two"
    for quantity in ("d", "published d"):
        assert detectable(case) == pytest.approx(float(text(case, quantity)), rel=SOLVED_BY_R)
    assert float(paired_power(20, detectable(case), 0.05)) == pytest.approx(0.8, abs=1e-14)
    assert 0 < 0.8 - power(case) < 5e-7, "R stops this short of its root"
