"""Where a patient stands at one timepoint; and how different two groups are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.balance import difference_of_means, difference_of_shares
from core.stats.harvest import STATES, harvest

FLAGS = st.lists(st.tuples(*[st.booleans()] * 5), max_size=20)


@pytest.mark.parametrize(
    ("evaluable", "unread", "closed", "given_up", "unknown", "state", "counts"),
    [
        (1, 0, 1, 0, 0, "evaluable", True),
        (1, 0, 0, 0, 0, "evaluable", False),
        (1, 1, 1, 0, 0, "evaluable", True),
        (0, 0, 1, 0, 0, "failed", True),
        (0, 0, 0, 0, 0, "waiting", False),
        (0, 1, 1, 1, 0, "waiting", False),
        (0, 0, 0, 1, 0, "failed", False),
        (0, 0, 1, 1, 0, "failed", True),
        (0, 0, 0, 1, 1, "failed", True),
        (0, 0, 0, 0, 1, "waiting", False),
    ],
)
def test_each_rule(evaluable, unread, closed, given_up, unknown, state, counts) -> None:  # type: ignore[no-untyped-def]
    found = harvest([evaluable], [unread], [closed], [given_up], [unknown])
    assert (found.state[0], bool(found.counts[0])) == (state, counts)


@given(FLAGS)
def test_everybody_is_in_one_state_and_only_the_decided_count(rows: list[tuple[bool, ...]]) -> None:
    columns = [[row[at] for row in rows] for at in range(5)]
    found = harvest(*columns)
    who = np.ones(len(rows), dtype=bool)
    assert sum(found.among(who, state) for state in STATES) == len(rows)
    assert found.decided(who, "waiting") == 0
    assert all(found.decided(who, state) <= found.among(who, state) for state in STATES)


def test_a_difference_in_standard_deviations() -> None:
    """Worked by hand: means 3 and 5, variances 1 and 4."""
    found = difference_of_means([2.0, 3.0, 4.0, np.nan], [3.0, 5.0, 7.0])
    assert found.difference == pytest.approx(-2 / np.sqrt(2.5))
    assert found.by_chance == pytest.approx(1.959963984540054 * np.sqrt(2 / 3))
    assert difference_of_shares(3, 4, 1, 4).difference == pytest.approx(0.5 / np.sqrt(3 / 16))


def test_what_cannot_be_estimated_is_missing() -> None:
    assert np.isnan(difference_of_means([1.0], [2.0, 3.0]).difference)
    assert np.isnan(difference_of_means([], [2.0, 3.0]).by_chance)
    assert np.isnan(difference_of_means([0.1] * 6, [0.1] * 3).difference)
    assert np.isnan(difference_of_shares(0, 0, 1, 4).difference)
    assert np.isnan(difference_of_shares(4, 4, 4, 4).difference)
    with pytest.raises(ValueError, match="between 0 and its denominator"):
        difference_of_shares(5, 4, 1, 4)


NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20)


@given(NUMBERS, NUMBERS)
def test_turning_the_groups_round_turns_the_sign(first: list[float], second: list[float]) -> None:
    there, back = difference_of_means(first, second), difference_of_means(second, first)
    assert there.difference == pytest.approx(-back.difference, nan_ok=True)
    assert there.by_chance == back.by_chance
    scaled = difference_of_means([2 * x for x in first], [2 * x for x in second])
    assert scaled.difference == pytest.approx(there.difference, nan_ok=True)


def test_chance_alone_stays_within_what_is_said() -> None:
    rng = np.random.default_rng(20260803)
    found = [difference_of_means(rng.normal(size=19), rng.normal(size=21)) for _ in range(2_000)]
    inside = np.mean([abs(each.difference) <= each.by_chance for each in found])
    assert inside == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))
