"""Adjusted p-values: SciPy's second opinion, R's numbers by hand, and what a family is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from core.stats.multiplicity import adjust

tests = st.lists(st.tuples(st.floats(0, 1) | st.just(float("nan")), st.integers(0, 3)), max_size=30)


def arrays(drawn: list[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p for p, _ in drawn], dtype=float), np.array([family for _, family in drawn], dtype=int)


def holm(p: np.ndarray) -> np.ndarray:
    """Step by step: each p against those that are left."""
    adjusted, worst = np.empty_like(p), 0.0
    for step, place in enumerate(np.argsort(p, kind="stable")):
        worst = max(worst, min(1.0, (len(p) - step) * p[place]))
        adjusted[place] = worst
    return adjusted


@given(tests)
def test_each_family_alone(drawn: list[tuple[float, int]]) -> None:
    p, family = arrays(drawn)
    found = adjust(p, family)
    for code in np.unique(family):
        known = (family == code) & ~np.isnan(p)
        if known.any():
            np.testing.assert_allclose(found.q_bh[known], false_discovery_control(p[known]), rtol=1e-12)
            np.testing.assert_allclose(found.p_holm[known], holm(p[known]), rtol=1e-12)
    assert np.isnan(found.q_bh[np.isnan(p)]).all()
    assert np.isnan(found.p_holm[np.isnan(p)]).all()


@given(tests)
def test_adjusted_values_keep_the_order_and_never_fall_below_p(drawn: list[tuple[float, int]]) -> None:
    p, family = arrays(drawn)
    found = adjust(p, family)
    known = ~np.isnan(p)
    assert (p[known] <= found.q_bh[known] * (1 + 1e-12)).all()
    assert (found.q_bh[known] <= found.p_holm[known] * (1 + 1e-12)).all()
    assert (found.p_holm[known] <= 1).all()
    for code in np.unique(family):
        order = np.argsort(p[known & (family == code)])
        for values in (found.q_bh, found.p_holm):
            assert (np.diff(values[known & (family == code)][order]) >= 0).all()


@given(tests, st.integers(0, 99))
def test_neither_order_nor_other_families_nor_what_could_not_be_tested_says_anything(
    drawn: list[tuple[float, int]], seed: int
) -> None:
    p, family = arrays(drawn)
    found = adjust(p, family)
    order = np.random.default_rng(seed).permutation(len(p))
    np.testing.assert_array_equal(adjust(p[order], family[order]).q_bh, found.q_bh[order])
    more = adjust(np.concatenate([p, [0.001, np.nan]]), np.concatenate([family, [9, 0]]))
    np.testing.assert_array_equal(more.q_bh[: len(p)], found.q_bh)
    np.testing.assert_array_equal(more.p_holm[: len(p)], found.p_holm)


def test_by_hand() -> None:
    """R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") and "BH"."""
    found = adjust([0.01, 0.04, 0.03, 0.005], [0, 0, 0, 0])
    np.testing.assert_allclose(found.p_holm, [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(found.q_bh, [0.02, 0.04, 0.04, 0.02])


def test_a_single_test_stays_as_it_is() -> None:
    found = adjust([0.03], [1])
    assert (found.q_bh[0], found.p_holm[0]) == (0.03, 0.03)


@pytest.mark.parametrize(("p", "family"), [([0.1, 0.2], [1]), ([-0.1], [1]), ([1.1], [1]), ([[0.1]], [[1]])])
def test_impossible_input_is_refused(p: list[float], family: list[int]) -> None:
    with pytest.raises(ValueError, match=r"p-value|shape"):
        adjust(p, family)
