"""Many correlations at once: of any markers at any moments, as results and as one row each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import grid
from core.data import Data
from core.outputs import markers, measures
from core.outputs.catalogue import Options
from core.outputs.correlated import Correlated, Ranked, correlate
from core.stats.below_limit import SCALES, Measured
from core.study import Population

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Which two measures each correlation is of: one entry a correlation in every list."""

    x: Sequence[str]
    x_at: Sequence[str]
    y: Sequence[str]
    y_at: Sequence[str]


def correlations(data: Data, population: Population, asked: Asked, options: Options) -> Correlated:
    """Correlate every two measures that are asked for, in the order asked."""
    subjects = data.ask("subject_records", population)
    known = data.parameters
    rows = {code: row for row, code in enumerate(known.PARAMCD)}
    wanted = known.iloc[sorted({rows[code] for code in (*asked.x, *asked.y)})]
    row = {code: at for at, code in enumerate(wanted.PARAMCD)}
    when = list(dict.fromkeys((*asked.x_at, *asked.y_at)))
    names = list(dict.fromkeys(name for moment in when for name in measures.moments(data)[moment]))
    read = dict(zip(names, markers.values(data, population, subjects, wanted, names), strict=True))
    ranked = {
        moment: _ranked([read[name] for name in measures.moments(data)[moment]], wanted.scale, str(options["blq"]))
        for moment in when
    }
    x, y = (
        _gathered(ranked, [row[code] for code in codes], at, len(subjects))
        for codes, at in ((asked.x, asked.x_at), (asked.y, asked.y_at))
    )
    return correlate(x, y, data.study.association.most_below_percent, float(options["conf"]))


def _ranked(ends: list[Measured], scales: pd.Series, rule: str) -> Ranked:
    """Return all markers at one moment as they are ranked."""
    shape = ends[0].value.shape
    flags = [np.zeros(shape, dtype=bool) for _ in range(2)]
    found = Ranked(np.full(shape, np.nan), flags[0], flags[1], np.full(shape[0], "", dtype=object))
    for scale in SCALES:
        of = (scales == scale).to_numpy()
        for whole, part in zip(
            vars(found).values(), vars(measures.rank([e.pick(of) for e in ends], rule, scale)).values(), strict=True
        ):
            whole[of] = part
    return found


def _gathered(ranked: Mapping[str, Ranked], rows: Sequence[int], at: Sequence[str], subjects: int) -> Ranked:
    """Take one row a correlation, each from its moment."""
    if not len(rows):
        none = np.empty((0, subjects), dtype=bool)
        return Ranked(none.astype(float), none, none, np.empty(0, dtype=object))
    picked = [(vars(ranked[moment]), row) for row, moment in zip(rows, at, strict=True)]
    return Ranked(*(np.array([of[name][row] for of, row in picked]) for name in picked[0][0]))


def as_results(asked: Asked, found: Correlated, q: Mapping[str, Floats] | None = None) -> list[pd.DataFrame]:
    """Return the rows of every correlation: Spearman's, the shares below the limit, and the adjusted p."""
    about = pd.DataFrame(
        {"variable": asked.x, "variable_level": asked.x_at, "group2": asked.y, "group2_level": asked.y_at}
    )
    shares = {"percent_x": found.share_x, "percent_y": found.share_y}
    contexts: dict[str, Mapping[str, Floats]] = {"spearman": found.spearman, "below_limit": shares}
    contexts |= {"adjusted": q} if q else {}
    return [
        grid(about, "", [""], [context], {name: values[:, None, None] for name, values in stats.items()}, found.reason[:, None, None])
        for context, stats in contexts.items()
    ]  # fmt: skip


def cells(data: Data, asked: Asked, found: Correlated, family: Sequence[str], q: Floats | None = None) -> pd.DataFrame:
    """Return one row a correlation, ready to be drawn; `cell` is what a click tells."""
    names = measures.X.choices(data)
    frame = pd.DataFrame({"family": family, "x": asked.x, "x_at": asked.x_at, "y": asked.y, "y_at": asked.y_at})
    frame["cell"] = frame.x + " " + frame.x_at + " ~ " + frame.y + " " + frame.y_at
    frame["x_label"], frame["y_label"] = (frame[axis].map(names) for axis in "xy")
    numbers = {"n": found.n, "rho": found.rho, "p": found.p_value, "low": found.conf_low, "high": found.conf_high}
    shares = {"exact": found.exact, "share_x": found.share_x, "share_y": found.share_y, "reason": found.reason}
    return frame.assign(**numbers, **shares, q=np.nan if q is None else q)
