"""Do patients with a pair differ at baseline from those without? Descriptive: what is missing may not be missing by chance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, join, rows
from core.data import Data
from core.errors import OptionError
from core.formats import RULES, confidence_level, counted, named, within_sentence
from core.outputs import harvests, markers, ordered
from core.outputs.attempts import visits
from core.outputs.catalogue import CONF, Answer, Figure, Options, Output
from core.outputs.harvests import SITE, TOTAL
from core.stats.balance import difference_of_means, difference_of_shares
from core.stats.below_limit import on_scale
from core.stats.harvest import FAILED
from core.stats.location import location
from core.stats.proportion import proportion
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

Floats = NDArray[np.float64]

AGE = "AGE"
ROLE = "tumour_burden"
"""Markers of blood with this role in study.toml are compared at baseline."""

WITH, WITHOUT = "with_pair", "without_pair"
SHOWN = ("n", "n_missing", "mean", "sd", "median", "q1", "q3")
FEW, NOBODY, SAME = "too few values", "nobody in the group", "too few values, or nobody differs"


@dataclass(frozen=True)
class Size:
    """Patients compared."""

    n: float


@dataclass(frozen=True)
class Part:
    """How many of a group are of a kind, N of whom it is known."""

    n: float
    N: float
    percent: float


@dataclass(frozen=True)
class Trait:
    """Something known at baseline, one value a patient compared; on log2, differences are of logarithms."""

    variable: str
    values: pd.Series
    scale: str = "raw"

    @property
    def numeric(self) -> bool:
        """Whether it is measured, and not one of some kinds."""
        return pd.api.types.is_numeric_dtype(self.values)


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Compare age, markers of tumour burden in blood, performance status and site of patients with and without a pair."""
    found = harvests.read(data, population)
    if found.missing:
        return Answer(join([]), [f"Specimens: {found.missing}."])
    lost = pd.Series((found.first.state == FAILED) | found.lost_second, found.patients.index)
    paired = found.patients.pair
    compared = found.patients[paired | lost]
    traits, notes = _traits(data, population, compared.index)
    frames = [_size(WITH, paired), _size(WITHOUT, lost)]
    group = paired[compared.index]
    for trait in traits:
        frames += (
            _measured(trait, group, float(options["conf"]))
            if trait.numeric
            else _kinds(trait, group, float(options["conf"]))
        )
    records = pd.DataFrame(
        {"USUBJID": compared.USUBJID, "pair": group.map({True: "Y", False: "N"}), "state": compared.state}
    )
    values = {trait.variable: trait.values for trait in traits}
    return Answer(
        join(frames),
        [*_notes(data, found, float(options["conf"])), *notes],
        records.assign(**values).reset_index(drop=True),
    )


def _size(context: str, who: pd.Series) -> pd.DataFrame:
    return rows(Size(int(who.sum())), group1_level=TOTAL, variable="GROUP", context=context)


def _traits(data: Data, population: Population, codes: pd.Index) -> tuple[list[Trait], list[str]]:
    """Return what is known of everybody compared, and what is not collected."""
    subjects = data.ask("subject_records", population).set_index("subject_code").reindex(codes)
    found, lacking = [], []
    if AGE in subjects:
        found.append(Trait(AGE, subjects[AGE].astype(float)))
    else:
        lacking.append("age")
    found += (burden := _burden(data, population, codes))
    lacking += [] if burden else [f"markers of blood with the role {ROLE}"]
    status = _status(data, population, codes)
    found += [status] if status else []
    lacking += [] if status else ["performance status"]
    if SITE in subjects:
        found.append(Trait(SITE, subjects[SITE].astype(object)))
    else:
        lacking.append("site")
    return found, [f"Not collected: {', '.join(lacking)}."] if lacking else []


def _burden(data: Data, population: Population, codes: pd.Index) -> list[Trait]:
    """Return markers of tumour burden in blood at baseline, values below the limit by the rule of the study."""
    which = data.parameters[(data.parameters.role == ROLE) & ~data.parameters.tissue.astype(bool)]
    first, second = visits(data)
    if "ADBM" not in data.schema or which.empty or first not in data.timepoints:
        return []
    pairs = markers.read(data, population, {"from": first, "to": second})
    at = [list(data.parameters.PARAMCD).index(code) for code in which.PARAMCD]
    values = on_scale(pairs.earlier.pick(np.array(at)), data.study.design.below_limit)
    frame = pd.DataFrame(values.T, pairs.subjects.subject_code).reindex(codes)
    return [
        Trait(code, frame[place], scale)
        for place, (code, scale) in enumerate(zip(which.PARAMCD, which.scale, strict=True))
    ]


