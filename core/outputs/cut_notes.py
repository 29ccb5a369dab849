"""What a reader must know of two cuts set against each other, and how it was done, in sentences."""

from collections.abc import Callable, Iterator

from core.data import Data
from core.formats import counted
from core.ingest.contract import DATASETS
from core.outputs.cut_numbers import compared
from core.outputs.cut_records import ADDED, GONE, NUMBER
from core.outputs.cuts import Cuts

OF_THE_CUT = ("data_cut", "previous_cut", "title", "source")
"""What study.toml says of a cut, and not of how its numbers are made."""
WINDOWS = (
    "The data cut itself ends the days in which events of subjects without TRTEDT are treatment-emergent, so a later one may "
    "move these counts by itself."
)


def notes(cuts: Cuts, moved: bool) -> list[str]:
    """Return who was compared, what could not be, and what else may have moved the numbers.

    Parameters
    ----------
    moved : bool
        Whether the number of subjects with treatment-emergent events is another one.
    """
    first = (
        f"The earlier cut is that of {cuts.dates[0]}, snapshot {cuts.earlier.snapshot}. "
        "Records are those of everybody on view in either cut; who is on view is decided in each cut by its own data. "
        "Evaluable pairs are counted among all who are registered, within the filters."
    )
    found = [first, *_order(cuts), *_strangers(cuts), *_one_sided(cuts), *_refused(cuts), *_rules(cuts), *_renumbered(cuts)]  # fmt: skip
    return [*found, *([WINDOWS] if moved and cuts.dates[0] != cuts.dates[1] else [])]


def _order(cuts: Cuts) -> Iterator[str]:
    before, after = cuts.dates
    if before >= after:
        yield f"The earlier cut is of {before}, which is not before {after}."


def _strangers(cuts: Cuts) -> Iterator[str]:
    """Say when nobody of either cut is known to the other, as when all were given other identifiers."""
    (adsl,) = (one for one in cuts.compared if one.dataset == "ADSL")
    if adsl.earlier and adsl.later and (adsl.gone, adsl.added) == (adsl.earlier, adsl.later):
        yield "No subject stands in both cuts: if USUBJID was written anew, nothing of them can be compared."


def _one_sided(cuts: Cuts) -> Iterator[str]:
    for which, here, other in (("earlier", cuts.earlier, cuts.later), ("later", cuts.later, cuts.earlier)):
        only = [name for name in cuts.datasets if name in here.schema and name not in other.schema]
        if only:
            yield f"In the {which} cut only, and so not compared: {', '.join(only)}."
    for one in cuts.compared:
        if one.only:
            verb = "is" if len(one.only) == 1 else "are"
            yield f"{one.dataset}: {', '.join(one.only)} {verb} in one cut only, and so not compared."


def _refused(cuts: Cuts) -> Iterator[str]:
    before, after = (_counts(cut) for cut in cuts.both)
    told = [f"{name} {before.get(name, 0)} in the earlier one, {after.get(name, 0)} in the later one" for name in DATASETS if {before.get(name), after.get(name)} - {0, None}]  # fmt: skip
    if told:
        yield f"Records refused when the files were read are in no cut, and so may read added or gone: {'; '.join(told)}."


def _counts(data: Data) -> dict[str, int]:
    """Return dataset -> how many of its records were refused."""
    files = data.ask("datasets", data.everybody)
    return dict(zip(files.dataset, files.refused.tolist(), strict=True))


def caveat(data: Data, counts: Callable[[str, str], float]) -> str:
    """Return which records added or gone may have been refused in the other cut; `counts` gives those of a dataset by change."""
    told = [
        f"{name} {counted(n, 'record')} in the {which} cut"
        for change, which, cut in ((GONE, "later", data), (ADDED, "earlier", data.earlier))
        for name, n in (_counts(cut).items() if cut is not None else ())
        if n and counts(name, change) > 0
    ]
    return f" Refused when read, and so perhaps told as gone or added: {', '.join(told)}." if told else ""


def _rules(cuts: Cuts) -> Iterator[str]:
    before, after = (cut.study.model_dump() for cut in cuts.both)
    differ = [key for key in before if key not in OF_THE_CUT and before[key] != after[key]]
    if differ:
        yield f"study.toml is not the same in both cuts ({', '.join(differ)}); numbers may have moved for that reason."


def _renumbered(cuts: Cuts) -> Iterator[str]:
    """Say when events of one term and start have different numbers, as they have when they were numbered anew."""
    for one in cuts.compared:
        if one.renumbered:
            told = counted(one.renumbered, "event has", "events have")
            yield f"{told} the same {cuts.later.study.adverse_events.term} and start as before and another {NUMBER}; if events were numbered anew, match them by term and start."


def methods(cuts: Cuts) -> str:
    """Tell how records were matched."""
    times = compared(cuts.both)
    between = f" Pairs of markers are from {times['from']} to {times['to']} in both cuts." if times else ""
    keys = "; ".join(f"{one.dataset} by {', '.join(one.key)}" for one in cuts.compared)
    return (
        f"The data cuts of {cuts.dates[0]} and {cuts.dates[1]} were compared record by record. Records were matched by key, never by "
        f"their place in a file: {keys}. Of several records with one key, those equal in every variable were matched first, the "
        "others in the order of their sequence numbers and values. A record without a partner was tried once more with its sequence "
        "number in place of the dates of its key, and matched only where one record of either cut was left. A value is changed when "
        "it is not the same as it was; a missing value is a value like others. Sequence numbers that are no part of a key were not "
        f"compared.{between}"
    )
