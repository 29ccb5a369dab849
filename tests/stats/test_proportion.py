"""Exact binomial limits: R's and textbooks' numbers, SciPy's second opinion, and what mathematics promises."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.stats.proportion import proportion

GOLDEN = pd.read_csv(Path(__file__).parents[1] / "golden" / "clopper_pearson" / "expected.csv")
CASES = GOLDEN.pivot_table(index="case", columns="quantity", values="value", aggfunc="first")
PUBLISHED = {
    "C01_conover_682_925": ("published low", "published high"),
    "C02_sas_brown_eyes_90": ("published exact low", "published exact high"),
    "C03_camis_36_154": ("published SAS CP low", "published SAS CP high"),
}
OTHER_METHODS = ("wilson", "wald", "jeffreys", "midp", "agresti-coull", "blaker", " p (p0=0.75)")
counts = st.integers(1, 400).flatmap(lambda N: st.tuples(st.integers(0, N), st.just(N)))
levels = st.floats(0.5, 0.999)


def test_every_row_is_checked_or_is_of_another_method() -> None:
    ours = {(case, name) for case in CASES.index for name in ("k", "n", "conf", "clopper_pearson_low", "clopper_pearson_high")}  # fmt: skip
    ours |= {(case, name) for case, names in PUBLISHED.items() for name in names}
    others = set(GOLDEN[["case", "quantity"]].itertuples(index=False, name=None)) - ours
    assert len(GOLDEN) == len(ours) + len(others)
    assert all(any(method in quantity for method in OTHER_METHODS) for _, quantity in others)


@pytest.mark.parametrize("case", CASES.index)
def test_limits_computed_in_r(case: str) -> None:
    row = CASES.loc[case].astype(float)
    found = proportion(row.k, row.n, row.conf)
    limits = [float(found.conf_low) / 100, float(found.conf_high) / 100]
    np.testing.assert_allclose(limits, [row.clopper_pearson_low, row.clopper_pearson_high], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", PUBLISHED)
def test_limits_as_printed(case: str) -> None:
    row = CASES.loc[case].astype(float)
    found = proportion(row.k, row.n, row.conf)
    texts = GOLDEN[GOLDEN.case == case].set_index("quantity").value.astype(str)
    for name, limit in zip(PUBLISHED[case], (found.conf_low, found.conf_high), strict=True):
        digits = len(texts[name].split(".")[1])
        assert round(float(limit) / 100, digits) == float(texts[name])


@given(counts, levels)
def test_scipy_agrees(pair: tuple[int, int], conf: float) -> None:
    n, N = pair
    found = proportion(n, N, conf)
    other = binomtest(n, N).proportion_ci(conf, method="exact")
    np.testing.assert_allclose([found.conf_low, found.conf_high], [100 * other.low, 100 * other.high], atol=1e-8)


@given(counts, levels)
def test_the_interval_holds_the_percentage_and_mirrors_its_complement(pair: tuple[int, int], conf: float) -> None:
    n, N = pair
    found, rest = proportion(n, N, conf), proportion(N - n, N, conf)
    assert 0 <= found.conf_low <= found.percent <= found.conf_high <= 100
    np.testing.assert_allclose(found.conf_low, 100 - rest.conf_high, atol=1e-8)


@given(counts)
def test_more_confidence_is_a_wider_interval(pair: tuple[int, int]) -> None:
    narrow, wide = proportion(*pair, 0.8), proportion(*pair, 0.99)
    assert wide.conf_low <= narrow.conf_low
    assert narrow.conf_high <= wide.conf_high


def test_none_of_n_has_an_upper_limit_above_zero() -> None:
    found = proportion(0, 20)
    assert found.conf_low == 0
    assert float(found.conf_high) == pytest.approx(16.8433470983)


def test_of_nobody_nothing_is_estimable() -> None:
    found = proportion(0, 0)
    assert np.isnan([found.percent, found.conf_low, found.conf_high]).all()


def test_a_missing_count_stays_missing() -> None:
    found = proportion([np.nan, 1], [5, 5])
    assert np.isnan(found.percent).tolist() == [True, False]


@pytest.mark.parametrize(("n", "N", "conf"), [(6, 5, 0.95), (-1, 5, 0.95), (1, 5, 1.0), (1, 5, 0)])
def test_impossible_input_is_refused(n: int, N: int, conf: float) -> None:
    with pytest.raises(ValueError, match=r"count|conf"):
        proportion(n, N, conf)
