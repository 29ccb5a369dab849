"""Grades of laboratory values: at the limits, and what an unknown limit leaves open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.lab_grade import lab_grade

NEUTROPHILS = [2.0, 1.5, 1.0, 0.5]
values = st.floats(0, 10).map(lambda x: float(f"{x:.3g}"))
known = st.lists(st.floats(0.1, 9), min_size=1, max_size=5, unique=True)


@pytest.mark.parametrize(
    ("value", "grade"),
    [(2.0, 0), (1.99, 1), (1.5, 1), (1.49, 2), (1.0, 2), (0.99, 3), (0.5, 3), (0.49, 4), (0.0, 4)],
)
def test_a_value_at_a_limit_is_not_beyond_it(value: float, grade: int) -> None:
    found = lab_grade([value], [NEUTROPHILS], "low")
    assert (found.lowest[0], found.highest[0]) == (grade, grade)


@pytest.mark.parametrize(
    ("times", "grade"), [(1, 0), (1.01, 1), (3, 1), (3.01, 2), (5, 2), (5.01, 3), (20, 3), (20.01, 4)]
)
def test_multiples_of_a_limit_of_normal_are_met_exactly(times: float, grade: int) -> None:
    """0.1 three times is 0.30000000000000004, which is no more than 0.3."""
    for normal in (0.1, 0.7, 1.3, 45.0):
        found = lab_grade([times * normal], [[k * normal for k in (1, 3, 5, 20)]], "high")
        assert (found.lowest[0], found.highest[0]) == (grade, grade)


@given(values, known)
def test_with_all_limits_known_the_grade_is_the_last_limit_passed(value: float, limits: list[float]) -> None:
    bounds = sorted(limits)
    found = lab_grade([value], [bounds], "high")
    assert found.lowest[0] == found.highest[0] == sum(value > bound for bound in bounds)
    mirrored = lab_grade([value], [bounds[::-1]], "low")
    assert mirrored.lowest[0] == mirrored.highest[0] == sum(value < bound for bound in bounds)


@given(values, known, st.data())
def test_a_limit_that_is_not_known_only_leaves_more_open(
    value: float, limits: list[float], data: st.DataObject
) -> None:
    bounds = np.array(sorted(limits))
    hidden = data.draw(st.lists(st.booleans(), min_size=len(bounds), max_size=len(bounds)))
    whole = lab_grade([value], [bounds], "high")
    part = lab_grade([value], [np.where(hidden, np.nan, bounds)], "high")
    assert part.lowest[0] <= whole.lowest[0] <= whole.highest[0] <= part.highest[0]


def test_without_a_value_or_any_limit_every_grade_is_open() -> None:
    found = lab_grade([np.nan, 1.0], [NEUTROPHILS, [np.nan] * 4], "low")
    assert found.lowest.tolist() == [0, 0]
    assert found.highest.tolist() == [4, 4]


def test_limits_that_contradict_each_other_leave_the_grade_open() -> None:
    """A laboratory whose normal begins at 1.4 has 1.45 as normal, and CTCAE as Grade 2."""
    found = lab_grade([1.45], [[1.4, 1.5, 1.0, 0.5]], "low")
    assert (found.lowest[0], found.highest[0]) == (0, 2)


def test_a_side_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="side must be one of low, high"):
        lab_grade([1.0], [[1.0]], "beyond")
