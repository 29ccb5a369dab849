"""Colours, fonts and sizes of every figure and table, in one place."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, RULE, SHADE, PAPER = "#1c2733", "#5a6b7b", "#c9d3dc", "#f3f6f9", "#ffffff"
FONT = "Source Sans, Source Sans Pro, Helvetica Neue, Arial, sans-serif"
LEVELS = ("#1f5f8b", "#d1702f", "#4c8c5a", "#8a5a9e", "#a3873a", "#b14a5c")
"""Told apart by readers with the common colour-vision deficiencies; a shape always repeats the colour."""

SHAPES = ("circle", "square", "diamond", "triangle-up", "cross")
"""No factor in common with the number of LEVELS: colour and shape together repeat only after 30."""

DIRECTIONS = ("#c25e1e", "#1f5f8b", "#5a6b7b", "#8a5a9e")
"""Rose, fell, unchanged, both below the limit; DASHES repeat them."""

DASHES = ((7, 3), (1, 0), (2, 2), (8, 3, 2, 3))
DIVERGING = ("#154c79", "#5b93bd", "#c3dbea", "#faf8f4", "#f6cfab", "#dd8a4a", "#9c4a12")
"""From a fall over none to a rise, symmetric."""

GRADES = ("#f3d9b5", "#e6a35f", "#cb6130", "#92301f", "#33110f")
"""From the mildest to the worst, ever darker; the grade is written in the mark too. Light text suits the last three."""

COUNTS = ("#eef4f8", "#154c79")
"""From none to the most."""

ABSENT = "#b7c0c9"
"""Behind the cross of what is missing; no colour of DIVERGING."""

TEXT_SIZE, SMALL_TEXT_SIZE, TITLE_SIZE = 13, 11, 16
CHARACTER = 7.2
"""A character of a text, bold or not, in pixels, on the wide side."""

DIMMED, FADED = 0.15, 0.35
"""Opacity of what was not chosen: of fine marks, and of those that are read by their colour or size."""

ROW_HEIGHT = 22
WIDTH, WIDEST = 560, 820
"""Of the plot itself, in pixels; the names of an axis stand beside it."""


def themed(chart: "alt.LayerChart") -> "alt.LayerChart":
    """Return a chart in the project's dress; the screen and every export draw this same chart."""
    return (
        chart.configure(font=FONT, background="white")
        .configure_axis(
            labelColor=INK, titleColor=INK, labelFontSize=TEXT_SIZE, titleFontSize=TEXT_SIZE, gridColor=SHADE,
            domainColor=RULE, tickColor=RULE, labelLimit=320, titleFontWeight="normal",
        )
        .configure_legend(labelColor=INK, titleColor=INK, labelFontSize=TEXT_SIZE, titleFontSize=TEXT_SIZE, orient="top")
        .configure_title(color=INK, fontSize=TITLE_SIZE, anchor="start", subtitleColor=MUTED, subtitleFontSize=TEXT_SIZE)
        .configure_view(stroke=None)
        # Left open, the screen would fit the whole figure, title and legend too, into the size of the plot.
        .properties(autosize={"type": "pad", "contains": "padding"})
    )  # fmt: skip
