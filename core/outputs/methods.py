"""How a comparison was made, in sentences ready to be copied, from the settings that were used."""

from collections.abc import Iterable

from core.data import Data
from core.formats import TESTS, confidence_level
from core.outputs.catalogue import Options
from core.outputs.markers import RULE_SENTENCES
from core.study import Population
from core.where import EVENTS


def methods(
    data: Data,
    population: Population,
    options: Options,
    about: str,
    scales: Iterable[str],
    unplanned: list[str],
) -> str:
    """Return the sentences.

    Parameters
    ----------
    about : str
        What was compared, and in how many: the subject of the first sentence.
    scales : iterable of str
        The scale of every marker in it.
    unplanned : list of str
        In what it is not the planned comparison.
    """
    design = data.study.design
    who = f"the {population.label} population" + (
        f", restricted to {population.condition}" if population.filters else ""
    )
    sentences = [
        f"{about} between {options['from']} and {options['to']}, in subjects of {who} with a usable value at both "
        f"timepoints, paired by subject (data cut {data.study.data_cut})",
        f"The pre-specified test is the two-sided {TESTS[design.test]} (alpha {design.alpha:g})",
        _supporting(design.test, design.supporting),
        _wilcoxon(options),
        f"Intervals are {confidence_level(options['conf'])} confidence intervals: Student's t for means, inversion of the "
        "signed-rank distribution for Hodges-Lehmann estimates (exact up to 500 pairs), noncentral t for the standardised "
        "mean change d_z",
        _of_one_marker(options),
        f"Values below the limit of quantification {RULE_SENTENCES[str(options['blq'])]}"
        + ("" if options["blq"] == "exclude" else "; a pair with both values below it counts as no change"),
        _scales(scales),
        f"Not planned in this form, and so exploratory: {'; '.join(unplanned)}" if unplanned else "",
        f"Computed with Marrowscope from data snapshot {data.snapshot}"
        + (" of simulated data" if data.study.simulated else ""),
    ]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _supporting(primary: str, supporting: tuple[str, ...]) -> str:
    others = [TESTS[test] for test in supporting if test != primary]
    named = f"The protocol adds the {' and the '.join(others)}; all" if others else "All"
    return f"{named} other tests are exploratory"


def _wilcoxon(options: Options) -> str:
    zeros = "ranked and then dropped (Pratt)" if options.get("zeros") == "pratt" else "dropped before ranking"
    exact = "the exact null distribution given the mid-ranks"
    normal = "the normal approximation with corrections for ties and continuity"
    source = {"exact": exact, "asymptotic": normal}.get(
        str(options.get("method", "auto")), f"{exact} up to 50 differences other than zero, {normal} above"
    )
    return f"In the signed-rank test differences of zero were {zeros}; its p-value is from {source}"


def _of_one_marker(options: Options) -> str:
    """Tell what only the page of one marker computes."""
    if "split" not in options:
        return ""
    told = (
        "The rank-biserial correlation has an interval by Fisher's z, the median change one by the bootstrap (bias-corrected "
        "and accelerated, 9,999 samples, fixed seed); the permutation test goes through all patterns of signs up to 18 pairs "
        "and draws 100,000 (fixed seed) above"
    )
    by_event = str(options["split"]).startswith(f"{EVENTS}.")
    return told + (
        ". Subjects are split by whether such an adverse event had begun before their later specimen"
        if by_event
        else ""
    )


def _scales(scales: Iterable[str]) -> str:
    told = {
        "raw": "differences in the unit of measurement",
        "log2": "log2 ratios, whose means are given as fold changes",
    }
    return "Changes were analysed as " + " or, where the study sets it so, ".join(
        told[s] for s in dict.fromkeys(scales)
    )
