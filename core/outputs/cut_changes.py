"""What changed since the last cut: numbers that moved, records added, changed and gone, variable by variable."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from core.ard import Result, grid, join
from core.data import Data
from core.formats import NOT_COLLECTED, within_sentence
from core.ingest.contract import DATASETS
from core.outputs import cut_notes, cut_numbers
from core.outputs.catalogue import CONF, Answer, Option, Options, Output
from core.outputs.cut_numbers import Number
from core.outputs.cut_records import ADDED, BLANKED, CHANGED, COLUMNS, FILLED, GONE, NUMBER, REVISED, TERM, Compared
from core.outputs.cuts import PAIRS, VIEW, Cuts, read
from core.study import Population
from core.tables.cut_changes import DATASET, HEADLINE, ON_VIEW, PAIR, cut_changes, sentence
from core.tables.layout import Layout

NONE_NAMED = (
    "No earlier cut is named: keep the folder of the last cut and name it in study.toml, from the study folder on, such as "
    'previous_cut = "../my-study-2024-03", or compare two folders with python -m core compare EARLIER LATER.'
)
COUNTS = ("earlier", "later", ADDED, CHANGED, GONE)
RECORDS = (*COUNTS, "added_with_subject", "gone_with_subject", "changed_since_only")
KINDS = (FILLED, BLANKED, REVISED)
MATCH = Option(
    "match", "Match adverse events", NUMBER, choices=lambda _: {NUMBER: "By AESEQ", TERM: "By term and start"},
    help="AESEQ tells the events of a subject apart, unless they were numbered anew between the cuts.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Set both cuts against each other; without an earlier one, give the numbers of this one."""
    named, conf = cut_numbers.labels(data, population), float(options["conf"])
    now = cut_numbers.numbers(data, population, data, conf)
    cuts = read(data, population, str(options["match"]))
    if cuts is None:
        return Answer(_headline(named, {}, now, "no earlier cut is named"), [NONE_NAMED])
    then = cut_numbers.numbers(cuts.earlier, population, data, conf)
    pieces = [_headline(named, then, now, NOT_COLLECTED), _on_view(cuts.seen), *_pairs(cuts.paired)]
    pieces += [*(_dataset(cuts, name) for name in cuts.datasets), *_variables(cuts)]
    moved = abs(now["teae"].value - then["teae"].value) > 0
    return Answer(join(pieces), cut_notes.notes(cuts, moved), cuts.records, cut_notes.methods(cuts))


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


def _dataset(cuts: Cuts, name: str) -> pd.DataFrame:
    of = {one.dataset: one for one in cuts.compared}
    if name not in of:
        which = "earlier" if name in cuts.earlier.schema else "later"
        return _rows(
            DATASET, [name], "records", RECORDS, np.full((1, len(RECORDS)), np.nan), f"in the {which} cut only"
        )
    one, subjects = of[name], of["ADSL"].changes
    counts = [getattr(one, stat) for stat in COUNTS]
    for change in (ADDED, GONE):
        whole = one.changes[one.changes.change == change]
        counts.append(int(whole.USUBJID.isin(subjects.USUBJID[subjects.change == change]).sum()))
    since = _since(cuts, one)
    counts.append(int(since.groupby(one.changes.pair[since.index]).all().sum()))
    return _rows(DATASET, [name], "records", RECORDS, np.array([counts]))


def _since(cuts: Cuts, one: Compared) -> pd.Series:
    """Return, of every value changed, whether it is a date that is now after the earlier cut."""
    changed = one.changes[one.changes.change == CHANGED]
    days = {name for name, kind in cuts.later.schema[one.dataset].items() if kind == "DATE"}
    return changed.variable.isin(days) & (changed.later > cuts.dates[0])


def _variables(cuts: Cuts) -> Iterator[pd.DataFrame]:
    """Yield, of every dataset, how many values of each variable changed, and how."""
    for one in cuts.compared:
        since = _since(cuts, one)
        changed = one.changes.loc[since.index]
        counts = pd.DataFrame(
            {"changed": True, "since": since, "subjects": ~changed.duplicated(["USUBJID", "variable"])}
            | {kind: changed.kind == kind for kind in KINDS}
        )
        found = (
            counts.groupby(changed.variable, sort=False).sum().sort_values("changed", ascending=False, kind="stable")
        )
        if len(found):
            names = [name.replace(" ", "_") for name in found]
            yield _rows(one.dataset, found.index, "variable", names, found.to_numpy())


def show(result: Result, data: Data) -> Layout:
    """Draw the numbers that moved, who came and went, and the records that changed."""
    return cut_changes(result, _words(result, data), _dates(data))


def answer(result: Result, data: Data) -> str:
    """Return what changed, in one sentence, and which of it may be a record that was refused."""
    if data.earlier is None:
        return ""
    of = result.ard[result.ard.variable == DATASET].set_index(["variable_level", "stat_name"]).stat
    return sentence(result, _dates(data)[0]) + cut_notes.caveat(data, lambda name, change: float(of.get((name, change), 0)))  # fmt: skip


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
            words[dataset, variable] = f"{variable}: {within_sentence(label)}"
    return words


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the changes behind one row: of a dataset, of one of its variables, of who is on view, or of pairs."""
    variable, level, _ = about
    cuts = read(data, population, str(OUTPUT.read(options, data)["match"]))
    found = pd.DataFrame(columns=list(COLUMNS), dtype=str) if cuts is None else cuts.records
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
