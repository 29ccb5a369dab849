"""What changed since the last cut: numbers that moved, records added, changed and gone, variable by variable."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from core.ard import Result, grid, join
from core.data import Data
from core.errors import ConditionError, RequestError
from core.formats import counted
from core.ingest.contract import DATASETS
from core.outputs import cut_numbers
from core.outputs.catalogue import CONF, Answer, Option, Options, Output
from core.outputs.cut_numbers import ON_VIEW, Number
from core.outputs.cut_records import (
    ADDED,
    BLANKED,
    CHANGED,
    COLUMNS,
    FILLED,
    GONE,
    NUMBER,
    REVISED,
    TERM,
    Compared,
    compare,
)
from core.study import Population
from core.tables.cut_changes import DATASET, HEADLINE, PAIR, cut_changes, sentence
from core.tables.layout import Layout

NONE_NAMED = (
    "No earlier cut is named: keep the folder of the last cut and name it in study.toml, from the study folder on, such as "
    'previous_cut = "../my-study-2024-03", or compare two folders with python -m core compare EARLIER LATER.'
)
EVALUABLE_PAIR = "Evaluable pair"
OF_THE_CUT = ("data_cut", "previous_cut", "title", "source")
COUNTS = ("earlier", "later", ADDED, CHANGED, GONE)
RECORDS = (*COUNTS, "added_with_subject", "gone_with_subject")
KINDS = (FILLED, BLANKED, REVISED)
VIEW, PAIRS = "on view", "pairs"
"""What stands for a dataset in records of who is on view, and of pairs."""
MATCH = Option(
    "match", "Match adverse events", NUMBER, choices=lambda _: {NUMBER: "By AESEQ", TERM: "By term and start"},
    help="AESEQ tells the events of a subject apart, unless they were numbered anew between the cuts.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Set both cuts against each other; without an earlier one, give the numbers of this one."""
    earlier = data.earlier
    named, code, conf = cut_numbers.labels(data, population), cut_numbers.first_marker(data), float(options["conf"])
    now = cut_numbers.numbers(data, population, code, conf)
    if earlier is None:
        return Answer(_headline(named, {}, now, "no earlier cut is named"), [NONE_NAMED])
    try:
        then = cut_numbers.numbers(earlier, population, code, conf)
        seen = [set(each.ask("subjects", population).USUBJID) for each in (earlier, data)]
    except ConditionError as error:
        raise RequestError(f"The earlier cut of {earlier.study.data_cut} cannot be asked for these subjects: {error}") from None  # fmt: skip
    cuts, either = (earlier, data), seen[0] | seen[1]
    names = [name for name in DATASETS if name in data.schema or name in earlier.schema]
    compared = [compare(name, cuts, either, str(options["match"])) for name in names if all(name in cut.schema for cut in cuts)]  # fmt: skip
    paired = list(cut_numbers.pairs(cuts, population, EVALUABLE_PAIR))
    frame = join(
        [
            _headline(named, then, now, cut_numbers.NOT_COLLECTED),
            _on_view(seen),
            *_pairs(paired),
            *(_dataset(cuts, name, compared) for name in names),
            *_variables(compared, earlier),
        ]
    )
    records = pd.concat(
        [*(one.changes for one in compared), _pair_records(paired), _seen_records(seen, named[ON_VIEW])]
    )
    notes = _notes(cuts, names, compared)
    return Answer(frame, notes, records.reset_index(drop=True), _methods(compared, cuts))


def _headline(named: Mapping[str, str], then: dict[str, Number], now: dict[str, Number], why: str) -> pd.DataFrame:
    nothing = Number(math.nan, why)
    both = [(then.get(name, nothing), now.get(name, nothing)) for name in named]
    values = np.array([[before.value, after.value, after.value - before.value] for before, after in both])
    reasons = [before.reason or after.reason for before, after in both]
    return _rows(HEADLINE, named, "headline", ("earlier", "later", "difference"), values, reasons)


def _rows(
    variable: str, levels: Iterable[str], context: str, stats: Sequence[str], values: np.ndarray, reasons: Sequence[str] | str = ""
) -> pd.DataFrame:  # fmt: skip
    """Return one row a level and statistic; values has a row a level and a column a statistic."""
    named = pd.DataFrame({"variable": variable, "variable_level": list(levels), "group2": "", "group2_level": ""})
    why = np.array([reasons] * len(named) if isinstance(reasons, str) else list(reasons), dtype=object)
    cells = {name: values[:, at].astype(float)[:, None, None] for at, name in enumerate(stats)}
    return grid(named, "", [""], [context], cells, why[:, None, None])


