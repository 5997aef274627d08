"""Measurements: what recording costs, and what it costs to grade a class, also in other ways."""
