"""The checks: pure functions of a trace and an expectation."""