def _on_view(seen: Sequence[set[str]]) -> pd.DataFrame:
    before, after = seen
    counts = [len(before), len(after), len(after - before), 0, len(before - after)]
    return _rows(PAIR, [ON_VIEW], "subjects", COUNTS, np.array([counts]))


def _pairs(paired: Sequence[tuple[str, int, int, pd.DataFrame]]) -> Iterator[pd.DataFrame]:
    if paired:
        counts = [[before, after, *(sum(frame.change == each) for each in COUNTS[2:])] for _, before, after, frame in paired]  # fmt: skip
        yield _rows(PAIR, [name for name, *_ in paired], "pairs", COUNTS, np.array(counts))


def _dataset(cuts: tuple[Data, Data], name: str, compared: Sequence[Compared]) -> pd.DataFrame:
    of = {one.dataset: one for one in compared}
    if name not in of:
        which = "earlier" if name in cuts[0].schema else "later"
        return _rows(
            DATASET, [name], "records", RECORDS, np.full((1, len(RECORDS)), np.nan), f"in the {which} cut only"
        )
    one, subjects = of[name], of["ADSL"].changes
    counts = [getattr(one, stat) for stat in COUNTS]
    for change in (ADDED, GONE):
        whole = one.changes[one.changes.change == change]
        counts.append(int(whole.USUBJID.isin(subjects.USUBJID[subjects.change == change]).sum()))
    return _rows(DATASET, [name], "records", RECORDS, np.array([counts]))


def _variables(compared: Sequence[Compared], earlier: Data) -> Iterator[pd.DataFrame]:
    """Yield, of every dataset, how many values of each variable changed, and how."""
    cut = earlier.study.data_cut.isoformat()
    for one in compared:
        changed = one.changes[one.changes.variable != ""]
        days = {name for name, kind in earlier.schema[one.dataset].items() if kind == "DATE"}
        since = changed.variable.isin(days) & changed.kind.isin([FILLED, REVISED]) & (changed.later > cut)
        counts = pd.DataFrame(
            {"changed": True, "since": since, "subjects": ~changed.duplicated(["USUBJID", "variable"])}
            | {kind: changed.kind == kind for kind in KINDS}
        )
        found = counts.groupby(changed.variable, sort=False).sum()
        if len(found):
            found = found.sort_values("changed", ascending=False, kind="stable")
            yield _rows(
                one.dataset, found.index, "variable", [name.replace(" ", "_") for name in found], found.to_numpy()
            )


def _pair_records(paired: Sequence[tuple[str, int, int, pd.DataFrame]]) -> pd.DataFrame:
    frames = [frame.assign(dataset=PAIRS, key=name, record="", variable="", kind="") for name, *_, frame in paired if len(frame)]  # fmt: skip
    return pd.concat(frames)[list(COLUMNS)] if frames else pd.DataFrame(columns=list(COLUMNS), dtype=str)


def _seen_records(seen: Sequence[set[str]], label: str) -> pd.DataFrame:
    """Return who came into view, and who left it."""
    before, after = seen
    rows = [(change, VIEW, name, label, "", "", "", "", "")
            for change, names in ((ADDED, after - before), (GONE, before - after)) for name in sorted(names)]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=str)


