"""What each dataset must hold: key, variables, types and controlled terms.

Variables beyond these are kept as they are. Names are CDISC ADaM's; a study maps others in study.toml.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from core.errors import StudyError
from core.study import AdverseEvents, Study

Kind = Literal["text", "number", "date"]
YES_NO = ("Y", "N")


@dataclass(frozen=True)
class Variable:
    """One declared variable; `terms` are the only values it may take."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One declared dataset.

    `key` names the variables that tell records apart, as far as the file has them; `identifiers` are those
    that no record may lack; `timepoint` those at which one record is expected.
    """

    name: str
    label: str
    key: tuple[str, ...]
    identifiers: tuple[str, ...]
    variables: tuple[Variable, ...]
    timepoint: tuple[str, ...] = ()
    required: bool = False
    by_name: dict[str, Variable] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {variable.name: variable for variable in self.variables})


def _text(name: str, label: str, *terms: str, required: bool = False) -> Variable:
    return Variable(name, label, "text", required, terms)


def _flag(name: str, label: str) -> Variable:
    return Variable(name, label, "text", False, YES_NO)


def _number(name: str, label: str) -> Variable:
    return Variable(name, label, "number")


def _date(name: str, label: str) -> Variable:
    return Variable(name, label, "date")


USUBJID = _text("USUBJID", "Unique subject identifier", required=True)

ADSL = Dataset(
    "ADSL",
    "Subjects",
    key=("USUBJID",),
    identifiers=("USUBJID",),
    required=True,
    variables=(
        USUBJID,
        _text("STUDYID", "Study identifier"),
        _text("SUBJID", "Subject identifier for the study"),
        _text("SITEID", "Study site identifier"),
        _text("ARM", "Planned arm"),
        _text("ACTARM", "Actual arm"),
        _text("TRT01P", "Planned treatment"),
        _text("TRT01A", "Actual treatment"),
        _number("AGE", "Age"),
        _text("SEX", "Sex", "F", "M", "U", "UNDIFFERENTIATED", "INTERSEX"),
        _text("RACE", "Race"),
        _flag("SAFFL", "Safety population flag"),
        _flag("ITTFL", "Intent-to-treat population flag"),
        _flag("ENRLFL", "Enrolled population flag"),
        _flag("DTHFL", "Subject death flag"),
        _date("RFICDT", "Date of informed consent"),
        _date("ENRLDT", "Date of enrolment"),
        _date("RANDDT", "Date of randomization"),
        _date("TRTSDT", "Date of first exposure to treatment"),
        _date("TRTEDT", "Date of last exposure to treatment"),
        _number("TRTDURD", "Duration of treatment (days)"),
        _text("EOTSTT", "End of treatment status"),
        _text("DCTREAS", "Reason for discontinuation of treatment"),
        _text("EOSSTT", "End of study status"),
        _text("DCSREAS", "Reason for discontinuation from study"),
        _date("EOSDT", "End of study date"),
        _date("DTHDT", "Date of death"),
        _text("DTHCAUS", "Cause of death"),
        _date("LSTALVDT", "Date last known alive"),
        _date("RFENDT", "Date of the end of participation"),
        *(_date(f"AP{n:02}SDT", f"Period {n} start date") for n in range(1, 10)),
        *(_date(f"AP{n:02}EDT", f"Period {n} end date") for n in range(1, 10)),
    ),
)

ADAE = Dataset(
    "ADAE",
    "Adverse events",
    key=("USUBJID", "AESEQ"),
    identifiers=("USUBJID", "AESEQ"),
    variables=(
        USUBJID,
        _number("AESEQ", "Sequence number"),
        _text("AETERM", "Reported term"),
        _text("AEDECOD", "Dictionary-derived term"),
        _text("AEBODSYS", "Body system or organ class"),
        _text("AETOXGR", "Standard toxicity grade"),
        _text("AESEV", "Severity/intensity"),
        _flag("AESER", "Serious event"),
        _text("AEREL", "Causality"),
        _text("AREL", "Analysis causality"),
        _text("AEACN", "Action taken with study treatment"),
        _text("AEOUT", "Outcome of adverse event"),
        _flag("AESDTH", "Results in death"),
        _flag("TRTEMFL", "Treatment emergent flag"),
        _text("AESTDTC", "Start date/time of adverse event, as collected"),
        _date("ASTDT", "Analysis start date"),
        _text("ASTDTF", "Analysis start date imputation flag", "D", "M", "Y"),
        _date("AENDT", "Analysis end date"),
        _number("APERIOD", "Period"),
        _text("APERIODC", "Period (C)"),
    ),
)

ADEX = Dataset(
    "ADEX",
    "Doses",
    key=("USUBJID", "PARAMCD", "EXTRT", "ASTDT", "EXSEQ", "ASEQ"),
    identifiers=("USUBJID",),
    variables=(
        USUBJID,
        _text("PARAMCD", "Parameter code"),
        _text("PARAM", "Parameter"),
        _number("EXSEQ", "Sequence number"),
        _number("ASEQ", "Analysis sequence number"),
        _text("EXTRT", "Name of treatment"),
        _number("EXDOSE", "Dose"),
        _text("EXDOSU", "Dose units"),
        _number("AVAL", "Analysis value"),
        _text("AVISIT", "Analysis visit"),
        _number("AVISITN", "Analysis visit (N)"),
        _date("ASTDT", "Analysis start date"),
        _date("AENDT", "Analysis end date"),
    ),
)

ADBE = Dataset(
    "ADBE",
    "Specimens",
    key=("USUBJID", "BEREFID", "BESEQ"),
    identifiers=("USUBJID", "BEREFID"),
    variables=(
        USUBJID,
        _text("BEREFID", "Specimen identifier", required=True),
        _number("BESEQ", "Sequence number"),
        _text("AVISIT", "Analysis visit", required=True),
        _number("AVISITN", "Analysis visit (N)"),
        _date("ADT", "Collection date"),
        _number("ADY", "Collection relative day"),
        _text("BEMETHOD", "Method of collection", "BIOPSY", "ASPIRATE"),
        _flag("EVALFL", "Specimen evaluable flag"),
        _text("EVALREAS", "Reason not evaluable"),
    ),
)


def _bds(name: str, label: str, *more: Variable, sequence: tuple[str, ...]) -> Dataset:
    """Return a dataset in the Basic Data Structure: one record a subject, parameter and timepoint."""
    return Dataset(
        name,
        label,
        key=("USUBJID", "PARAMCD", "AVISIT", "ADT", *sequence),
        identifiers=("USUBJID", "PARAMCD"),
        timepoint=("USUBJID", "PARAMCD", "AVISIT"),
        variables=(
            USUBJID,
            _text("PARAMCD", "Parameter code", required=True),
            _text("PARAM", "Parameter"),
            _text("AVISIT", "Analysis visit", required=True),
            _number("AVISITN", "Analysis visit (N)"),
            _date("ADT", "Analysis date"),
            _number("ADY", "Analysis relative day"),
            _number("AVAL", "Analysis value"),
            _text("AVALC", "Analysis value (C)"),
            _number("BASE", "Baseline value"),
            _number("CHG", "Change from baseline"),
            _flag("ABLFL", "Baseline record flag"),
            _flag("ANL01FL", "Analysis record flag 01"),
            *(_number(variable, "Sequence number") for variable in sequence),
            *more,
        ),
    )


ADBM = _bds(
    "ADBM",
    "Biomarkers",
    _number("LLOQ", "Lower limit of quantification"),
    _flag("BLQFL", "Below the limit of quantification flag"),
    _text("BEREFID", "Specimen identifier"),
    sequence=("BMSEQ", "ASEQ"),
)
ADQS = _bds("ADQS", "Performance status and questionnaires", sequence=("QSSEQ", "ASEQ"))
_RANGE = (
    _text("ANRIND", "Analysis reference range indicator"),
    _text("BNRIND", "Baseline reference range indicator"),
    _number("A1LO", "Analysis range 1 lower limit"),
    _number("A1HI", "Analysis range 1 upper limit"),
)
ADLB = _bds("ADLB", "Laboratory", *_RANGE, sequence=("LBSEQ", "ASEQ"))
ADLBC = _bds("ADLBC", "Laboratory: chemistry", *_RANGE, sequence=("LBSEQ", "ASEQ"))
ADLBH = _bds("ADLBH", "Laboratory: hematology", *_RANGE, sequence=("LBSEQ", "ASEQ"))

DATASETS: dict[str, Dataset] = {d.name: d for d in (ADSL, ADAE, ADBM, ADBE, ADEX, ADQS, ADLB, ADLBC, ADLBH)}


def for_study(dataset: Dataset, study: Study) -> Dataset:
    """Return the contract with what the study itself declares: its exposure, its coding, its grades and the variables of its rules.

    Raises
    ------
    StudyError
        study.toml names a variable of another kind than belongs there.
    """
    if dataset.name == "ADSL":
        exposure = {name: _number(name, label) for name, label in study.disposition.exposure.items()}
        _check_kinds(dataset, "disposition.exposure", exposure)
        return _with(dataset, {**exposure, **dataset.by_name})
    return _with(dataset, _of_events(dataset, study.adverse_events)) if dataset.name == "ADAE" else dataset


def _of_events(dataset: Dataset, coding: AdverseEvents) -> dict[str, Variable]:
    emergent, fatal = coding.treatment_emergent, (rule.variable for rule in coding.fatal)
    rules = (
        coding.serious.variable,
        coding.discontinued.variable,
        emergent.variable,
        *fatal,
        *coding.related.variables,
    )
    named = {name: _text(name, "") for name in rules}
    worsening = emergent.worsening_date
    named |= {worsening: _date(worsening, "Date of worsening")} if worsening else {}
    own = {
        coding.term: _text(coding.term, "Dictionary-derived term", required=True),
        coding.soc: _text(coding.soc, "Body system or organ class", required=True),
        coding.grade: _text(coding.grade, "Grade or severity", *coding.levels),
    }
    _check_kinds(dataset, "adverse_events", named | own)
    return {**named, **dataset.by_name, **own}


def _with(dataset: Dataset, variables: dict[str, Variable]) -> Dataset:
    return replace(dataset, variables=tuple(variables.values()))


def _check_kinds(dataset: Dataset, key: str, named: dict[str, Variable]) -> None:
    """Refuse a variable that is declared to be of another kind than study.toml needs."""
    for name, wanted in named.items():
        kind = dataset.by_name[name].kind if name in dataset.by_name else wanted.kind
        if kind != wanted.kind:
            raise StudyError(
                f"study.toml: {key} names {name}, a variable of kind {kind}; name one of kind {wanted.kind}."
            )
