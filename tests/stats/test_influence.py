"""Without each pair in turn: as if it had not been there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.influence import TESTS, each_left_out, leave_one_out
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank
from tests.stats.samples import Floats, changes


@pytest.mark.parametrize("test", TESTS)
@given(x=changes(least=1, most=20))
@settings(deadline=None, max_examples=50)
def test_each_place_is_the_answer_without_that_pair(test: str, x: Floats) -> None:
    found = each_left_out(x, test)
    for i, value in enumerate(x):
        rest = np.delete(x, i)
        t = paired_t(rest)
        expected = {
            "paired_t": (t.mean_change, t.p_value),
            "wilcoxon": (hodges_lehmann(rest).estimate, signed_rank(rest).p_value),
        }[test]
        ours = (found.estimates[i], found.p_values[i])
        np.testing.assert_allclose(ours, np.full(2, np.nan) if np.isnan(value) else expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("zero_method", ["wilcox", "pratt"])
@pytest.mark.parametrize("method", ["exact", "asymptotic"])
def test_the_test_is_made_in_the_way_that_was_asked_for(zero_method: str, method: str) -> None:
    x = np.array([1.0, 2.0, 0.0, -1.0, 3.0, 4.0, 2.5, 0.0])
    found = each_left_out(x, "wilcoxon", zero_method, method)
    for i in range(len(x)):
        assert found.p_values[i] == signed_rank(np.delete(x, i), zero_method, method).p_value


@pytest.mark.parametrize("test", TESTS)
@given(x=changes(least=1, most=20), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=50)
def test_the_ends_are_those_of_all_places(test: str, x: Floats, seed: int) -> None:
    each = each_left_out(x, test)
    found = leave_one_out(each)
    shuffled = leave_one_out(each_left_out(np.random.default_rng(seed).permutation(x), test))
    for name, ours in vars(found).items():
        values = each.estimates if name.startswith("estimate") else each.p_values
        known = values[~np.isnan(values)]
        expected = (known.min() if name.endswith("low") else known.max()) if len(known) else np.nan
        np.testing.assert_equal(ours, expected)
        np.testing.assert_allclose(getattr(shuffled, name), ours, rtol=1e-9, atol=1e-9)


def test_one_patient_makes_the_result() -> None:
    x = np.append(np.linspace(0.9, 1.1, 9), -30.0)
    found = leave_one_out(each_left_out(x))
    assert found.estimate_low < 0 < found.estimate_high == pytest.approx(1.0)
    assert found.p_low < 1e-8 and found.p_high > 0.2


@pytest.mark.parametrize("x", [[], [np.nan], [2.0]])
@pytest.mark.parametrize("test", TESTS)
def test_of_nobody_nobody_can_be_left_out(x: list[float], test: str) -> None:
    assert each_left_out(x, test).estimates.shape == (len(x),)
    assert np.isnan(list(vars(leave_one_out(each_left_out(x, test))).values())).all()


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="test must be"):
        each_left_out([1.0, 2.0], "sign")
    with pytest.raises(ValueError, match="one marker"):
        each_left_out(np.ones((2, 2)))
