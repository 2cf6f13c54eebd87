"""Pages. Each view parses, calls one door or query, and renders; no rule and no table is known here."""
