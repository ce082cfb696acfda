"""Live figures on a web page, without a kernel or a network, from file:// too."""

import html
import json

from gradlib.course.live.module import css, module

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 24px auto; padding: 0 12px; max-width: 980px; font-family: system-ui, sans-serif; }}
</style>
</head><body>
<h1>{title}</h1>
{body}
{script}
</body></html>
"""


def fragment(figure):
    """The place of a `Live` figure in a web page; `script()` fills all such places."""
    return f'<div data-live="{html.escape(json.dumps(figure.plain()))}"></div>'


def script():
    """What a page needs once, after its last figure: the looks and the module."""
    source = module().replace("</", "<\\/")  # nothing may end the script early
    return (
        f"<style>\n{css()}</style>\n"
        f'<script type="module">\n{source}\nstage.mount(figures);\n</script>'
    )


def page(title, *figures):
    """A whole web page with these figures, as text."""
    body = "\n".join(map(fragment, figures))
    return PAGE.format(title=html.escape(title), body=body, script=script())
