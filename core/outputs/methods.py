"""How a comparison was made, in sentences ready to be copied, from the settings that were used."""

from collections.abc import Iterable

from core.data import Data
from core.outputs.catalogue import Options
from core.outputs.markers import RULE_SENTENCES, TESTS
from core.study import Population


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
        f"Intervals are {100 * float(options['conf']):g} % confidence intervals: Student's t for means, Hodges-Lehmann by "
        "inversion of the exact signed-rank distribution, noncentral t for the standardised mean change d_z",
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
        str(options.get("method", "auto")), f"{exact} up to 50 pairs, {normal} above"
    )
    return f"In the signed-rank test differences of zero were {zeros}; its p-value is from {source}"


def _scales(scales: Iterable[str]) -> str:
    told = {
        "raw": "differences in the unit of measurement",
        "log2": "log2 ratios, whose means are given as fold changes",
    }
    return "Changes were analysed as " + " or, where the study sets it so, ".join(
        told[s] for s in dict.fromkeys(scales)
    )
