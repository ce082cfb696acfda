"""Live figures that move in the browser: Python says what, JavaScript computes and draws it.

`numbers.js` has what can be computed without a page, `stage.js` what all figures share, and each
further file one figure; see CONTRIBUTING. `recipes` prints costs as JavaScript, `module` joins the
files, `page` puts figures on a web page without a kernel.
"""

from gradlib.course.live.figure import Live, choice, costs, number
from gradlib.course.live.page import fragment, page, script
from gradlib.course.live.recipes import log_ratios, ramp

__all__ = ["Live", "choice", "costs", "fragment", "log_ratios", "number", "page", "ramp", "script"]
