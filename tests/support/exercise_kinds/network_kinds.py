"""Kinds of exercises about functions, classes and networks."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind

KINDS: tuple[Kind, ...] = ()
