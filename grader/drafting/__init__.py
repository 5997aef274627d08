"""Drafts an assignment from a solved notebook: handout, reference, variants, mistakes, and what to look at."""
