"""Once per subject at the worst grade: against the plainest way to say it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.stats.worst import event_counts, worst_counts

GROUPS, GRADES = 4, 6
events = st.lists(st.tuples(st.integers(1, 8), st.integers(0, GROUPS - 1), st.integers(0, GRADES - 1)), max_size=60)


def arrays(drawn: list[tuple[int, int, int]]) -> tuple[np.ndarray, ...]:
    ordered = np.array(sorted(drawn, key=lambda event: event[:2]), dtype=np.int32).reshape(-1, 3)
    return ordered[:, 0], ordered[:, 1], ordered[:, 2].astype(np.uint8)


@given(events)
def test_it_counts_what_a_dictionary_counts(drawn: list[tuple[int, int, int]]) -> None:
    worst: dict[tuple[int, int], int] = {}
    for subject, group, grade in drawn:
        worst[subject, group] = max(grade, worst.get((subject, group), 0))
    expected = np.zeros((GROUPS, GRADES), dtype=int)
    for (_, group), grade in worst.items():
        expected[group, grade] += 1
    assert (worst_counts(*arrays(drawn), GROUPS, GRADES) == expected).all()


@given(events)
def test_every_event_is_counted_and_a_record_twice_adds_no_subject(drawn: list[tuple[int, int, int]]) -> None:
    subject, group, grade = arrays(drawn)
    assert event_counts(group, grade, GROUPS, GRADES).sum() == len(drawn)
    assert (
        worst_counts(*arrays(drawn + drawn), GROUPS, GRADES) == worst_counts(subject, group, grade, GROUPS, GRADES)
    ).all()


@given(events)
def test_a_missing_grade_changes_no_subject_who_has_a_known_one(drawn: list[tuple[int, int, int]]) -> None:
    known = [event for event in drawn if event[2]]
    without_grade = [(subject, group, 0) for subject, group, _ in known]
    assert (
        worst_counts(*arrays(known + without_grade), GROUPS, GRADES) == worst_counts(*arrays(known), GROUPS, GRADES)
    ).all()
