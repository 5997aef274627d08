"""Runs many notebooks in one kernel, a namespace each: what tests of deciding need, without a kernel per notebook."""
