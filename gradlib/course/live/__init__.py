"""Live figures that move in the browser: Python says what, JavaScript computes and draws it.

`words.js`, `scales.js`, `quadrature.js` and `estimators.js` have what can be computed without a
page, `panel.js`, `stage.js` and `scene.js` what figures share, each further file is one figure; see
CONTRIBUTING. `recipes` prints costs as JavaScript, `module` joins the files, `page` puts figures
on a web page without a kernel.
"""

from gradlib.course.live.figure import Live, choice, costs, number
from gradlib.course.live.page import fragment, page, script
from gradlib.course.live.recipes import in_dimensions, log_ratios, ramp

__all__ = [
    "Live",
    "choice",
    "costs",
    "fragment",
    "in_dimensions",
    "log_ratios",
    "number",
    "page",
    "ramp",
    "script",
]
