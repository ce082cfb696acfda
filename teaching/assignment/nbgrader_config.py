"""Settings of nbgrader for the assignment in `source`."""

c = get_config()  # noqa: F821 (nbgrader provides it)
c.ClearSolutions.code_stub = {"python": "..."}  # as in the chapters
c.ClearSolutions.text_stub = "Your answer."
