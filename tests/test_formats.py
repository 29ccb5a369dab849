"""How numbers read."""

import math

import pytest

from core import formats


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (6.25, 1, "6.3"),
        (6.35, 1, "6.4"),
        (-6.25, 1, "-6.3"),
        (2.5, 0, "3"),
        (0.5, 0, "1"),
        (-0.0, 1, "0.0"),
        (1e15, 0, "1000000000000000"),
    ],
)
def test_rounding_is_half_away_from_zero(value: float, digits: int, text: str) -> None:
    assert formats.fixed(value, digits) == text


@pytest.mark.parametrize(
    ("percent", "text"), [(0.0, "0.0"), (0.01, "<0.1"), (0.05, "0.1"), (99.96, ">99.9"), (100.0, "100.0")]
)
def test_a_percentage_never_reads_as_none_or_all_when_it_is_not(percent: float, text: str) -> None:
    assert formats.percentage(percent) == text


def test_zero_is_a_bare_zero_and_missing_says_so() -> None:
    assert formats.count_percent(0, 0.0) == "0"
    assert formats.count_percent(math.nan, math.nan) == formats.NOT_ESTIMABLE
    assert formats.interval(math.nan, 3.0) == formats.NOT_ESTIMABLE


def test_mixed_case_terms_stay_as_they_are() -> None:
    assert formats.sentence_case("PSA increased") == "PSA increased"
