"""Values below the limit of quantification: every rule by numbers worked out by hand, and what holds whatever the data."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.below_limit import RULES, SCALES, Change, Measured, change, on_scale, pair_states

NAN = math.nan
SHARES = ("half", "sqrt2", "lloq", "zero")
every_rule = pytest.mark.parametrize("rule", RULES)
every_scale = pytest.mark.parametrize("scale", SCALES)
few = settings(deadline=None, max_examples=30)


def same(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def alike(found: Change, expected: Change) -> None:
    same(found.change, expected.change)
    same(found.sign, expected.sign)
    np.testing.assert_array_equal(found.sized, expected.sized)


def below(limit: float) -> tuple[float, bool, float]:
    return (NAN, True, limit)


def value(number: float, limit: float = NAN) -> tuple[float, bool, float]:
    return (number, False, limit)


MISSING = (NAN, False, 0.5)


def measured(*cells: tuple[float, bool, float]) -> Measured:
    return Measured.of(*(np.array(part) for part in zip(*cells, strict=True)))


class TestWhatStandsIn:
    """A value below 0.8, one of 4, one missing."""

    SAMPLE = measured(below(0.8), value(4.0, 0.8), MISSING)

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ("half", 0.4),
            ("sqrt2", 0.565685424949238),
            ("lloq", 0.8),
            ("zero", 0.0),
            ("exclude", NAN),
            ("lowest", NAN),
        ],
    )
    def test_as_measured(self, rule, expected):
        same(on_scale(self.SAMPLE, rule), [expected, 4.0, NAN])

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ("half", -1.3219280948873624),
            ("sqrt2", -0.8219280948873624),
            ("lloq", -0.3219280948873623),
            ("zero", NAN),
            ("exclude", NAN),
            ("lowest", NAN),
        ],
    )
    def test_on_log2(self, rule, expected):
        same(on_scale(self.SAMPLE, rule, "log2"), [expected, 2.0, NAN])

    def test_half_the_limit_is_the_default(self):
        same(on_scale(self.SAMPLE), on_scale(self.SAMPLE, "half", "raw"))
        alike(change(self.SAMPLE, self.SAMPLE), change(self.SAMPLE, self.SAMPLE, "half", "raw"))

    def test_a_number_recorded_beside_the_flag_is_never_used(self):
        sample = Measured.of([0.03, 12.0], [True, True], 0.05)
        same(on_scale(sample), [0.025, 0.025])

    @pytest.mark.parametrize("rule", ["half", "sqrt2", "lloq"])
    def test_a_limit_that_nobody_states_gives_no_number(self, rule):
        assert np.isnan(on_scale(measured(below(NAN)), rule)).all()

    def test_zero_needs_no_limit(self):
        same(on_scale(measured(below(NAN)), "zero"), [0.0])

    @pytest.mark.parametrize("number", [0.0, -1.0])
    def test_what_has_no_logarithm_is_missing(self, number):
        assert np.isnan(on_scale(measured(value(number)), "half", "log2")).all()

    def test_an_unknown_rule_or_scale_is_refused(self):
        with pytest.raises(ValueError, match="rule"):
            on_scale(self.SAMPLE, "third")
        with pytest.raises(ValueError, match="scale"):
            change(self.SAMPLE, self.SAMPLE, "half", "ln")


class TestChange:
    """Four pairs, limit 0.8 and then 0.2: fell below, rose above, both below, both measured; and one without a later value."""

    EARLIER = measured(value(4.0, 0.8), below(0.8), below(0.8), value(4.0, 0.8), value(4.0, 0.8))
    LATER = measured(below(0.2), value(2.0, 0.2), below(0.2), value(1.0, 0.2), MISSING)

    @pytest.mark.parametrize(
        ("rule", "fell", "rose"),
        [
            ("half", -3.9, 1.6),
            ("sqrt2", -3.8585786437626903, 1.434314575050762),
            ("lloq", -3.8, 1.2),
            ("zero", -4.0, 2.0),
        ],
    )
    def test_as_measured(self, rule, fell, rose):
        found = change(self.EARLIER, self.LATER, rule)
        same(found.change, [fell, rose, 0.0, -3.0, NAN])
        same(found.sign, [-1, 1, 0, -1, NAN])
        assert found.sized

    @pytest.mark.parametrize(
        ("rule", "fell", "rose"),
        [
            ("half", -5.321928094887363, 2.321928094887362),
            ("sqrt2", -4.821928094887363, 1.8219280948873624),
            ("lloq", -4.321928094887363, 1.3219280948873624),
        ],
    )
    def test_on_log2(self, rule, fell, rose):
        found = change(self.EARLIER, self.LATER, rule, "log2")
        same(found.change, [fell, rose, 0.0, -2.0, NAN])
        same(found.sign, [-1, 1, 0, -1, NAN])
        assert found.sized

    @every_scale
    def test_excluded_values_make_no_pair(self, scale):
        found = change(self.EARLIER, self.LATER, "exclude", scale)
        same(found.change, [NAN, NAN, NAN, {"raw": -3.0, "log2": -2.0}[scale], NAN])
        same(found.sign, [NAN, NAN, NAN, -1, NAN])
        assert found.sized

    @pytest.mark.parametrize(("rule", "scale"), [("lowest", "raw"), ("lowest", "log2"), ("zero", "log2")])
    def test_an_order_without_a_magnitude_keeps_its_sign(self, rule, scale):
        found = change(self.EARLIER, self.LATER, rule, scale)
        same(found.sign, [-1, 1, 0, -1, NAN])
        same(found.change, [NAN, NAN, 0.0, {"raw": -3.0, "log2": -2.0}[scale], NAN])
        assert not found.sized

    def test_lowest_is_below_a_measured_value_that_is_under_the_limit_of_the_other_timepoint(self):
        found = change(measured(below(0.8)), measured(value(0.3, 0.1)), "lowest")
        same(found.sign, [1])

    @pytest.mark.parametrize(("rule", "scale"), [("lowest", "raw"), ("lowest", "log2"), ("zero", "log2")])
    def test_without_a_pair_that_crosses_the_limit_every_change_has_a_magnitude(self, rule, scale):
        earlier, later = measured(below(0.8), value(4.0), below(0.8)), measured(below(0.2), value(2.0), MISSING)
        found = change(earlier, later, rule, scale)
        assert found.sized
        same(found.change, [0.0, {"raw": -2.0, "log2": -1.0}[scale], NAN])

    @pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "exclude"])
    @every_scale
    @pytest.mark.parametrize(("first", "second"), [(0.8, 0.2), (0.2, 0.8), (NAN, 0.2), (NAN, NAN)])
    def test_both_below_is_no_change_whatever_the_limits(self, rule, scale, first, second):
        found = change(measured(below(first)), measured(below(second)), rule, scale)
        same(found.change, [0.0])
        same(found.sign, [0])
        assert found.sized

    @pytest.mark.parametrize("rule", ["half", "sqrt2", "lloq"])
    def test_one_below_a_limit_that_nobody_states_is_no_pair(self, rule):
        assert np.isnan(change(measured(below(NAN)), measured(value(3.0)), rule).sign).all()

    def test_one_below_a_limit_that_nobody_states_has_an_order(self):
        same(change(measured(below(NAN)), measured(value(3.0)), "lowest").sign, [1])

    @every_rule
    def test_what_has_no_logarithm_is_no_pair(self, rule):
        found = change(measured(value(0.0), below(0.5)), measured(value(3.0), value(0.0)), rule, "log2")
        assert np.isnan(found.change).all()
        assert np.isnan(found.sign).all()
        assert found.sized

    def test_one_marker_without_magnitudes_leaves_the_others_theirs(self):
        earlier = Measured.of([[4.0, NAN], [4.0, 5.0]], [[False, True], [False, False]], 0.8)
        later = Measured.of([[2.0, 2.0], [3.0, 7.0]])
        assert change(earlier, later, "lowest").sized.tolist() == [False, True]


class TestPairStates:
    def test_by_hand(self):
        states = pair_states(TestChange.EARLIER, TestChange.LATER)
        assert [int(count) for count in vars(states).values()] == [1, 1, 1, 1]
        assert list(vars(states)) == ["both_measured", "fell_below", "rose_above", "both_below"]

    def test_a_missing_value_is_in_no_state(self):
        states = pair_states(measured(MISSING, below(0.5), MISSING), measured(below(0.5), MISSING, MISSING))
        assert sum(int(count) for count in vars(states).values()) == 0


numbers = st.integers(1, 400).map(lambda tenths: tenths / 10)
limits = st.sampled_from([0.05, 0.1, 0.5, 2.0, 7.5])
cells = st.one_of(st.builds(value, numbers, limits), st.builds(below, limits), st.just(MISSING))


def samples(cell=cells, least=1, most=12):
    """Both timepoints of one marker."""
    return st.lists(st.tuples(cell, cell), min_size=least, max_size=most).map(
        lambda drawn: tuple(measured(*side) for side in zip(*drawn, strict=True))
    )


@every_rule
@every_scale
@given(pairs=samples())
@few
def test_swapped_timepoints_negate_change_and_sign(rule, scale, pairs):
    earlier, later = pairs
    forth, back = change(earlier, later, rule, scale), change(later, earlier, rule, scale)
    same(back.change, -forth.change)
    same(back.sign, -forth.sign)
    assert back.sized == forth.sized


@every_rule
@every_scale
@given(pairs=samples())
@few
def test_the_sign_is_that_of_the_change_wherever_there_is_one(rule, scale, pairs):
    found = change(*pairs, rule, scale)
    known = ~np.isnan(found.change)
    same(found.sign[known], np.sign(found.change[known]))
    assert set(found.sign[~np.isnan(found.sign)]) <= {-1.0, 0.0, 1.0}
    if found.sized:
        np.testing.assert_array_equal(np.isnan(found.sign), np.isnan(found.change))


@every_rule
@every_scale
@given(pairs=samples())
@few
def test_a_pair_is_two_usable_values_and_no_more(rule, scale, pairs):
    """Here all limits are stated and all values positive, so nothing but the rule can lose a pair."""
    earlier, later = pairs
    usable = earlier.present & later.present
    if rule == "exclude":
        usable &= ~earlier.below & ~later.below
    np.testing.assert_array_equal(~np.isnan(change(earlier, later, rule, scale).sign), usable)


@every_scale
@given(pairs=samples())
@few
def test_the_rules_stand_in_order(scale, pairs):
    ordered = ["zero", "half", "sqrt2", "lloq"] if scale == "raw" else ["half", "sqrt2", "lloq"]
    for sample in pairs:
        found = [on_scale(sample, rule, scale) for rule in ordered]
        for lower, higher in pairwise(found):
            assert (lower[sample.below] < higher[sample.below]).all()
            same(lower[~sample.below], higher[~sample.below])
        assert (found[-1][sample.below] <= on_scale(Measured.of(sample.limit), scale=scale)[sample.below]).all()


@every_scale
@given(pairs=samples(st.one_of(st.builds(value, numbers, limits), st.just(MISSING))))
@few
def test_without_values_below_the_limit_every_rule_says_the_same(scale, pairs):
    expected = change(*pairs, "half", scale)
    for rule in RULES:
        alike(change(*pairs, rule, scale), expected)


@every_rule
@every_scale
@given(pairs=samples(), lonely=st.lists(st.tuples(cells, st.booleans()), max_size=6), seed=st.integers(0, 99))
@few
def test_subjects_without_a_pair_change_nothing(rule, scale, pairs, lonely, seed):
    """They come anywhere among the others, with one value, below the limit or not, or none."""
    earlier, later = pairs
    n, more = earlier.value.size, len(lonely)
    sides = []
    for here, sample in enumerate(pairs):
        added = measured(*(cell if first == bool(here) else MISSING for cell, first in lonely)) if lonely else None
        parts = [(getattr(sample, name), getattr(added, name, [])) for name in ("value", "below", "limit")]
        sides.append([np.concatenate([old, np.asarray(new, dtype=old.dtype)]) for old, new in parts])
    order = np.random.default_rng(seed).permutation(n + more)
    found = change(*(Measured(*(part[order] for part in side)) for side in sides), rule, scale)
    back = np.argsort(order)
    expected = change(earlier, later, rule, scale)
    same(found.change[back][:n], expected.change)
    same(found.sign[back][:n], expected.sign)
    assert np.isnan(found.sign[back][n:]).all()
    assert found.sized == expected.sized
    states = pair_states(*(Measured(*(part[order] for part in side)) for side in sides))
    assert vars(states) == vars(pair_states(earlier, later))


@every_rule
@given(pairs=samples(), c=st.sampled_from([0.001, 0.25, 3.0, 1000.0]))
@few
def test_another_unit_scales_raw_changes_and_leaves_log2_changes(rule, pairs, c):
    scaled = [Measured.of(sample.value * c, sample.below, sample.limit * c) for sample in pairs]
    raw, log2 = change(*pairs, rule), change(*pairs, rule, "log2")
    np.testing.assert_allclose(change(*scaled, rule).change, raw.change * c, rtol=1e-9, atol=1e-9 * c)
    np.testing.assert_array_equal(change(*scaled, rule).sign, raw.sign)
    np.testing.assert_allclose(change(*scaled, rule, "log2").change, log2.change, rtol=1e-9, atol=1e-9)
    assert change(*scaled, rule, "log2").sized == log2.sized


@every_rule
@every_scale
@given(drawn=st.integers(1, 6).flatmap(lambda n: st.lists(samples(least=n, most=n), min_size=1, max_size=5)))
@few
def test_many_markers_at_once_are_each_marker_alone(rule, scale, drawn):
    earlier, later = (
        Measured(*(np.stack([getattr(pair[side], name) for pair in drawn]) for name in ("value", "below", "limit")))
        for side in (0, 1)
    )
    together, states = change(earlier, later, rule, scale), pair_states(earlier, later)
    assert together.sized.shape == (len(drawn),)
    for i, (first, second) in enumerate(drawn):
        alone = change(first, second, rule, scale)
        same(together.change[i], alone.change)
        same(together.sign[i], alone.sign)
        assert together.sized[i] == alone.sized
        assert {k: v[i] for k, v in vars(states).items()} == vars(pair_states(first, second))


@given(pairs=samples())
@few
def test_the_states_of_pairs_sum_to_the_pairs(pairs):
    earlier, later = pairs
    states = pair_states(earlier, later)
    assert sum(vars(states).values()) == np.count_nonzero(earlier.present & later.present)


@given(pairs=samples())
@few
def test_lowest_has_the_sign_of_the_ranks(pairs):
    """A value below any limit ranks below every measured one, and ties with its like."""
    rank = [np.where(sample.below, -1.0, sample.value) for sample in pairs]
    same(change(*pairs, "lowest").sign, np.sign(rank[1] - rank[0]))


def test_differences_that_were_recorded_alike_are_alike() -> None:
    """1234.1 - 1234.0 leaves 0.0999999999999 in binary, and 0.1 + 0.2 - 0.3 is not zero there."""
    found = change(Measured.of([1234.0, 0.1, 0.1 + 0.2]), Measured.of([1234.1, 0.2, 0.3])).change
    assert found[0] == pytest.approx(found[1], rel=1e-15)
    assert found[2] == 0
