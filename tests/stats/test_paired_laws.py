"""What holds of every statistic of paired change, whatever the data."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.effect_size import d_z, g_z, rank_biserial
from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.paired_t import paired_t
from core.stats.sign_test import sign_test
from core.stats.signed_rank import signed_rank
from tests.stats.samples import Floats, alike, changes, fields, markers

STATISTICS: dict[str, Callable[[Any], Any]] = {
    "paired_t": paired_t,
    "paired_t, less": partial(paired_t, alternative="less", conf=0.9),
    "signed_rank": signed_rank,
    "signed_rank, less": partial(signed_rank, alternative="less"),
    "signed_rank, Pratt": partial(signed_rank, zero_method="pratt"),
    "signed_rank, normal": partial(signed_rank, method="asymptotic"),
    "hodges_lehmann": hodges_lehmann,
    "sign_test": sign_test,
    "sign_test, greater": partial(sign_test, alternative="greater"),
    "d_z": d_z,
    "g_z": g_z,
    "rank_biserial": rank_biserial,
    "rank_biserial, Pratt": partial(rank_biserial, zero_method="pratt"),
}
every = pytest.mark.parametrize("name", STATISTICS)
two_sided = pytest.mark.parametrize("name", [name for name in STATISTICS if "less" not in name and "great" not in name])
# A difference that is 0 on paper is 0 in floats, but a mean that is 0 on paper need not be.
CLOSE = 1e-9
SWAPPED = {"w_plus": "w_minus", "n_positive": "n_negative", "conf_low": "conf_high"}
SWAPPED |= {b: a for a, b in SWAPPED.items()}
TURNED = {"mean_change", "t", "estimate", "conf_low", "conf_high"}
IN_UNITS = {"mean_change", "sd_change"}


@every
@given(batch=markers())
@settings(deadline=None, max_examples=50)
def test_many_markers_at_once_are_each_marker_alone(name: str, batch: Floats) -> None:
    together = fields(STATISTICS[name](batch))
    for i, one in enumerate(batch):
        for field, value in fields(STATISTICS[name](one)).items():
            assert np.isscalar(value) and together[field].shape == (len(batch),)
            np.testing.assert_allclose(together[field][i], value, rtol=1e-12, atol=1e-12, err_msg=field)


@every
@given(batch=markers(rows=4))
@settings(deadline=None, max_examples=50)
def test_markers_keep_their_shape(name: str, batch: Floats) -> None:
    flat, deep = fields(STATISTICS[name](batch)), fields(STATISTICS[name](np.stack([batch, batch])))
    for field, value in flat.items():
        np.testing.assert_array_equal(deep[field], np.stack([value, value]))


@every
@given(x=changes(least=1), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_the_order_of_pairs_says_nothing(name: str, x: Floats, seed: int) -> None:
    alike(STATISTICS[name](np.random.default_rng(seed).permutation(x)), STATISTICS[name](x), CLOSE)


@every
@given(x=changes(least=1), place=st.integers(0, 40))
@settings(deadline=None, max_examples=50)
def test_a_missing_pair_changes_nothing(name: str, x: Floats, place: int) -> None:
    alike(STATISTICS[name](np.insert(x, min(place, len(x)), np.nan)), STATISTICS[name](x), CLOSE)


@two_sided
@given(x=changes(least=1))
@settings(deadline=None, max_examples=50)
def test_the_two_times_swapped_turn_the_sign_and_nothing_else(name: str, x: Floats) -> None:
    found, turned = fields(STATISTICS[name](x)), fields(STATISTICS[name](-x))
    for field, value in found.items():
        expected = -value if field in TURNED else value
        np.testing.assert_allclose(turned[SWAPPED.get(field, field)], expected, rtol=CLOSE, atol=CLOSE, err_msg=field)


@every
@given(x=changes(least=1), factor=st.sampled_from([0.5, 1024.0, 3.7, 1e-3]))
@settings(deadline=None, max_examples=50)
def test_a_change_of_unit_changes_units_only(name: str, x: Floats, factor: float) -> None:
    found, scaled = fields(STATISTICS[name](x)), fields(STATISTICS[name](factor * x))
    in_units = IN_UNITS | ({"conf_low", "conf_high"} if name.startswith("paired_t") else set())
    in_units |= {"estimate", "conf_low", "conf_high"} if name == "hodges_lehmann" else set()
    for field, value in found.items():
        expected = value * factor if field in in_units else value
        np.testing.assert_allclose(scaled[field], expected, rtol=CLOSE, atol=CLOSE, err_msg=field)


@every
@given(batch=markers(), data=st.data())
@settings(deadline=None, max_examples=50)
def test_one_pair_taken_from_one_marker_changes_that_marker_alone(
    name: str, batch: Floats, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(batch) - 1))
    without = batch.copy()
    without[row, data.draw(st.integers(0, batch.shape[1] - 1))] = np.nan
    before, after = fields(STATISTICS[name](batch)), fields(STATISTICS[name](without))
    others = np.arange(len(batch)) != row
    for field, value in before.items():
        # Equal to the last digit or so: a vector unit may add in another order when its neighbours change.
        np.testing.assert_allclose(after[field][others], value[others], rtol=1e-12, atol=1e-12, err_msg=field)


@every
@pytest.mark.parametrize("nothing", [np.array([]), np.array([np.nan, np.nan])], ids=["no pair", "all missing"])
def test_of_no_pair_nothing_is_known(name: str, nothing: Floats) -> None:
    found = fields(STATISTICS[name](nothing))
    counts = {"n", "n_zero", "n_tied", "n_positive", "n_negative"}
    assert all(found[field] == 0 for field in counts & set(found))
    assert all(np.isnan(found[field]) for field in set(found) - counts - {"exact"})


@every
def test_of_no_marker_there_is_no_answer(name: str) -> None:
    assert all(value.shape == (0,) for value in fields(STATISTICS[name](np.empty((0, 5)))).values())


@every
def test_an_infinite_change_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        STATISTICS[name]([1.0, np.inf])


@every
def test_a_number_is_not_a_sample(name: str) -> None:
    with pytest.raises(ValueError, match="axis"):
        STATISTICS[name](1.0)


@pytest.mark.parametrize("statistic", [paired_t, hodges_lehmann, d_z, g_z, rank_biserial])
@pytest.mark.parametrize("conf", [0, 1, 95])
def test_an_impossible_level_is_refused(statistic: Callable[..., Any], conf: float) -> None:
    with pytest.raises(ValueError, match="conf"):
        statistic([1.0, 2.0], conf=conf)


@pytest.mark.parametrize(
    ("statistic", "asked"),
    [
        (paired_t, {"alternative": "both"}),
        (signed_rank, {"alternative": "both"}),
        (signed_rank, {"zero_method": "zsplit"}),
        (signed_rank, {"method": "approx"}),
        (sign_test, {"alternative": "both"}),
        (rank_biserial, {"zero_method": "zsplit"}),
    ],
)
def test_an_unknown_choice_is_refused(statistic: Callable[..., Any], asked: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        statistic([1.0, 2.0], **asked)


@given(x=changes(least=3), conf=st.floats(0.5, 0.99))
@settings(deadline=None, max_examples=50)
def test_more_confidence_is_a_wider_interval_around_the_estimate(x: Floats, conf: float) -> None:
    for name, estimate in (("paired_t", "mean_change"), ("d_z", "estimate"), ("rank_biserial", "estimate")):
        narrow = fields(STATISTICS[name](x, conf=conf))
        wide = fields(STATISTICS[name](x, conf=conf + 0.009))
        if np.isfinite(narrow["conf_low"]):
            assert wide["conf_low"] <= narrow["conf_low"] <= narrow[estimate] + 1e-12
            assert narrow[estimate] - 1e-12 <= narrow["conf_high"] <= wide["conf_high"]


@given(x=changes(least=1, most=20, present=True))
@settings(deadline=None, max_examples=50)
def test_every_difference_twice(x: Floats) -> None:
    once, twice = signed_rank(x), signed_rank(np.tile(x, 2))
    assert (twice.n, twice.n_zero, twice.n_tied) == (2 * once.n, 2 * once.n_zero, 2 * (once.n - once.n_zero))
    assert sign_test(np.tile(x, 2)).n_positive == 2 * sign_test(x).n_positive
    np.testing.assert_allclose(paired_t(np.tile(x, 2)).mean_change, paired_t(x).mean_change, atol=1e-9)
    # Each rank r of n becomes twice 2 r - 1/2, and the sums of both signs with it.
    signs = sign_test(x)
    np.testing.assert_allclose(twice.w_plus, 4 * once.w_plus - signs.n_positive)
    np.testing.assert_allclose(twice.w_minus, 4 * once.w_minus - signs.n_negative)
