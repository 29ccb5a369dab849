"""The catalogue: one file per table or figure. A new output is a new file and its name below."""

from core.errors import OptionError
from core.outputs import (
    accrual,
    ae_by_cycle,
    ae_by_grade,
    ae_by_term,
    ae_incidence,
    ae_listing,
    ae_overview,
    ae_prevalence,
    ae_rates,
    ae_timeline,
    association,
    association_matrix,
    biomarker_summary,
    concordance_ladder,
    ctcae_checks,
    cut_changes,
    design_check,
    disposition,
    evaluability,
    forecast,
    ordinal_change,
    pair_bias,
    paired_change,
    panel,
    patient_profile,
    power,
    sae_narratives,
    shift,
    what_if,
)
from core.outputs.catalogue import Output

OUTPUTS: dict[str, Output] = {
    output.id: output
    for output in (
        ae_overview.OUTPUT,
        ae_by_term.OUTPUT,
        ae_by_grade.OUTPUT,
        ae_incidence.OUTPUT,
        ae_rates.OUTPUT,
        ae_prevalence.OUTPUT,
        ae_by_cycle.OUTPUT,
        ae_timeline.OUTPUT,
        ae_listing.OUTPUT,
        sae_narratives.OUTPUT,
        ctcae_checks.OUTPUT,
        disposition.OUTPUT,
        power.OUTPUT,
        accrual.OUTPUT,
        evaluability.OUTPUT,
        pair_bias.OUTPUT,
        forecast.OUTPUT,
        what_if.OUTPUT,
        design_check.OUTPUT,
        biomarker_summary.OUTPUT,
        paired_change.OUTPUT,
        panel.OUTPUT,
        association.OUTPUT,
        concordance_ladder.OUTPUT,
        association_matrix.OUTPUT,
        ordinal_change.OUTPUT,
        shift.OUTPUT,
        patient_profile.OUTPUT,
        cut_changes.OUTPUT,
    )
}


def find(name: str) -> Output:
    """Return the output of that id; raises OptionError with the ids there are."""
    if name not in OUTPUTS:
        raise OptionError(f"There is no output {name}; the outputs are {', '.join(OUTPUTS)}.")
    return OUTPUTS[name]
