"""The public term lists: the limits say what the text of CTCAE says, and every synonym leads to a term."""

import csv
import re

import pytest

from core.dictionaries import FOLDER, Laboratory, ctcae


def published() -> dict[str, dict[str, str]]:
    with (FOLDER / "ctcae_v4_03_terms.csv").open(encoding="utf-8", newline="") as file:
        return {row["term"]: row for row in csv.DictReader(file)}


def test_all_terms_of_the_version_are_there_with_their_grades() -> None:
    terms = ctcae().terms
    assert len(terms) == len(published()) == 790
    assert sum(term.grades == (1, 2, 3, 4, 5) for term in terms.values()) == 322
    for name, row in published().items():
        described = tuple(grade for grade in range(1, 6) if row[f"grade{grade}"])
        assert terms[name.lower()].grades == described, name


@pytest.mark.parametrize("of", ctcae().laboratory, ids=lambda of: of.term)
def test_the_limits_are_those_of_the_text(of: Laboratory) -> None:
    """ "<1500 - 1000/mm3; <1.5 - 1.0 x 10e9 /L": of every clause the first number is what a value is beyond."""
    row, sign = published()[of.term], "<" if of.side == "low" else ">"
    for grade in ctcae().terms[of.term.lower()].grades:
        mine = [limit for limit in of.limits if limit.grade == grade]
        clauses = [clause for clause in row[f"grade{grade}"].split("; ") if sign in clause]
        told = set()
        for clause in clauses:
            first, unit = re.search(
                rf"{sign}(ULN|LLN|[\d.,]+).*?(mm3|10e9|g/dL|mmol/L|g/L|baseline|ULN|$)", clause
            ).groups()
            kind = first if first in ("ULN", "LLN") else unit if unit in ("ULN", "baseline") else "value"
            unit = {"mm3": "/mm3", "10e9": "10^9/L"}.get(unit, unit) if kind == "value" else ""
            told.add((1.0 if first in ("ULN", "LLN") else float(first.replace(",", "")), kind, unit))
        assert {(limit.limit, limit.of, limit.unit) for limit in mine} == told, row[f"grade{grade}"]


def test_grades_that_more_than_a_value_defines_are_told_so() -> None:
    for of in ctcae().laboratory:
        row = published()[of.term]
        beyond = {grade for grade in ctcae().terms[of.term.lower()].grades
                  if re.search("indicated|consequences|Death", row[f"grade{grade}"])}  # fmt: skip
        assert set(of.clinical) == beyond, of.term


def test_every_synonym_leads_to_a_term_and_is_none_itself() -> None:
    known = ctcae()
    names = {term.name for term in known.terms.values()}
    assert set(known.synonyms.values()) <= names
    assert not set(known.synonyms) & set(known.terms)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ALOPECIA", "Alopecia"),
        (" Neutropenia ", "Neutrophil count decreased"),
        ("diarrhoea", "Diarrhea"),
        ("Asthenia", ""),
    ],
)
def test_terms_are_found_in_any_case_and_by_their_synonyms(text: str, name: str) -> None:
    assert ctcae().find(text) == name


@pytest.mark.parametrize(
    ("text", "unit"),
    [("10^9/L", "10^9/L"), ("10**9/L", "10^9/L"), ("x 10^9 /L", "10^9/L"), ("10^3/µL", "10^9/L"), ("GI/L", "10^9/L"),
     ("/uL", "/mm3"), ("10^6/L", "/mm3"), ("g/L", "g/L"), ("G/L", ""), ("%", ""), ("", "")],
)  # fmt: skip
def test_a_unit_is_known_only_when_it_is_certain(text: str, unit: str) -> None:
    assert ctcae().unit(text) == unit
