"""The planned correlations on one page: before, after, and change against change, adjusted within their families."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result, join
from core.data import Data
from core.formats import confidence_level, counted
from core.outputs import concordance
from core.outputs.catalogue import CONF, Answer, Figure, Options, Output
from core.outputs.correlated import WARNED_ABOVE, Correlated
from core.outputs.correlations import Asked, as_results, cells, correlations
from core.outputs.measures import BLQ_OF_CHANGES
from core.stats.multiplicity import adjust
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Correlate what study.toml sets against each other, at every planned moment."""
    rungs, moments = concordance.rungs(data), concordance.planned_moments(data)
    if not data.study.association.sets:
        return Answer(
            join([]), ["study.toml plans no correlations ([[association.sets]]), so there is no ladder to show."]
        )
    if not rungs or not moments:
        return Answer(join([]), concordance.unmet(data) or ["No planned timepoint has been measured."])
    each = [(rung, moment) for rung in rungs for moment in moments]
    at = [moment for _, moment in each]
    asked = Asked([rung.x for rung, _ in each], at, [rung.y for rung, _ in each], at)
    found = correlations(data, population, asked, options)
    family = [rung.family for rung, _ in each]
    q = adjust(found.p_value, pd.factorize(np.array(family, dtype=object))[0])
    frames = as_results(asked, found, {"q_bh": q.q_bh, "p_holm": q.p_holm})
    unplanned = _unplanned(data, population, options)
    return Answer(join(frames), _notes(data, found, family, unplanned), cells(data, asked, found, family, q.q_bh), _methods(data, options), unplanned)  # fmt: skip


def _unplanned(data: Data, population: Population, options: Options) -> list[str]:
    found = []
    if population.label != data.study.populations[0].label:
        found.append(f"population {population.label}")
    if population.filters:
        found.append(f"only subjects with {population.condition}")
    if options["blq"] != data.study.design.below_limit:
        found.append(f"rule for values below the limit in changes: {options['blq']}")
    return found


def _notes(data: Data, found: Correlated, family: list[str], unplanned: list[str]) -> list[str]:
    sizes = pd.Series(family).value_counts(sort=False)
    given = pd.Series(~np.isnan(found.rho)).groupby(family, sort=False).sum()
    told = "; ".join(f"{name}: {given[name]} of {size}" for name, size in sizes.items())
    shares = np.fmax(found.share_x, found.share_y)
    many, refused = int(((shares > WARNED_ABOVE) & found.allowed).sum()), int((~found.allowed).sum())
    lost = int((found.n_usable - found.n)[found.allowed].sum())
    most = data.study.association.most_below_percent
    return [
        *([f"Exploratory, not as planned: {'; '.join(unplanned)}."] if unplanned else []),
        *concordance.unmet(data),
        f"q (Benjamini-Hochberg) and Holm's p adjust p within each family of study.toml, over all its moments that can be "
        f"estimated ({told}).",
        "p is exact up to 9 pairs and by the t approximation above; values below the limit at one timepoint share the lowest rank.",
        f"Of {counted(len(family), 'correlation')} {many} have more than {WARNED_ABOVE:g} % of an axis below the limit and are to be read with "
        f"care; {refused} more have above {most:g} %, the most that the study allows, and are not given.",
        *(
            [
                f"Values of usable pairs that rule or scale leaves out of changes: {lost} pairs; each scatter plot names them."
            ]
            if lost
            else []
        ),
    ]


def _methods(data: Data, options: Options) -> str:
    return (
        f"Spearman's rank correlations, paired by subject (data cut {data.study.data_cut}); two-sided p counted from all pairings up to 9 "
        f"pairs and by the t approximation above; {confidence_level(options['conf'])} intervals by Bonett and Wright; values below the limit "
        "of quantification at one timepoint share the lowest rank. P-values were adjusted by Benjamini-Hochberg (q) and Holm within the "
        f"families of the study. Computed with Marrowscope from data snapshot {data.snapshot}"
        + (" of simulated data." if data.study.simulated else ".")
    )


def show(result: Result, _: Data) -> Layout:
    """Draw one row a correlation, family by family."""
    from core.tables.concordance import correlation_table

    return correlation_table(result, "Planned correlations", adjusted=True)


def _ladder(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.concordance import ladder

    return ladder(result, data.study.design.alpha)


def answer(result: Result, data: Data) -> str:
    """Return how many of the planned correlations stand out after adjustment."""
    if result.records.empty:
        return ""
    alpha, found = data.study.design.alpha, result.records
    given = int(found.rho.notna().sum())
    told = f"{int((found.q < alpha).sum())} of {counted(given, 'planned correlation')} that can be estimated with q < {alpha:g}."
    return told + (" Exploratory." if result.unplanned else "")


OUTPUT = Output(
    "concordance_ladder",
    "Planned correlations",
    (BLQ_OF_CHANGES, CONF),
    compute,
    show,
    needs="ADBM",
    figures={"ladder": Figure("Concordance ladder", _ladder, "cell")},
    answer=answer,
)
