"""What Sphinx is told: the pages are the course's notebooks, and formulas are set by KaTeX."""

import html
import re

from docutils import nodes

import gradlib

project = "One gradient, two estimators"
author = "the gradlib course authors"
copyright = f"2026, {author}"
release = version = gradlib.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinxcontrib.bibtex"]
suppress_warnings = ["mystnb.mime_priority"]  # of two forms of an output the better one is taken
default_role = "code"
exclude_patterns = ["README.md"]  # pages quote parts of it

nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # else tables in outputs stay as they were typed
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 3

bibtex_bibfiles = ["references.bib"]
autodoc_typehints = "none"
add_module_names = False

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["katex/katex.min.css", "site.css"]
html_math_renderer = "katex"
html_show_sourcelink = html_copy_source = False
html_sidebars = {
    "**": [f"sidebar/{part}.html" for part in ("brand", "search", "scroll-start", "navigation")]
    + ["sidebar/scroll-end.html"]
}
pygments_style, pygments_dark_style = "a11y-light", "a11y-dark"


def inline_formula(writer, node):
    writer.body.append(f"<tex-inline>{html.escape(node.astext(), quote=False)}</tex-inline>")
    raise nodes.SkipNode


def displayed_formula(writer, node):
    writer.body.append(f"<tex-block>{html.escape(node.astext(), quote=False)}</tex-block>")
    raise nodes.SkipNode


def docstring(app, what, name, obj, options, lines):
    """Docstrings are written to be read as they are; make reStructuredText of them.

    What is indented or set in columns stays as it was typed.
    """
    blocks = re.split(r"\n[ ]*\n", "\n".join(lines).strip())
    lines[:] = "\n\n".join(map(reworded, blocks)).splitlines()


def reworded(block):
    if re.search(r"(?m)^ |\S {2,}\S", block):
        return ".. code-block:: none\n\n" + re.sub("(?m)^", "   ", block)
    parts = block.split("`")  # text and code by turns
    parts[::2] = [re.sub(r"([*|_\\]|'(?!\w))", r"\\\1", text) for text in parts[::2]]
    parts[1::2] = [f"``{code}``\\ " for code in parts[1::2]]
    return "".join(parts)


def setup(app):
    app.add_html_math_renderer("katex", (inline_formula, None), (displayed_formula, None))
    app.connect("autodoc-process-docstring", docstring)
