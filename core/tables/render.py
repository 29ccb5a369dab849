"""A layout as a great_tables.GT, for the screen and for HTML."""

from typing import TYPE_CHECKING

from core.charts.theme import INK, RULE
from core.tables.layout import Layout

if TYPE_CHECKING:
    from great_tables import GT

ONE_LINE = 12
"""Characters up to which the label of a column is kept in one line, such as a date."""


def gt(layout: Layout, identifier: str = "table") -> "GT":
    """Return a layout as a GT, which escapes every text, so that data are shown and never run.

    Examples
    --------
    >>> from core.tables.layout import Column, Row
    >>> layout = Layout("T", "", "Term", (Column("n"),), (Row("<b>", ("1",)),))
    >>> gt(layout).as_raw_html().count("&lt;b&gt;")
    1
    """
    import pandas as pd
    from great_tables import GT, loc, style

    names = [f"c{index}" for index in range(len(layout.columns))]
    frame = pd.DataFrame([row.cells for row in layout.rows], columns=names, dtype=object)
    frame.insert(0, "stub", [row.label for row in layout.rows])
    table = (
        GT(frame, rowname_col="stub", id=identifier)
        .tab_header(title=layout.title, subtitle=layout.subtitle)
        .tab_stubhead(label=layout.stub)
        .cols_label({name: column.label for name, column in zip(names, layout.columns, strict=True)})
        .cols_align(
            "right", columns=[n for n, column in zip(names, layout.columns, strict=True) if column.align == "right"]
        )
        .cols_align(
            "left", columns=[n for n, column in zip(names, layout.columns, strict=True) if column.align == "left"]
        )
        .tab_options(
            table_font_color=INK,
            table_font_size="14px",
            heading_align="left",
            heading_title_font_size="17px",
            heading_subtitle_font_size="13px",
            column_labels_border_bottom_color=RULE,
            table_body_hlines_color=RULE,
            stub_border_style="none",
            data_row_padding="4px",
        )
    )
    whole = [name for name, column in zip(names, layout.columns, strict=True) if len(column.label) <= ONE_LINE]
    table = table.tab_style(style.css("white-space: nowrap"), loc.column_labels(columns=whole))
    for number, (label, columns) in enumerate(layout.spanners):
        if label:
            table = table.tab_spanner(label, columns=[names[c] for c in columns], id=f"s{number}")
    for indent in {row.indent for row in layout.rows} - {0}:
        at = [index for index, row in enumerate(layout.rows) if row.indent == indent]
        table = table.tab_stub_indent(rows=at, indent=min(indent * 2, 5))
    if layout.nested:
        top = [index for index, row in enumerate(layout.rows) if row.indent == 0]
        table = table.tab_style(style.text(weight="bold"), loc.stub(rows=top))
    for note in layout.notes:
        table = table.tab_source_note(note)
    return table
