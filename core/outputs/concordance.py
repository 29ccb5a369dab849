"""The correlations that the study plans, family by family: which they are, whatever is on view."""

from dataclasses import dataclass

from core.data import Data


@dataclass(frozen=True)
class Rung:
    """One planned correlation: its set in study.toml, and the two biomarkers."""

    family: str
    x: str
    y: str


def rungs(data: Data) -> list[Rung]:
    """Return every two biomarkers that study.toml sets against each other, in its order, each two once."""
    found: dict[frozenset[str], Rung] = {}
    known = data.parameters
    analyte = dict(zip(known.PARAMCD, known.analyte, strict=True))
    for planned in data.study.association.sets:
        sides = [known.PARAMCD[(name == known.PARAMCD) | (name == known.role)] for name in (planned.x, planned.y)]
        for x in sides[0]:
            for y in sides[1]:
                shared = planned.by is None or (analyte[x] != "" and analyte[x] == analyte[y])
                if x != y and shared:
                    found.setdefault(frozenset((x, y)), Rung(planned.label, x, y))
    return list(found.values())


def unmet(data: Data) -> list[str]:
    """Return in sentences which planned sets name nothing that the study has."""
    met = {rung.family for rung in rungs(data)}
    return [
        f"{planned.label}: study.toml sets {planned.x} against {planned.y}, of which the data have no two biomarkers."
        for planned in data.study.association.sets
        if planned.label not in met
    ]


def planned_moments(data: Data) -> list[str]:
    """Return when the planned correlations are made: before, after, and change against change; those there are."""
    times = data.study.timepoints
    names = [name for name in (times.baseline, times.follow_up) if name in data.timepoints]
    return [*names, f"{times.follow_up}-{times.baseline}"] if len(names) > 1 else names
