"""Paired change beside SciPy and pingouin, where they answer the same question.

Not asked: SciPy's signed-rank test "exact" with ties (it drops to the normal curve or draws), pingouin's limits (rounded
to two decimals), its d of paired data (over the mean of both standard deviations; d_z has another name).
"""

import numpy as np
import pytest
from scipy import stats

from core.stats.effect_size import d_z, g_z, rank_biserial
from core.stats.multiplicity import adjust
from core.stats.paired_t import paired_t
from core.stats.resampling import permutation
from core.stats.signed_rank import signed_rank

pingouin = pytest.importorskip("pingouin")  # Two seconds to import: once, here.

RNG = np.random.default_rng(20240601)
BATCH = RNG.standard_normal((50, 24)) + 0.3
BATCH[RNG.random(BATCH.shape) < 0.1] = np.nan


def test_many_t_tests_at_once() -> None:
    ours, other = paired_t(BATCH), stats.ttest_1samp(BATCH, 0, axis=1, nan_policy="omit")
    np.testing.assert_allclose(ours.t, other.statistic, rtol=1e-12)
    np.testing.assert_allclose(ours.p_value, other.pvalue, rtol=1e-12)
    limits = other.confidence_interval()
    np.testing.assert_allclose(ours.conf_low, limits.low, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.conf_high, limits.high, rtol=1e-9, atol=1e-12)


def test_many_signed_rank_tests_at_once() -> None:
    other = stats.wilcoxon(BATCH, axis=1, nan_policy="omit", method="exact")
    np.testing.assert_allclose(signed_rank(BATCH).p_value, other.pvalue, rtol=1e-12)


def test_flipped_signs() -> None:
    x = BATCH[0, ~np.isnan(BATCH[0])][:12]
    other = stats.permutation_test(
        (x,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert permutation(x).p_value == pytest.approx(float(other.pvalue), rel=1e-12)


@pytest.mark.parametrize("row", range(5))
def test_pingouin(row: int) -> None:
    x = BATCH[row, ~np.isnan(BATCH[row])]
    before, after = np.zeros_like(x), x
    test = pingouin.ttest(after, before, paired=True).iloc[0]
    assert float(paired_t(x).t) == pytest.approx(test["T"], rel=1e-9)
    assert float(paired_t(x).p_value) == pytest.approx(test["p_val"], rel=1e-9)
    ranks = pingouin.wilcoxon(after, before).iloc[0]
    assert float(rank_biserial(x).estimate) == pytest.approx(ranks["RBC"], rel=1e-9)
    earlier = RNG.standard_normal(len(x))
    d = pingouin.compute_effsize(earlier + x, earlier, paired=True, eftype="cohen_dz")
    assert float(d_z(x).estimate) == pytest.approx(d, rel=1e-9)
    assert abs(float(g_z(x).estimate)) < abs(d)


def test_limits_of_d_z() -> None:
    """From the distribution function of SciPy, halved and halved again."""
    from scipy.optimize import brentq

    for x in BATCH[:10]:
        found, t = d_z(x), paired_t(x)
        root = np.sqrt(t.n)
        for limit, chance in ((found.conf_low, 0.975), (found.conf_high, 0.025)):
            nc = brentq(lambda nc, p=chance, t=t: stats.nct.cdf(t.t, t.df, nc) - p, -10, 20, xtol=1e-12)
            assert float(limit) == pytest.approx(nc / root, rel=1e-9, abs=1e-11)


def test_adjusted_p() -> None:
    p = np.append(paired_t(BATCH).p_value, np.nan)
    found = adjust(p, np.zeros(len(p), dtype=int))
    for method, ours in (("fdr_bh", found.q_bh), ("holm", found.p_holm)):
        np.testing.assert_allclose(ours, pingouin.multicomp(p, method=method)[1], rtol=1e-12)
