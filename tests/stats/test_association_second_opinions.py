"""Association beside SciPy and pingouin, where they answer the same question.

Not asked: SciPy's exact p with ties (there is none) and pingouin's limits, which are rounded to two decimals and are those
of measured values: ours add what Bonett and Wright found missing for ranks. pingouin's p is always by t.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.stats.kendall import kendall
from core.stats.partial_spearman import partial_spearman
from core.stats.pearson import pearson_log
from core.stats.spearman import spearman

pingouin = pytest.importorskip("pingouin")  # Two seconds to import: once, here.

RNG = np.random.default_rng(20240601)
COMMON = RNG.standard_normal(24)
BATCH = np.rint(10 * (RNG.standard_normal((40, 24)) + 0.4 * COMMON)) / 10
BATCH[RNG.random(BATCH.shape) < 0.1] = np.nan
ROWS = range(0, 40, 8)


def complete(*axes: np.ndarray) -> list[np.ndarray]:
    here = ~np.isnan(axes).any(axis=0)
    return [axis[here] for axis in axes]


def test_many_rank_correlations_at_once() -> None:
    ours = spearman(BATCH, COMMON)
    for i, row in enumerate(BATCH):
        other = stats.spearmanr(*complete(row, COMMON))
        assert ours.rho[i] == pytest.approx(other.statistic, rel=1e-12)
        assert ours.p_value[i] == pytest.approx(other.pvalue, rel=1e-9)


def test_all_pairings_without_ties() -> None:
    x, y = RNG.standard_normal((2, 7))
    other = stats.permutation_test(
        (x,), lambda order: stats.spearmanr(order, y).statistic, permutation_type="pairings", n_resamples=np.inf
    )
    assert float(spearman(x, y).p_value) == pytest.approx(other.pvalue, rel=1e-12)


@pytest.mark.parametrize("row", ROWS)
def test_pingouin(row: int) -> None:
    x, y = complete(BATCH[row], COMMON)
    found, other = spearman(x, y), pingouin.corr(x, y, method="spearman").iloc[0]
    assert float(found.rho) == pytest.approx(other["r"], rel=1e-9)
    assert float(found.p_value) == pytest.approx(other["p_val"], rel=1e-9)
    low, high = other["CI95"]
    assert found.conf_low < low < high < found.conf_high
    ordered, other = kendall(x, y), pingouin.corr(x, y, method="kendall").iloc[0]
    assert ordered.tau_b == pytest.approx(other["r"], rel=1e-9)
    assert ordered.p_value == pytest.approx(other["p_val"], rel=1e-9)
    straight, other = pearson_log(np.exp(x), np.exp(y)), pingouin.corr(x, y).iloc[0]
    assert float(straight.r) == pytest.approx(other["r"], rel=1e-9)
    assert float(straight.p_value) == pytest.approx(other["p_val"], rel=1e-9)
    np.testing.assert_allclose((straight.conf_low, straight.conf_high), other["CI95"], atol=0.005)


@pytest.mark.parametrize("row", ROWS)
def test_pingouin_with_a_covariate(row: int) -> None:
    x, y, z = complete(BATCH[row], BATCH[row + 1], COMMON)
    found = partial_spearman(x, y, z)
    table = pd.DataFrame({"x": x, "y": y, "z": z})
    other = pingouin.partial_corr(table, "x", "y", "z", method="spearman").iloc[0]
    assert found.n == other["n"]
    assert float(found.rho) == pytest.approx(other["r"], rel=1e-9)
    assert float(found.p_value) == pytest.approx(other["p_val"], rel=1e-9)