def _notes(cuts: tuple[Data, Data], names: Sequence[str], compared: Sequence[Compared]) -> list[str]:
    earlier, later = cuts
    dates = [cut.study.data_cut.isoformat() for cut in cuts]
    notes = [
        "Records are those of everybody on view in either cut; who is on view is decided in each cut by its own data. "
        "Evaluable pairs are counted among all who are registered, within the filters."
    ]
    if dates[0] >= dates[1]:
        notes.append(f"The earlier cut is of {dates[0]}, which is not before {dates[1]}.")
    for which, here, other in (("earlier", earlier, later), ("later", later, earlier)):
        only = [name for name in names if name in here.schema and name not in other.schema]
        if only:
            notes.append(f"In the {which} cut only, and so not compared: {', '.join(only)}.")
    for one in compared:
        if one.only:
            notes.append(f"{one.dataset}: {', '.join(one.only)} {'is' if len(one.only) == 1 else 'are'} in one cut only, and so not compared.")  # fmt: skip
    refused = [int(cut.ask("datasets", cut.everybody).refused.sum()) for cut in cuts]
    if any(refused):
        notes.append(f"Records refused when the files were read are in no cut: {refused[0]} in the earlier one, {refused[1]} in the later one.")  # fmt: skip
    described = [cut.study.model_dump() for cut in cuts]
    differ = [key for key in described[0] if key not in OF_THE_CUT and described[0][key] != described[1][key]]
    if differ:
        notes.append(f"study.toml is not the same in both cuts ({', '.join(differ)}); numbers may have moved for that reason.")  # fmt: skip
    return notes + _renumbered(compared, later)


def _renumbered(compared: Sequence[Compared], later: Data) -> list[str]:
    """Say when events of one number are of different terms, as they are when they were numbered anew."""
    term = later.study.adverse_events.term
    for one in compared:
        if one.dataset == "ADAE" and NUMBER in one.key:
            other = int((one.changes.variable == term).sum())
            if other:
                return [f"{counted(other, 'event has', 'events have')} the same AESEQ and another {term}; if events were numbered anew, match them by term and start."]  # fmt: skip
    return []


def _methods(compared: Sequence[Compared], cuts: tuple[Data, Data]) -> str:
    """Tell how records were matched."""
    keys = "; ".join(f"{one.dataset} by {', '.join(one.key)}" for one in compared)
    return (
        f"The data cuts of {cuts[0].study.data_cut} and {cuts[1].study.data_cut} were compared record by record. Records were matched by "
        f"key, never by their place in a file: {keys}. Of several records with one key, those equal in every variable were matched "
        "first, the others in the order of their values. A record without a partner was tried once more without the dates of its key, "
        "then without its sequence numbers, and matched only where one record of either cut was left. A value is changed when it is not "
        "the same as it was; a missing value is a value like others."
    )


def show(result: Result, data: Data) -> Layout:
    """Draw the numbers that moved, who came and went, and the records that changed."""
    return cut_changes(result, _words(result, data), _dates(data))


def answer(result: Result, data: Data) -> str:
    """Return what changed, in one sentence."""
    return "" if data.earlier is None else sentence(result, _dates(data)[0])


def _dates(data: Data) -> tuple[str, str]:
    earlier = data.earlier
    return ("" if earlier is None else earlier.study.data_cut.isoformat(), data.study.data_cut.isoformat())


def _words(result: Result, data: Data) -> dict[tuple[str, str], str]:
    """Return how each row reads: by variable and level."""
    ard = result.ard
    population = Population(label=result.population)
    headlines = cut_numbers.labels(data, population)
    words = {(HEADLINE, name): label for name, label in headlines.items()} | {(PAIR, ON_VIEW): headlines[ON_VIEW]}
    if "ADBM" in data.schema:
        words |= {(PAIR, code): label for code, label in zip(data.parameters.PARAMCD, data.parameters.label, strict=True)}  # fmt: skip
    words |= {(DATASET, name): f"{name}: {dataset.label.lower()}" for name, dataset in DATASETS.items()}
    for dataset, variable in dict.fromkeys(zip(ard.variable, ard.variable_level, strict=True)):
        label = data.labels.get(dataset, {}).get(variable, "")
        if label:
            words[dataset, variable] = f"{variable}: {label[0].lower() + label[1:]}"
    return words


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the changes behind one row: of a dataset, of one of its variables, of who is on view, or of pairs."""
    variable, level, _ = about
    found = compute(data, population, OUTPUT.read(options, data)).records
    if variable == DATASET:
        return found[found.dataset == level]
    if variable == PAIR:
        return found[found.dataset == VIEW] if level == ON_VIEW else found[(found.dataset == PAIRS) & (found.key == level)]  # fmt: skip
    return found[(found.dataset == variable) & (found.variable == level)]


OUTPUT = Output(
    "cut_changes",
    "What changed since the last cut",
    (MATCH, CONF),
    compute,
    show,
    records=lambda result: result.records,
    answer=answer,
    behind=behind,
    listed="change",
)
