"""The monotone line: against its definition by least squares, and what must hold of every such line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.monotone import monotone

points = st.lists(st.tuples(st.integers(-4, 4), st.integers(-20, 20)), min_size=1, max_size=12)


def by_definition(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Largest over what begins before of the least over what ends after, of the mean between (min-max formula)."""
    places = np.unique(x)
    height = {
        at: max(
            min(y[(x >= first) & (x <= last)].mean() for last in places[places >= at]) for first in places[places <= at]
        )
        for at in places
    }
    return np.array([height[at] for at in x])


@given(points)
@settings(deadline=None)
def test_it_is_the_line_of_least_squares(drawn: list[tuple[int, int]]) -> None:
    x, y = np.array(drawn, dtype=float).T
    np.testing.assert_allclose(monotone(x, y), by_definition(x, y), atol=1e-9)


@given(points)
@settings(deadline=None)
def test_it_never_turns_keeps_the_mean_and_falls_where_its_mirror_rises(drawn: list[tuple[int, int]]) -> None:
    x, y = np.array(drawn, dtype=float).T
    line = monotone(x, y)
    order = np.argsort(x)
    assert (np.diff(line[order]) >= -1e-9).all()
    assert line.mean() == pytest.approx(y.mean())
    np.testing.assert_allclose(monotone(x, -y, rising=False), -line, atol=1e-9)
    assert all(np.ptp(line[x == at]) == 0 for at in np.unique(x))


def test_a_missing_point_has_no_height_and_moves_no_other() -> None:
    assert monotone([1, np.nan, 2], [3.0, 9.0, np.nan]).tolist()[0] == 3.0
    assert np.isnan(monotone([1, np.nan, 2], [3.0, 9.0, np.nan])[1:]).all()


def test_axes_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        monotone([1, 2], [1.0])
