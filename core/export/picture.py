"""A figure as a picture: the one specification that the screen draws, as SVG, PNG, PDF, and the data in it."""

import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pandas as pd

from core.tables.paper import visible

if TYPE_CHECKING:
    import altair as alt

SHARP = 3.0
"""Pixels of a PNG for each pixel of the screen."""

TO_POINTS = 0.75
PNG_HEAD = 33
"""Bytes of a PNG before its second chunk: the signature and the header."""


@dataclass(frozen=True)
class Picture:
    """A Vega-Lite specification, drawn when a format asks for it; `about` travels inside the file."""

    title: str
    spec: str
    about: Mapping[str, str]

    @classmethod
    def of(cls, title: str, chart: "alt.LayerChart", about: Mapping[str, str]) -> "Picture":
        """Return a chart as the picture that the screen shows."""
        return cls(title, json.dumps(drawable(chart.to_dict())), about)

    @cached_property
    def drawn(self) -> str:
        """The SVG as it is drawn."""
        import vl_convert

        return str(vl_convert.vegalite_to_svg(self.spec))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        width, height = re.findall(r'\b(?:width|height)="([\d.]+)"', self.drawn[: self.drawn.index(">")])[:2]
        return float(width) * TO_POINTS, float(height) * TO_POINTS

    @property
    def words(self) -> str:
        """What it is about, in lines."""
        return "\n".join(f"{name}: {visible(value)}" for name, value in self.about.items())

    def svg(self) -> bytes:
        """Return an SVG with what it is about in its metadata."""
        at = self.drawn.index(">") + 1
        told = f"<title>{escape(visible(self.title))}</title><metadata>{escape(self.words)}</metadata>"
        return f"{self.drawn[:at]}{told}{self.drawn[at:]}".encode()

    def png(self, scale: float = SHARP) -> bytes:
        """Return a PNG with what it is about as its text "Description"."""
        import vl_convert

        drawn = bytes(vl_convert.svg_to_png(self.drawn, scale=scale))
        chunk = b"iTXt" + b"Description\0\0\0\0\0" + self.words.encode()
        written = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", crc32(chunk))
        return drawn[:PNG_HEAD] + written + drawn[PNG_HEAD:]

    def pdf(self) -> bytes:
        """Return a PDF of the drawing alone, its text still text."""
        import vl_convert

        return bytes(vl_convert.svg_to_pdf(self.drawn))

    def data(self) -> pd.DataFrame:
        """Return the data in it, layer upon layer, in the order of drawing.

        Returns
        -------
        DataFrame
            One row for each row of data; `marks` names the marks drawn from it, the rest are its own columns. Data that
            several layers share stand once.
        """
        spec = json.loads(self.spec)
        found: dict[str, tuple[list[str], list[dict[str, Any]]]] = {}
        for mark, data in _layers(spec, spec.get("data", {})):
            values = data["values"] if "values" in data else spec["datasets"][data["name"]]
            marks, _ = found.setdefault(json.dumps(data), ([], values))
            marks += [mark] * (mark not in marks)
        frames = [
            pd.DataFrame(values).assign(marks=", ".join(marks)) if values else pd.DataFrame(columns=["marks"])
            for marks, values in found.values()
        ]
        together = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
        return together[["marks", *(name for name in together if name != "marks")]]


def drawable(spec: Any) -> Any:
    r"""Return a specification in which characters that no drawing may hold are shown by their symbols.

    Examples
    --------
    >>> drawable({"title": "a\x07b", "data": [1.5, "c", None]})
    {'title': 'a␇b', 'data': [1.5, 'c', None]}
    """
    if isinstance(spec, dict):
        return {drawable(name): drawable(value) for name, value in spec.items()}
    if isinstance(spec, list):
        return [drawable(value) for value in spec]
    return visible(spec) if isinstance(spec, str) else spec


def _layers(spec: Mapping[str, Any], inherited: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each mark of a specification with its data; a layer without data draws those around it."""
    data = spec.get("data") or inherited
    if "mark" in spec:
        mark = spec["mark"]
        yield (mark["type"] if isinstance(mark, dict) else mark), data
    for layer in spec.get("layer", []):
        yield from _layers(layer, data)
