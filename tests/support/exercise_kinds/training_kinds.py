"""Kinds of exercises about training and what comes of it."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind

KINDS: tuple[Kind, ...] = ()
