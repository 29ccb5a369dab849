"""Ordered categories of a parameter, such as performance status: where a subject began, and what followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.data import Data
from core.errors import OptionError
from core.formats import counted, named
from core.outputs.catalogue import Option, Options
from core.outputs.markers import told_apart
from core.study import Population

DATASET, CODE = "ADQS", "ECOG"
"""Where performance status stands in ADaM."""

AFTER = "After baseline"
"""The one period of a study that names none."""

MISSING = "missing"
MOST_CATEGORIES = 20
LOW_TO_HIGH = ("LL", "LOW LOW", "L", "LOW", "N", "NORMAL", "H", "HIGH", "HH", "HIGH HIGH")
"""Indicators of a reference range, in order; other text stands in the order of the alphabet."""

FLAG = "Y"
ABSENT: Mapping[str, object] = {
    "AVISITN": np.nan, "ADY": np.nan, "ADT": pd.NaT, "ABLFL": None, "ANL01FL": None,
}  # fmt: skip

BETTER = Option(
    "better", "Better is", "lower", choices=lambda _: {"lower": "Lower", "higher": "Higher"},
    help="Which way is an improvement; of performance status, lower.", rare=True,
)  # fmt: skip


@dataclass(frozen=True)
class Ordered:
    """The values of one parameter.

    Attributes
    ----------
    subjects : DataFrame
        ADSL of the subjects on view, by subject_code, and `baseline`, missing where there is none.
    values : DataFrame
        One row per value after baseline, with `value` and `period`, the number of the period its day falls in.
    categories : tuple of str
        All categories that the study has of the parameter, in order.
    numeric : bool
        Whether they are numbers.
    label : str
        How a reader knows the parameter.
    notes : list of str
        What was decided about the baseline.
    """

    subjects: pd.DataFrame
    values: pd.DataFrame
    categories: tuple[str, ...]
    numeric: bool
    label: str
    notes: list[str] = field(default_factory=list)

    def texts(self, values: pd.Series) -> pd.Series:
        """Return values, one a subject, as their categories; the missing ones are a category too."""
        plain = values.map(_text, na_action="ignore").astype(object)
        return plain.where(plain.notna(), MISSING)


@dataclass(frozen=True)
class Standing:
    """The value that stands for each subject, by subject_code, and of whom several could not be told apart."""

    value: pd.Series
    unclear: tuple[int, ...] = ()


def datasets(data: Data) -> list[str]:
    """Return the study's datasets of parameters: performance status first, then those with a reference range.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> datasets(data)[:2]
    ['ADQS', 'ADLB']
    """
    there = [name for name, variables in data.schema.items() if {"USUBJID", "PARAMCD", "AVISIT"} <= variables.keys()]
    return sorted(there, key=lambda name: (name != DATASET, "ANRIND" not in data.schema[name]))


def usual_dataset(data: Data) -> str:
    """Return the dataset that is meant when none is named; empty when the study has none.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> usual_dataset(data)
    'ADQS'
    """
    return next(iter(datasets(data)), "")


def parameters(data: Data, dataset: str) -> dict[str, str]:
    """Return the parameters of a dataset and how each reads; two of one name are told apart by their code.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> parameters(data, "ADQS")
    {'ECOG': 'ECOG performance status'}
    """
    if dataset not in data.schema:
        return {}
    rows = data.ask("ordered_parameters", data.everybody, dataset=dataset).drop_duplicates("PARAMCD")
    return told_apart(rows.PARAMCD, rows.PARAM.fillna(rows.PARAMCD) if "PARAM" in rows else rows.PARAMCD)


def usual_parameter(data: Data, dataset: str) -> str:
    """Return performance status where it is there, else the first parameter of the dataset.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> usual_parameter(data, "ADQS")
    'ECOG'
    """
    there = parameters(data, dataset)
    return CODE if CODE in there else next(iter(there), "")


def visits(data: Data, dataset: str) -> list[str]:
    """Return the visits of a dataset in the order of their numbers, then of the file.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> visits(data, "ADQS")[:2]
    ['Baseline', 'Cycle 2']
    """
    if dataset not in data.schema:
        return []
    rows = data.ask("ordered_visits", data.everybody, dataset=dataset)
    order = rows.sort_values(["AVISITN", "first_row"], kind="stable") if "AVISITN" in rows else rows
    return list(dict.fromkeys(order.AVISIT))


def blocks(data: Data) -> dict[int, str]:
    """Return the periods of treatment and follow-up by their numbers; 0 is all time after baseline.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> blocks(data)
    {2: 'Cycles 1-3', 3: 'Cycles 4-10', 4: 'Follow-up'}
    """
    kinds = {
        number: each.label
        for number, each in enumerate(data.study.periods, 1)
        if each.kind in ("treatment", "follow_up")
    }
    return kinds or {0: AFTER}


def read(data: Data, population: Population, options: Options) -> Ordered:
    """Return the values of one parameter.

    Parameters
    ----------
    options : mapping
        dataset, PARAMCD, and the variables of the value and of the baseline.

    Raises
    ------
    OptionError
        The dataset lacks the parameter or a variable, or what the variable holds are no categories.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> options = {"dataset": "ADQS", "PARAMCD": "ECOG", "variable": "AVAL", "baseline": "BASE"}
    >>> found = read(data, data.everybody, options)
    >>> found.categories, found.numeric
    (('0', '1', '2', '3'), True)
    """
    dataset, code, variable, baseline = (str(options[name]) for name in ("dataset", "PARAMCD", "variable", "baseline"))
    label = _check(data, dataset, code, variable, baseline)
    every = data.ask("ordered_records", data.everybody, dataset=dataset, parameter=code)
    every = every.assign(**{name: empty for name, empty in ABSENT.items() if name not in every})
    every["ADT"] = pd.to_datetime(every.ADT)
    numeric = data.schema[dataset][variable] == "DOUBLE"
    categories = _categories(every, variable, baseline, numeric)
    subjects = data.ask("subject_records", population).set_index("subject_code")
    marked = every.ABLFL == FLAG if every.ABLFL.notna().any() else data.study.timepoints.baseline == every.AVISIT
    on_view = every.subject_code.isin(subjects.index)
    own, first = every[on_view], marked[on_view]
    subjects["baseline"], notes = _baseline(own, first, variable, baseline, subjects, dataset)
    later = own[_after(own, first, subjects) & own[variable].notna()]
    values = later.assign(value=later[variable], period=_period(data, population, later))
    return Ordered(subjects, values, categories, numeric, label, notes)


def lowest(values: pd.DataFrame) -> Standing:
    """Return each subject's least value.

    Examples
    --------
    >>> values = pd.DataFrame({"subject_code": [1, 1, 2], "value": [2.0, 1.0, 0.0]})
    >>> lowest(values).value.tolist()
    [1.0, 0.0]
    """
    return Standing(values.groupby("subject_code").value.min())


def highest(values: pd.DataFrame) -> Standing:
    """Return each subject's greatest value.

    Examples
    --------
    >>> values = pd.DataFrame({"subject_code": [1, 1, 2], "value": [2.0, 1.0, 0.0]})
    >>> highest(values).value.tolist()
    [2.0, 0.0]
    """
    return Standing(values.groupby("subject_code").value.max())


def worst(values: pd.DataFrame, better: str) -> Standing:
    """Return each subject's worst value.

    Examples
    --------
    >>> values = pd.DataFrame({"subject_code": [1, 1, 2], "value": [2.0, 1.0, 0.0]})
    >>> worst(values, better="lower").value.tolist()
    [2.0, 0.0]
    """
    return highest(values) if better == "lower" else lowest(values)


def best(values: pd.DataFrame, better: str) -> Standing:
    """Return each subject's best value.

    Examples
    --------
    >>> values = pd.DataFrame({"subject_code": [1, 1, 2], "value": [2.0, 1.0, 0.0]})
    >>> best(values, better="lower").value.tolist()
    [1.0, 0.0]
    """
    return lowest(values) if better == "lower" else highest(values)


def last(values: pd.DataFrame) -> Standing:
    """Return each subject's last value: by date, else by visit; of one day the flagged record, then the last in sequence.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> options = {"dataset": "ADQS", "PARAMCD": "ECOG", "variable": "AVAL", "baseline": "BASE"}
    >>> found = read(data, data.everybody, options)
    >>> last(found.values).unclear
    ()
    """
    latest = _narrowed(values, values.ADT)
    latest = _narrowed(latest, latest.AVISITN.where(latest.ADT.isna()))
    latest = _narrowed(latest, (latest.ANL01FL == FLAG).astype(float))
    return _standing(_by_sequence(latest))


def at_visit(data: Data, values: pd.DataFrame, visit: str) -> Standing:
    """Return each subject's value at one visit: of several the flagged record, then the one of the study's rule.

    Where that leaves several that differ, or the study has no rule, there is none.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> options = {"dataset": "ADQS", "PARAMCD": "ECOG", "variable": "AVAL", "baseline": "BASE"}
    >>> found = read(data, data.everybody, options)
    >>> float(at_visit(data, found.values, "Cycle 2").value.max())
    3.0
    """
    here = values[visit == values.AVISIT]
    here = _narrowed(here, (here.ANL01FL == FLAG).astype(float))
    rule = data.study.records_per_timepoint
    target = next((each.target_day for each in data.study.visits if visit == each.AVISIT), None)
    if rule == "closest" and target is not None and here.ADY.notna().any():
        # There is no day 0: from day -1 to day 1 is one day.
        away = (here.ADY + (here.ADY < 0) - (target + (target < 0))).abs()
        return _standing(_narrowed(here, away, largest=False))
    if rule in ("first", "last"):
        here = _by_sequence(_narrowed(here, here.ADT, largest=rule == "last"), largest=rule == "last")
    return _standing(here)


def told(found: Ordered, standings: Mapping[str, Standing]) -> list[str]:
    """Say of whom several values could not be told apart, so that none is used.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> options = {"dataset": "ADQS", "PARAMCD": "ECOG", "variable": "AVAL", "baseline": "BASE"}
    >>> found = read(data, data.everybody, options)
    >>> told(found, {"Last": last(found.values)})
    []
    """
    notes = []
    for where, standing in standings.items():
        if standing.unclear:
            names = named(found.subjects.USUBJID[list(standing.unclear)])
            who = counted(len(standing.unclear), "subject has", "subjects have")
            notes.append(
                f"{where}: {who} several records that differ and that nothing tells apart; none is used ({names})."
            )
    return notes


def undated(found: Ordered) -> list[str]:
    """Say how many values belong to no period, since they have no date.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> options = {"dataset": "ADQS", "PARAMCD": "ECOG", "variable": "AVAL", "baseline": "BASE"}
    >>> found = read(data, data.everybody, options)
    >>> undated(found)
    []
    """
    n = int(found.values.ADT.isna().sum())
    return [f"{counted(n, 'value has', 'values have')} no date and so no period; not counted here."] if n else []


def _check(data: Data, dataset: str, code: str, variable: str, baseline: str) -> str:
    """Return the label of the parameter; raises OptionError in one sentence when something is not there or does not fit."""
    there, variables = parameters(data, dataset), data.schema[dataset]
    if code not in there:
        elsewhere = [name for name in datasets(data) if code in parameters(data, name)]
        hint = f" {code} is in {', '.join(elsewhere)}." if elsewhere else ""
        raise OptionError(f"{dataset} has no PARAMCD={code}; it has {', '.join(there)}.{hint}")
    if variable not in variables:
        raise OptionError(f"{dataset} has no variable {variable}; use one that it has, such as AVAL.")
    kinds = [_kind(variables[name]) if name in variables else "" for name in (variable, baseline)]
    if "date" in kinds:
        raise OptionError(f"variable={variable} and baseline={baseline} must hold categories, not dates.")
    if kinds[1] and kinds[0] != kinds[1]:
        other = "BASE" if kinds[0] == "number" else "BNRIND"
        raise OptionError(
            f"variable={variable} holds {kinds[0]}s and baseline={baseline} {kinds[1]}s; use a pair such as "
            f"{'AVAL' if kinds[0] == 'number' else 'ANRIND'} and {other}."
        )
    return there[code]


def _kind(kind: str) -> str:
    return {"DOUBLE": "number", "DATE": "date"}.get(kind, "text")


def _text(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float | int) else str(value)
    return f"{text} (as recorded)" if text == MISSING else text


def _categories(every: pd.DataFrame, variable: str, baseline: str, numeric: bool) -> tuple[str, ...]:
    """Return all categories in order; of whole numbers also those between that nobody has."""
    columns = [every[name] for name in (variable, baseline) if name in every]
    found = pd.unique(pd.concat(columns).dropna())
    if numeric:
        values = np.sort(found.astype(float))
        whole = len(values) and np.all(values == np.floor(values)) and values[-1] - values[0] < MOST_CATEGORIES
        ordered: list[object] = list(np.arange(values[0], values[-1] + 1) if whole else values)
    else:
        rank = {text: place for place, text in enumerate(LOW_TO_HIGH)}
        ordered = sorted(found, key=lambda text: (rank.get(str(text).upper(), len(rank)), str(text)))
    if len(ordered) > MOST_CATEGORIES:
        raise OptionError(
            f"variable={variable} has {len(ordered):,} different values here, which are no categories; use a variable "
            "of categories with its baseline, such as variable=ANRIND baseline=BNRIND."
        )
    return tuple(map(_text, ordered))


def _baseline(
    own: pd.DataFrame, first: pd.Series, variable: str, baseline: str, subjects: pd.DataFrame, dataset: str
) -> tuple[pd.Series, list[str]]:
    """Return each subject's baseline, of the variable, else of the baseline record; and what to say about it."""
    stated = (
        own.assign(value=own[baseline])[own[baseline].notna()] if baseline in own else own.head(0).assign(value=None)
    )
    record = own[first & own[variable].notna()]
    by_variable, by_record = _standing(stated), last(record.assign(value=record[variable]))
    kept = by_record.value[~by_record.value.index.isin(by_variable.unclear)]
    found = by_variable.value.reindex(subjects.index)
    found = found.astype(object).where(found.notna(), kept.reindex(subjects.index).astype(object))
    if pd.api.types.is_numeric_dtype(own[variable]):
        found = found.astype(float)
    unclear = tuple(code for code in dict.fromkeys(by_variable.unclear + by_record.unclear) if pd.isna(found[code]))
    notes = []
    if baseline not in own:
        notes.append(f"{dataset} has no {baseline}; the baseline record gives the baseline.")
    if unclear:
        who = counted(len(unclear), "subject has", "subjects have")
        notes.append(
            f"{who} several baseline values that differ; none is used ({named(subjects.USUBJID[list(unclear)])})."
        )
    return found, notes


