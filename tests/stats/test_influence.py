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
        t, middle = paired_t(rest), hodges_lehmann(rest)
        expected = {
            "paired_t": (t.mean_change, t.p_value, t.conf_low, t.conf_high),
            "wilcoxon": (middle.estimate, signed_rank(rest).p_value, middle.conf_low, middle.conf_high),
        }[test]
        ours = (found.estimates[i], found.p_values[i], found.conf_low[i], found.conf_high[i])
        np.testing.assert_allclose(ours, np.full(4, np.nan) if np.isnan(value) else expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("test", TESTS)
@given(x=changes(least=1, most=20), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=50)
def test_the_ends_are_those_of_all_places(test: str, x: Floats, seed: int) -> None:
    found, each = leave_one_out(x, test), each_left_out(x, test)
    shuffled = leave_one_out(np.random.default_rng(seed).permutation(x), test)
    for name, ours in vars(found).items():
        values = each.estimates if name.startswith("estimate") else each.p_values
        known = values[~np.isnan(values)]
        expected = (known.min() if name.endswith("low") else known.max()) if len(known) else np.nan
        np.testing.assert_equal(ours, expected)
        np.testing.assert_allclose(getattr(shuffled, name), ours, rtol=1e-9, atol=1e-9)


def test_one_patient_makes_the_result() -> None:
    x = np.append(np.linspace(0.9, 1.1, 9), -30.0)
    found = leave_one_out(x)
    assert found.estimate_low < 0 < found.estimate_high == pytest.approx(1.0)
    assert found.p_low < 1e-8 and found.p_high > 0.2


@pytest.mark.parametrize("x", [[], [np.nan], [2.0]])
@pytest.mark.parametrize("test", TESTS)
def test_of_nobody_nobody_can_be_left_out(x: list[float], test: str) -> None:
    assert each_left_out(x, test).estimates.shape == (len(x),)
    assert np.isnan(list(vars(leave_one_out(x, test)).values())).all()


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="test must be"):
        each_left_out([1.0, 2.0], "sign")
    with pytest.raises(ValueError, match="one marker"):
        each_left_out(np.ones((2, 2)))
    with pytest.raises(ValueError, match="conf"):
        each_left_out([1.0, 2.0], conf=95)