def _status(data: Data, population: Population, codes: pd.Index) -> Trait | None:
    """Return performance status at baseline as kinds; None without it, or where its values are no kinds."""
    code = ordered.usual_parameter(data, ordered.DATASET)
    if code != ordered.CODE:
        return None
    options = {"dataset": ordered.DATASET, "PARAMCD": code, "variable": "AVAL", "baseline": "BASE"}
    try:
        found = ordered.read(data, population, options)
    except OptionError:
        return None
    kinds = found.texts(found.subjects.baseline.reindex(codes)).astype(object)
    return Trait(code, kinds.where(kinds != ordered.MISSING, None))


def _measured(trait: Trait, group: pd.Series, conf: float) -> Iterator[pd.DataFrame]:
    """Yield both groups and their difference; on log2 the difference is of logarithms, of positive values."""
    key = {"group1_level": TOTAL, "variable": trait.variable}
    values = trait.values.to_numpy(dtype=float)
    parts = {context: values[group.to_numpy(dtype=bool) == own] for context, own in ((WITH, True), (WITHOUT, False))}
    for context, part in parts.items():
        told = rows(location(part, conf), FEW, context=context, **key)
        yield told[told.stat_name.isin(SHOWN)]
    first, second = (_on_scale(part, trait.scale) for part in parts.values())
    yield rows(difference_of_means(first, second, conf), SAME, context="difference", **key)


def _on_scale(values: Floats, scale: str) -> Floats:
    if scale == "raw":
        return values
    return np.log2(values, out=np.full(values.shape, np.nan), where=values > 0)


def _kinds(trait: Trait, group: pd.Series, conf: float) -> Iterator[pd.DataFrame]:
    """Yield each kind in both groups and the difference of its share, of those of whom it is known."""
    known = trait.values.notna()
    N = {context: int((known & (group == own)).sum()) for context, own in ((WITH, True), (WITHOUT, False))}
    for kind in sorted(trait.values[known].unique()):
        key = {"group1_level": TOTAL, "variable": trait.variable, "variable_level": str(kind)}
        n = {
            context: int(((trait.values == kind) & (group == own)).sum())
            for context, own in ((WITH, True), (WITHOUT, False))
        }
        for context in (WITH, WITHOUT):
            share = proportion(n[context], N[context])
            yield rows(Part(n[context], N[context], float(share.percent)), NOBODY, context=context, **key)
        found = difference_of_shares(n[WITH], N[WITH], n[WITHOUT], N[WITHOUT], conf)
        yield rows(found, SAME, context="difference", **key)


def _notes(data: Data, found: harvests.Harvests, conf: float) -> list[str]:
    undecided = found.patients.USUBJID[found.waiting]
    rule = RULES[data.study.design.below_limit]
    notes = [
        "Descriptive: patients with a pair are not a random part of all. A small difference does not show that nothing is missing "
        f"for a reason, and with few patients chance alone makes large ones: the last column says within which {confidence_level(conf)} of them would stay "
        "if only chance decided, row by row.",
        "Standardised difference: with a pair minus without, over the root of the mean of both variances; of a marker on log2, of "
        f"its logarithms. Below the limit: {within_sentence(rule)}. A kind's share is of those of whom it is known.",
    ]
    if len(undecided):
        notes.append(f"Undecided, in neither group: {counted(len(undecided), 'patient')} ({named(undecided)}).")
    return notes


def labels(data: Data) -> dict[str, str]:
    """Return how what is compared reads."""
    site = data.study.subgroup_label(SITE)
    return {AGE: "Age (years)", ordered.CODE: "ECOG performance status", SITE: "Site" if site == SITE else site} | {
        code: label + (f" ({unit})" if unit else "")
        for code, label, unit in zip(data.parameters.PARAMCD, data.parameters.label, data.parameters.unit, strict=True)
    }


def show(result: Result, data: Data) -> Layout:
    """Draw both groups side by side with their differences."""
    from core.tables.pair_bias import pair_bias_table

    return pair_bias_table(result, labels(data))


def _differences(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.balance import differences

    return differences(result, labels(data))


OUTPUT = Output(
    "pair_bias",
    "Patients with and without a pair",
    (replace(CONF, help="How often chance alone stays within what is said, between 0.5 and 0.999."),),
    compute,
    show,
    needs="ADBE",
    figures={"differences": Figure("Differences at baseline", _differences, "row")},
    records=lambda result: result.records,
    whom=harvests.registered,
)
