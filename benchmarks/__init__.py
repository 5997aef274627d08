"""Measurements: what recording costs, and what grading a class costs beside other ways of running it."""
