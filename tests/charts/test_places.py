"""Dots and labels stand apart, at the same places every time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.charts.places import CHARACTER, LINE_HEIGHT, REACH, labels, swarm

along = st.lists(st.floats(0, 400), min_size=1, max_size=40)
points = st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=1, max_size=25)


@given(along)
def test_dots_never_overlap_while_there_is_room(values) -> None:
    aside = swarm(values, size=10, room=np.inf)
    x = np.array(values)
    apart = np.hypot(x[:, None] - x, aside[:, None] - aside)[np.triu_indices(len(x), 1)]
    assert (apart >= 10 - 1e-6).all()


@given(along)
def test_dots_stay_within_their_room(values) -> None:
    assert np.abs(swarm(values, size=10, room=15)).max() <= 15 + 1e-9


@given(points)
def test_labels_cover_neither_points_nor_labels_and_stay_inside(places) -> None:
    x, y = np.array(places).T
    texts = [f"marker {at}" for at in range(len(x))]
    found = labels(x, y, texts, list(range(len(x))), 12, 400, 300)
    assert len(found) <= 12
    assert len({each.point for each in found}) == len(found)
    boxes = []
    for each in found:
        wide = CHARACTER * len(texts[each.point])
        left = each.x - wide * {"left": 0, "center": 0.5, "right": 1}[each.align]
        boxes.append((left, each.y - LINE_HEIGHT / 2, left + wide, each.y + LINE_HEIGHT / 2))
        assert left >= 0 and left + wide <= 400 and boxes[-1][1] >= 0 and boxes[-1][3] <= 300
        for at in range(len(x)):
            dot = (x[at] - REACH, y[at] - REACH, x[at] + REACH, y[at] + REACH)
            assert at == each.point or apart(boxes[-1], dot)
    assert all(apart(one, other) for at, one in enumerate(boxes) for other in boxes[:at])


def apart(one, other) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_the_most_important_point_is_labelled_first() -> None:
    close = labels([100, 103], [50, 51], ["a long label here", "another long label"], [1, 0], 1, 400, 300)
    assert [each.point for each in close] == [1]
