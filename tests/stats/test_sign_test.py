"""The sign test, beside SciPy's binomial test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.stats.sign_test import sign_test
from tests.stats.samples import Floats, changes


@given(x=changes(least=1, most=60, present=True), alternative=st.sampled_from(["two-sided", "less", "greater"]))
@settings(deadline=None)
def test_scipy_agrees(x: Floats, alternative: str) -> None:
    found = sign_test(x, alternative)
    rising, falling = int((x > 0).sum()), int((x < 0).sum())
    assert (found.n_positive, found.n_negative) == (rising, falling)
    if rising + falling:
        other = binomtest(rising, rising + falling, alternative=alternative).pvalue
        assert float(found.p_value) == pytest.approx(other, rel=1e-12)


def test_zeros_alone_speak_against_nothing() -> None:
    found = sign_test([0.0, 0.0, np.nan])
    assert (found.n_positive, found.n_negative, found.p_value) == (0, 0, 1)


@pytest.mark.parametrize("n", range(1, 10))
def test_five_differences_cannot_reach_five_percent(n: int) -> None:
    assert (sign_test(np.ones(n)).p_value < 0.05) == (n >= 6)


@given(x=changes(least=1, present=True))
def test_signs_are_all_that_counts(x: Floats) -> None:
    assert sign_test(x) == sign_test(np.sign(x))
