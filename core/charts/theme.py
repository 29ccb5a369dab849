"""Colours, fonts and sizes of every figure and table, in one place."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, RULE, SHADE = "#1c2733", "#5a6b7b", "#c9d3dc", "#f3f6f9"
FONT = "Source Sans, Source Sans Pro, Helvetica Neue, Arial, sans-serif"
LEVELS = ("#1f5f8b", "#d1702f", "#4c8c5a", "#8a5a9e", "#a3873a", "#b14a5c")
"""Told apart by readers with the common colour-vision deficiencies; a shape always repeats the colour."""

TEXT_SIZE, TITLE_SIZE = 13, 16
ROW_HEIGHT = 22


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
    )  # fmt: skip
