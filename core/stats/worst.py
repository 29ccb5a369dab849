"""Each subject once per group, at the worst grade."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer]


def worst_counts(subject: Codes, group: Codes, grade: Codes, groups: int, grades: int) -> NDArray[np.int64]:
    """Count the subjects of each group by the worst of their grades in it.

    Parameters
    ----------
    subject, group, grade : ndarray of integers, shape (events,)
        One event each; the events of one subject in one group stand together. Grade 0 is a missing grade,
        which never beats a known one.
    groups, grades : int
        How many groups and grades (the missing one among them) there are.

    Returns
    -------
    ndarray, shape (groups, grades)
        A subject is counted once in each of its groups.

    Examples
    --------
    >>> worst_counts(np.array([1, 1, 2]), np.array([0, 0, 0]), np.array([1, 3, 0]), 1, 4)
    array([[1, 0, 0, 1]])
    """
    if not len(subject):
        return np.zeros((groups, grades), dtype=np.int64)
    begins = np.flatnonzero((subject[1:] != subject[:-1]) | (group[1:] != group[:-1])) + 1
    first = np.concatenate([[0], begins])
    return event_counts(group[first], np.maximum.reduceat(grade, first), groups, grades)


def event_counts(group: Codes, grade: Codes, groups: int, grades: int) -> NDArray[np.int64]:
    """Count the events of each group by grade; parameters and shape as in `worst_counts`.

    Examples
    --------
    >>> event_counts(np.array([0, 0, 1]), np.array([2, 2, 0]), 2, 3)
    array([[0, 0, 2],
           [1, 0, 0]])
    """
    cell = group.astype(np.int64) * grades + grade
    return np.bincount(cell, minlength=groups * grades).reshape(groups, grades)
