"""What a reader must know with a forecast, in sentences; and how it was made."""

from core.data import Data
from core.formats import counted, fixed, named, significant
from core.outputs.ahead import Ahead
from core.outputs.catalogue import Options
from core.outputs.clocks import BY_DOSE, Clock
from core.outputs.harvests import NONE


def notes(data: Data, of: Ahead, ticked: dict[str, Clock], options: Options) -> list[str]:
    """Return on what the forecast rests, and why there is none where there is none."""
    found, told = of.found, ["Everybody registered counts, whatever population an analysis is about."]
    reasons = dict.fromkeys(filter(None, (of.why_no_pairs, of.why_no_accrual)))
    told += [f"No forecast of pairs: {'; '.join(reasons)}."] if reasons else []
    told += [BY_DOSE] if found.by_dose else []
    if not found.missing:
        first, second = data.study.timepoints.baseline, data.study.timepoints.follow_up
        told.append(
            f"Two stages: evaluable at {first}, then at {second} given that; patients undecided enter at their stage. The rate of "
            f"{second} is learned only from patients whose window has closed, dropouts as failures. Failures are known sooner than "
            "successes, so one rate of all who are decided so far would be too low."
        )
        waiting = found.patients.USUBJID[found.waiting]
        told += [f"Undecided: {counted(len(waiting), 'patient')} ({named(waiting)})."] if len(waiting) else []
    told += _of_pace(data, ticked, options)
    if not of.why_no_pair_days:
        told.append(
            f"A pair to come is counted on the day its window closes, {fixed(of.lag, 0)} days after registration: the median wait "
            "for the first dose, and the last day of the window. When a target is reached is told of the cases in which it is."
        )
    if not reasons:
        told.append(
            "Intervals of whole numbers are equal-tailed: no more than half of what they leave out lies below, and no more than half "
            "above, so they hold their level or more. Every number is exact; nothing is simulated."
        )
    return told


def _of_pace(data: Data, ticked: dict[str, Clock], options: Options) -> list[str]:
    """Say of what time and of whom the pace is learned."""
    if not ticked:
        return []
    if options["by"] != NONE:
        recent = f" in the last {options['recent']:g} months" if options["recent"] else ""
        label = data.study.subgroup_label(str(options["by"]))
        return [
            f"The pace is learned group by group ({label}){recent}, each from its first patient on, who only starts the clock; a group "
            "without a patient is taken to stay without."
        ]
    (clock,) = ticked.values()
    start = (
        f" on the day of the first patient, {clock.since:%Y-%m-%d}, who is not counted"
        if clock.from_first
        else f" {clock.since:%Y-%m-%d}"
    )
    return [
        f"The pace is learned from {counted(clock.patients, 'patient')} in {significant(clock.months)} months, beginning{start}."
    ]


def methods(data: Data, of: Ahead, options: Options) -> str:
    """Return how it was done, in sentences ready to be copied."""
    prior, conf = data.study.forecast, 100 * float(options["conf"])
    if of.found.missing:
        return ""
    first, second = data.study.timepoints.baseline, data.study.timepoints.follow_up
    recent = f", learned from the last {options['recent']:g} months" if options["recent"] else ""
    by = "" if options["by"] == NONE else f", separately by {data.study.subgroup_label(str(options['by']))}"
    return (
        f"The number of evaluable pairs was forecast in two stages: an evaluable specimen at {first}, and one at {second} given that, "
        f"with priors Beta({prior.baseline[0]:g}, {prior.baseline[1]:g}) and Beta({prior.follow_up[0]:g}, {prior.follow_up[1]:g}). "
        f"Undecided patients entered at their stage; the rate at {second} was learned from patients whose window had closed, "
        "dropouts as failures. The predictive distribution is the exact mixture of beta-binomial distributions, its intervals are "
        f"equal-tailed ({conf:g}%). Accrual was taken as a Poisson process whose rate a month has the prior "
        f"Gamma({prior.accrual[0]:g}, {prior.accrual[1]:g}){recent}{by}; numbers to come are then negative binomial."
    )
