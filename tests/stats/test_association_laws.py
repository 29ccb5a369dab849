"""What holds of every statistic of association, whatever the data."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.kendall import kendall
from core.stats.partial_spearman import partial_spearman
from core.stats.pearson import pearson_log
from core.stats.spearman import spearman
from tests.stats.samples import Floats, alike, fields, fine, missing, recorded

Statistic = Callable[[Any, Any, Any], Any]


def two(statistic: Callable[..., Any], **asked: Any) -> Statistic:
    return lambda x, y, _: statistic(x, y, **asked)


def of_logarithms(x: Any, y: Any, _: Any) -> Any:
    """Any value is the logarithm of a positive one."""
    return pearson_log(np.exp(np.asarray(x) / 50), np.exp(np.asarray(y) / 50))


MANY: dict[str, Statistic] = {
    "spearman": two(spearman),
    "spearman, less": two(spearman, alternative="less", conf=0.9),
    "spearman, by t": two(spearman, method="asymptotic"),
    "partial_spearman": partial_spearman,
    "pearson_log": of_logarithms,
}
STATISTICS = MANY | {"kendall": two(kendall)}
RANKS = [name for name in STATISTICS if name != "pearson_log"]
TWO_SIDED = [name for name in STATISTICS if "less" not in name]
every = pytest.mark.parametrize("name", STATISTICS)
every_of_many = pytest.mark.parametrize("name", MANY)
few = settings(deadline=None, max_examples=40)
CLOSE = 1e-7
COEFFICIENT = {"rho", "r", "tau_b"}
SWAPPED = {"conf_low": "conf_high", "conf_high": "conf_low"}


def axes(rows: int = 0, most: int = 14) -> st.SearchStrategy[Floats]:
    """Three axes of the same subjects, shape (3, n); with rows, as many of each, shape (3, rows, n)."""
    cell = st.one_of(recorded, recorded | missing, fine)
    return st.integers(1, most).flatmap(
        lambda n: st.lists(cell, min_size=3 * max(rows, 1) * n, max_size=3 * max(rows, 1) * n).map(
            lambda drawn: np.array(drawn, dtype=float).reshape((3, rows, n) if rows else (3, n))
        )
    )


@every_of_many
@given(xyz=axes(rows=4))
@few
def test_many_markers_at_once_are_each_marker_alone(name: str, xyz: Floats) -> None:
    together = fields(MANY[name](*xyz))
    deep = fields(MANY[name](*np.stack([xyz, xyz], axis=1)))
    for i in range(4):
        for field, value in fields(MANY[name](*xyz[:, i])).items():
            assert np.isscalar(value) and together[field].shape == (4,)
            np.testing.assert_allclose(together[field][i], value, rtol=CLOSE, atol=CLOSE, err_msg=field)
            np.testing.assert_array_equal(deep[field], np.stack([together[field]] * 2))


@every_of_many
@given(xyz=axes(rows=4))
@few
def test_one_vector_stands_for_all_rows(name: str, xyz: Floats) -> None:
    x, y, z = xyz
    each = np.repeat(y[:1], 4, axis=0), np.repeat(z[:1], 4, axis=0)
    alike(MANY[name](x, y[0], z[0]), MANY[name](x, *each))
    alike(MANY[name](y[0], x, z[0]), MANY[name](each[0], x, each[1]))


@every
@given(xyz=axes(), seed=st.integers(0, 99))
@few
def test_the_order_of_subjects_says_nothing(name: str, xyz: Floats, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(xyz, axis=1)
    alike(STATISTICS[name](*shuffled), STATISTICS[name](*xyz), CLOSE)


@every
@given(xyz=axes(), place=st.integers(0, 14), axis=st.integers(0, 1))
@few
def test_a_subject_missing_on_one_axis_changes_nothing(name: str, xyz: Floats, place: int, axis: int) -> None:
    subject = np.array([1.7, -3.0, 0.4])
    subject[axis] = np.nan
    more = np.insert(xyz, min(place, xyz.shape[1]), subject, axis=1)
    alike(STATISTICS[name](*more), STATISTICS[name](*xyz), CLOSE)


@every
@given(xyz=axes())
@few
def test_the_axes_may_be_swapped(name: str, xyz: Floats) -> None:
    x, y, z = xyz
    alike(STATISTICS[name](y, x, z), STATISTICS[name](x, y, z), CLOSE)


@pytest.mark.parametrize("name", TWO_SIDED)
@given(xyz=axes())
@few
def test_one_axis_turned_round_turns_the_sign_and_nothing_else(name: str, xyz: Floats) -> None:
    x, y, z = xyz
    found, turned = fields(STATISTICS[name](x, y, z)), fields(STATISTICS[name](x, -y, z))
    for field, value in found.items():
        expected = -value if field in COEFFICIENT | set(SWAPPED) else value
        np.testing.assert_allclose(turned[SWAPPED.get(field, field)], expected, rtol=CLOSE, atol=CLOSE, err_msg=field)


@given(xyz=axes())
@few
def test_one_side_turned_round_is_the_other_side(xyz: Floats) -> None:
    x, y, _ = xyz
    for method in ("auto", "asymptotic"):
        less, greater = (partial(spearman, method=method, alternative=side) for side in ("less", "greater"))
        found, turned = less(x, y), greater(x, -y)
        np.testing.assert_allclose(turned.p_value, found.p_value, rtol=1e-12)
        np.testing.assert_allclose(-turned.conf_low, found.conf_high, rtol=1e-12)
        np.testing.assert_allclose(-turned.conf_high, found.conf_low, rtol=1e-12)


@pytest.mark.parametrize("name", RANKS)
@pytest.mark.parametrize("rising", [lambda x: x**3, lambda x: np.exp(x / 100), lambda x: 3 * x + 1e4])
@given(xyz=axes())
@few
def test_only_the_order_of_values_counts(name: str, rising: Callable[[Floats], Floats], xyz: Floats) -> None:
    x, y, z = xyz
    alike(STATISTICS[name](rising(x), y, z), STATISTICS[name](x, y, z))
    alike(STATISTICS[name](x, y, rising(z)), STATISTICS[name](x, y, z))


@every
@given(xyz=axes(), axis=st.integers(0, 1))
@few
def test_an_axis_without_differences_is_not_estimable(name: str, xyz: Floats, axis: int) -> None:
    xyz[axis] = [(0.1, 0.3 - 0.2, 1.1 - 1.0)[i % 3] for i in range(xyz.shape[1])]
    found = fields(STATISTICS[name](*xyz))
    complete = ~np.isnan(xyz if name == "partial_spearman" else xyz[:2]).any(axis=0)
    assert found["n"] == np.count_nonzero(complete)
    assert all(np.isnan(found[field]) for field in set(found) - {"n", "exact"})


@every
@given(xyz=axes())
@few
def test_every_number_is_in_its_range(name: str, xyz: Floats) -> None:
    found = fields(STATISTICS[name](*xyz))
    (coefficient,) = (value for field, value in found.items() if field in COEFFICIENT)
    if np.isnan(coefficient):
        assert all(np.isnan(found[field]) for field in set(found) - {"n", "exact"})
        return
    assert -1 <= coefficient <= 1
    assert np.isnan(found["p_value"]) or 0 <= found["p_value"] <= 1
    if "conf_low" not in found:
        return
    if abs(coefficient) == 1 or found["n"] < 4:
        assert np.isnan([found["conf_low"], found["conf_high"]]).all()
    elif found["n"] > 4:
        assert -1 <= found["conf_low"] < coefficient < found["conf_high"] <= 1


@every
@pytest.mark.parametrize("nothing", [np.array([]), np.array([np.nan, np.nan])], ids=["no subject", "all missing"])
def test_of_no_pair_nothing_is_known(name: str, nothing: Floats) -> None:
    found = fields(STATISTICS[name](nothing, nothing, nothing))
    assert found["n"] == 0
    assert all(np.isnan(found[field]) for field in set(found) - {"n", "exact"})


@every_of_many
def test_of_no_marker_there_is_no_answer(name: str) -> None:
    found = MANY[name](np.empty((0, 5)), np.arange(5), np.arange(5))
    assert all(value.shape == (0,) for value in fields(found).values())


@every
def test_impossible_axes_are_refused(name: str) -> None:
    x = np.arange(5.0)
    with pytest.raises(ValueError, match="finite"):
        STATISTICS[name]([0.0, 1, 2, np.inf, np.nan], x, x)
    with pytest.raises(ValueError, match="as many subjects on every axis, not 5, 1"):
        STATISTICS[name](x, [1.0], x)
    with pytest.raises(ValueError, match="axis of subjects"):
        STATISTICS[name](x, 1.0, x)


@every_of_many
def test_rows_that_do_not_fit_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="broadcast"):
        MANY[name](np.ones((2, 5)), np.ones((3, 5)), np.ones(5))


@pytest.mark.parametrize("statistic", [spearman, pearson_log, partial(partial_spearman, covariate=[1, 3, 2])])
@pytest.mark.parametrize("conf", [0, 1, 95])
def test_an_impossible_level_is_refused(statistic: Callable[..., Any], conf: float) -> None:
    with pytest.raises(ValueError, match="conf"):
        statistic([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], conf=conf)


@given(xyz=axes(), conf=st.floats(0.5, 0.99))
@few
def test_more_confidence_is_a_wider_interval(xyz: Floats, conf: float) -> None:
    x, y, z = xyz
    for statistic in (spearman, pearson_log, partial(partial_spearman, covariate=z)):
        first, second = (np.exp(x / 50), np.exp(y / 50)) if statistic is pearson_log else (x, y)
        narrow, wide = (statistic(first, second, conf=level) for level in (conf, conf + 0.009))
        if np.isfinite(narrow.conf_low):
            assert wide.conf_low <= narrow.conf_low <= narrow.conf_high <= wide.conf_high
