"""Rows of text as a table: aligned in a terminal, and drawn by the browser in a notebook."""

import textwrap
from html import escape


class Table:
    """A head and rows of text; `note` is a sentence beneath. The first column is set to the left.

    It shows itself: as aligned text, and as HTML where that is drawn.
    """

    def __init__(self, head, rows, note=""):
        self.head, self.rows, self.note = head, rows, note

    def __repr__(self):
        lines = [self.head, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
            for line in lines
        ]
        return "\n".join([*text, *textwrap.wrap(self.note, 100)])

    def _repr_html_(self):
        lines = [_html("th", self.head), *(_html("td", row) for row in self.rows)]
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{''.join(lines)}</table>{note}"


def _html(tag, cells):
    """One row: text at the left, numbers at the right. Only the last cell may take two lines."""
    middle = ["text-align: right; white-space: nowrap"] * (len(cells) - 2)
    styles = ["text-align: left; white-space: nowrap", *middle, "text-align: right"]
    row = [
        f'<{tag} style="{style}">{escape(cell)}</{tag}>'
        for style, cell in zip(styles, cells, strict=True)
    ]
    return f"<tr>{''.join(row)}</tr>"
