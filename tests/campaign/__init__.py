"""Random costs, compared with an oracle that knows by construction where they bend."""
