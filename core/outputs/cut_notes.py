"""What a reader must know of two cuts set against each other, and how it was done, in sentences."""

from collections.abc import Iterator

from core.formats import counted
from core.outputs.cut_records import NUMBER
from core.outputs.cuts import Cuts

OF_THE_CUT = ("data_cut", "previous_cut", "title", "source")
"""What study.toml says of a cut, and not of how its numbers are made."""


def notes(cuts: Cuts) -> list[str]:
    """Return who was compared, what could not be, and what else may have moved the numbers."""
    first = (
        "Records are those of everybody on view in either cut; who is on view is decided in each cut by its own data. "
        "Evaluable pairs are counted among all who are registered, within the filters."
    )
    return [first, *_order(cuts), *_one_sided(cuts), *_refused(cuts), *_rules(cuts), *_renumbered(cuts)]


def _order(cuts: Cuts) -> Iterator[str]:
    before, after = cuts.dates
    if before >= after:
        yield f"The earlier cut is of {before}, which is not before {after}."


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
    before, after = (int(cut.ask("datasets", cut.everybody).refused.sum()) for cut in cuts.both)
    if before or after:
        yield f"Records refused when the files were read are in no cut: {before} in the earlier one, {after} in the later one."


def _rules(cuts: Cuts) -> Iterator[str]:
    before, after = (cut.study.model_dump() for cut in cuts.both)
    differ = [key for key in before if key not in OF_THE_CUT and before[key] != after[key]]
    if differ:
        yield f"study.toml is not the same in both cuts ({', '.join(differ)}); numbers may have moved for that reason."


def _renumbered(cuts: Cuts) -> Iterator[str]:
    """Say when events of one number are of different terms, as they are when they were numbered anew."""
    term = cuts.later.study.adverse_events.term
    for one in cuts.compared:
        other = int((one.changes.variable == term).sum()) if one.dataset == "ADAE" and NUMBER in one.key else 0
        if other:
            told = counted(other, "event has", "events have")
            yield f"{told} the same AESEQ and another {term}; if events were numbered anew, match them by term and start."


def methods(cuts: Cuts) -> str:
    """Tell how records were matched."""
    keys = "; ".join(f"{one.dataset} by {', '.join(one.key)}" for one in cuts.compared)
    return (
        f"The data cuts of {cuts.dates[0]} and {cuts.dates[1]} were compared record by record. Records were matched by key, never by "
        f"their place in a file: {keys}. Of several records with one key, those equal in every variable were matched first, the "
        "others in the order of their values. A record without a partner was tried once more without the dates of its key, then "
        "without its sequence numbers, and matched only where one record of either cut was left. A value is changed when it is not "
        "the same as it was; a missing value is a value like others."
    )