def _after(own: pd.DataFrame, first: pd.Series, subjects: pd.DataFrame) -> pd.Series:
    """Return which records are after baseline: after the first dose, or without one after the baseline record."""
    marked, codes = own[first].groupby("subject_code"), own.subject_code
    dosed = subjects.TRTSDT if "TRTSDT" in subjects else pd.Series(pd.NaT, subjects.index)
    since, day = (pd.to_datetime(of.reindex(codes)).set_axis(own.index) for of in (dosed, marked.ADT.max()))
    since = since.where(since.notna(), day)
    visit = marked.AVISITN.max().reindex(codes).set_axis(own.index)
    early = own.ADT.isna() & (visit >= own.AVISITN)
    return ~first & ~(since >= own.ADT) & ~early


def _period(data: Data, population: Population, values: pd.DataFrame) -> pd.Series:
    """Return the number of the period that the day of each value falls in, the later one where two meet."""
    spans = data.ask("subject_periods", population)
    spans = spans[spans.period.isin(list(blocks(data)))]
    both = values[["subject_code", "ADT"]].reset_index().merge(spans, on="subject_code")
    inside = (both.first_day <= both.ADT) & ((both.last_day >= both.ADT) | both.last_day.isna())
    return both[inside].groupby("index").period.max().astype(float).reindex(values.index)


def _narrowed(values: pd.DataFrame, by: pd.Series, largest: bool = True) -> pd.DataFrame:
    """Return of each subject the records that are first by something; one that lacks it is behind all that have it."""
    place = (by.rank(method="dense", ascending=largest)).fillna(0)
    return values[place == place.groupby(values.subject_code).transform("max")]


def _by_sequence(values: pd.DataFrame, largest: bool = True) -> pd.DataFrame:
    for name in [name for name in values if name.endswith("SEQ")]:
        values = _narrowed(values, values[name], largest)
    return values


def _standing(values: pd.DataFrame) -> Standing:
    """Return the value of each subject whose records agree."""
    of = values.groupby("subject_code").value
    different = of.nunique()
    return Standing(of.first()[different == 1], tuple(different.index[different > 1]))
