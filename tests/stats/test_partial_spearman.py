"""Rank correlation with a third measure held the same: by formula, by regression, and where nothing is left."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.correlation import fisher_limits
from core.stats.partial_spearman import partial_spearman
from core.stats.spearman import spearman
from tests.stats.samples import Floats

NAN = np.nan
few = settings(deadline=None, max_examples=60)


def triples(least: int, most: int, top: int = 1000) -> st.SearchStrategy[Floats]:
    value = st.integers(0, top).map(lambda tenths: tenths / 10)
    return st.lists(st.tuples(value, value, value), min_size=least, max_size=most).map(
        lambda drawn: np.array(drawn, dtype=float).T
    )


@given(xyz=triples(5, 30) | triples(5, 30, top=5))
@few
def test_it_is_what_is_left_of_ranks_after_regression(xyz: Floats) -> None:
    ranks = stats.rankdata(xyz, axis=1)
    if any(len(set(axis)) < 2 for axis in ranks):
        return
    design = np.column_stack([np.ones(ranks.shape[1]), ranks[2]])
    left = [axis - design @ np.linalg.lstsq(design, axis, rcond=None)[0] for axis in ranks[:2]]
    found = partial_spearman(*xyz)
    if min(np.linalg.norm(rest) for rest in left) < 1e-9:
        assert np.isnan(found.rho)
        return
    expected = left[0] @ left[1] / np.linalg.norm(left[0]) / np.linalg.norm(left[1])
    assert float(found.rho) == pytest.approx(expected, abs=1e-10)
    df = len(design) - 3
    if abs(found.rho) < 1:
        t = found.rho * np.sqrt(df / (1 - found.rho**2))
        assert float(found.p_value) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)


def test_a_covariate_of_no_rank_correlation_takes_one_subject() -> None:
    x, y = np.arange(8.0), np.array([1.0, 0, 3, 2, 5, 4, 7, 6])
    covariate = np.array([0.0, 0, 1, 1, 1, 1, 0, 0])
    plain, found = spearman(x, y, "asymptotic"), partial_spearman(x, y, covariate)
    assert float(found.rho) == pytest.approx(float(plain.rho), rel=1e-12)
    assert found.p_value > plain.p_value
    seven = fisher_limits(plain.rho, np.sqrt((1 + plain.rho**2 / 2) / 4))
    np.testing.assert_allclose((found.conf_low, found.conf_high), seven, rtol=1e-12)


@pytest.mark.parametrize("explained", [np.exp, lambda x: -(x**3)])
def test_what_the_covariate_explains_wholly_is_not_estimable(explained) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 200))
    for axes in ((x, y, explained(x)), (y, x, explained(x)), (x, y, np.ones(200)), (np.ones(200), x, y)):
        found = partial_spearman(*axes)
        assert found.n == 200
        assert np.isnan([found.rho, found.p_value, found.conf_low, found.conf_high]).all()


def test_complete_triples_count() -> None:
    rng = np.random.default_rng(4)
    xyz = rng.standard_normal((3, 20))
    xyz[[0, 1, 2], [3, 5, 7]] = NAN
    whole = np.delete(xyz, [3, 5, 7], axis=1)
    assert partial_spearman(*xyz) == partial_spearman(*whole)
    assert partial_spearman(*xyz).n == 17


def test_three_triples_say_nothing_and_four_have_no_limits() -> None:
    x, y, z = np.array([[1.0, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3, 4]])
    assert np.isnan(partial_spearman(x[:3], y[:3], z[:3]).rho)
    four = partial_spearman(x, y, z)
    assert 0 < four.p_value < 1 and np.isnan([four.conf_low, four.conf_high]).all()


@pytest.mark.parametrize(
    ("x", "y", "z"),
    [
        ([2, 1, 3, 4, 5, 7, 6], [8, 1, 27, 64, 125, 343, 216], [1, 2, 3, 4, 5, 6, 7]),
        ([0, 1, 3, 2], [0, 1, 3, 2], [0, 3, 1, 2]),
        ([1, 3, 0, 2, 4], [1, 3, 0, 2, 4], [4, 0, 2, 1, 3]),
        ([2, 1, 0, 3], [1, 2, 3, 0], [1, 0, 3, 2]),
        ([3, 4, 2, 1, 0], [3, 1, 0, 2, 4], [0, 1, 4, 3, 2]),
    ],
)
def test_what_is_left_may_be_perfectly_correlated(x: list[int], y: list[int], z: list[int]) -> None:
    """1, not 1 but for rounding."""
    found = partial_spearman(x, y, z)
    assert abs(found.rho) == 1 and found.p_value == 0
    assert np.isnan([found.conf_low, found.conf_high]).all()


def test_the_limits_cover_what_they_say() -> None:
    """Those of measured values, without what Bonett and Wright add for ranks, do not."""
    rng = np.random.default_rng(3)

    def drawn(rows: int, subjects: int) -> tuple[Floats, ...]:
        z, u, v = rng.standard_normal((3, rows, subjects))
        return 0.6 * z + 0.8 * u, 0.6 * z + 0.8 * (0.8 * u + 0.6 * v), z

    truth = partial_spearman(*drawn(10, 20_000)).rho.mean()
    found = partial_spearman(*drawn(10_000, 20))
    low, high = fisher_limits(found.rho, 1 / np.sqrt(found.n - 4.0))
    assert 0.94 < np.mean((found.conf_low <= truth) & (truth <= found.conf_high)) < 0.96
    assert np.mean((low <= truth) & (truth <= high)) < 0.935
