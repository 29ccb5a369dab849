"""Dose intensity: by hand, against what the drawn study's own engine recorded, and what must hold for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import Data
from core.stats.dose_intensity import dose_intensity

amounts = st.lists(st.floats(0.5, 100), min_size=1, max_size=12)


def test_as_planned_is_100_percent() -> None:
    found = dose_intensity([25] * 6, [1, 22, 43, 64, 85, 106], planned=25, every_days=21)
    assert (found.n, found.cumulative, found.mean, found.per_interval, found.relative) == (6, 150, 25, 25, 100)


@pytest.mark.parametrize(
    ("amount", "day", "relative"),
    [([25], [1], 100), ([20], [1], 80), ([25, 25], [1, 43], 100 * 50 * 21 / (63 * 25)), ([25, 0, 25], [1, 22, 43], 100 * 50 * 21 / (63 * 25)),
     ([25, np.nan, 20], [1, 22, 22], 90)],
)  # fmt: skip
def test_a_delay_and_a_reduction_count_alike(amount: list[float], day: list[float], relative: float) -> None:
    assert dose_intensity(amount, day, 25, 21).relative == pytest.approx(relative)


def test_the_drawn_study_recorded_the_same(trial: Data) -> None:
    """RDI of ADSL was made by the engine that drew the study, which shares no code with this; it is recorded to 0.1."""
    doses = trial.ask("records", trial.everybody, dataset="ADEX")
    recorded = trial.ask("subjects", trial.everybody).set_index("USUBJID").RDI
    of = doses.groupby("USUBJID")
    assert len(of) == recorded.notna().sum() == 45
    for subject, given_ in of:
        days = (given_.ASTDT - given_.ASTDT.min()).dt.days
        assert dose_intensity(given_.EXDOSE, days, 25, 21).relative == pytest.approx(recorded[subject], abs=0.0501)


@given(amounts, st.data())
def test_order_does_not_matter_and_amounts_scale(amount: list[float], data: st.DataObject) -> None:
    day = data.draw(st.lists(st.integers(0, 300), min_size=len(amount), max_size=len(amount)))
    order = data.draw(st.permutations(range(len(amount))))
    one = dose_intensity(amount, day, 25, 21)
    other = dose_intensity([2 * amount[i] for i in order], [day[i] for i in order], 25, 21)
    assert other.relative == pytest.approx(2 * one.relative)
    assert other.cumulative == pytest.approx(2 * one.cumulative)


def test_without_a_plan_only_the_doses_are_told() -> None:
    found = dose_intensity([25, 20], [1, 22])
    assert (found.n, found.cumulative, found.mean) == (2, 45, 22.5)
    assert np.isnan([found.per_interval, found.relative]).all()


def test_no_dose_is_no_dose() -> None:
    found = dose_intensity([0, np.nan], [1, 2], 25, 21)
    assert (found.n, found.cumulative) == (0, 0)
    assert np.isnan([found.mean, found.per_interval, found.relative]).all()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no dose is negative"):
        dose_intensity([-1], [1])
    with pytest.raises(ValueError, match="every dose needs a day"):
        dose_intensity([1, 2], [1])
