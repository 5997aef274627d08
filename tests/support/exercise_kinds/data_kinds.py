"""Kinds of exercises about data, loaders and numbers."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind

KINDS: tuple[Kind, ...] = ()
