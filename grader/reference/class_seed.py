"""Keep the seed of a class: a secret from which the numbers of its variants are drawn.

SECURITY: it stays on the grader's side. Kernels get drawn numbers and, for large data, seeds
derived from it; the secret cannot be computed from either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from grader.errors import GraderError
from grader.store.store import Store, read_private

VARIABLE = "GRADER_CLASS_SEED"
"""Environment variable with a seed in place of the stored one."""

NAME = "class-seed"
"""Name of the stored file."""

SEED_FILE = f"private/{NAME}.json"
"""The file that it is kept in, in `grades/`."""

NEW_BYTES = 32
"""Bytes of a seed that is made."""

MIN_CHARACTERS = 16
"""Fewer could be guessed."""

NUMBER_BYTES = 4
"""Bytes of a derived number: numpy takes seeds of 32 bits."""


class StoredSeed(BaseModel):
    """A seed as stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: str


class _DrawnFrom(BaseModel):
    """The part of a stored reference that records the seed of its drawn numbers."""

    drawn_from: str = ""


@dataclass(frozen=True)
class ClassSeed:
    """The secret of a class."""

    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> ClassSeed:
        """Create a random seed."""
        return cls(secrets.token_hex(NEW_BYTES))

    @property
    def digest(self) -> str:
        """Identifies the seed without revealing it."""
        digest = self._digest("digest")
        return digest.hex()[:16]

    def number(self, *parts: str | int) -> int:
        """Derive a number below 2 ** 32, which reveals neither the seed nor other numbers.

        Args:
            parts: the purpose of the number.
        """
        digest = self._digest("number", *parts)
        first_bytes = digest[:NUMBER_BYTES]
        return int.from_bytes(first_bytes, "big")

    def _digest(self, *parts: str | int) -> bytes:
        text = json.dumps(parts)
        key = self.secret.encode()
        return hmac.digest(key, text.encode(), hashlib.sha256)


PRACTICE = ClassSeed("practice")
"""Seed of practice variants. It is no secret, because students have them."""


def class_seed(store: Store | None, folder: Path | None = None) -> ClassSeed:
    """Return the seed of a class; created and stored on first use.

    Args:
        store: the open output folder; None: the seed is not stored.
        folder: without an open one, an output folder that may contain a seed.

    Raises:
        GraderError: the one of the environment can be guessed, or it cannot be written.
    """
    given = _seed_of_environment()
    if given is not None:
        return given
    if store is not None:
        folder = store.folder
    kept = _stored_seed(folder)
    if kept is not None:
        return kept

    seed = ClassSeed.new()
    if store is not None:
        stored = StoredSeed(seed=seed.secret)
        store.write_private(NAME, stored)
    return seed


def is_lost(store: Store) -> bool:
    """Return whether variants were drawn from a stored seed that is gone."""
    if _seed_of_environment() or _stored_seed(store.folder):
        return False
    for name in store.private_names():
        drawn = store.read_private(name, _DrawnFrom)
        if drawn is not None and drawn.drawn_from:
            return True
    return False


def _seed_of_environment() -> ClassSeed | None:
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        return None
    if len(given) < MIN_CHARACTERS:
        raise GraderError(
            f"{VARIABLE} has fewer than {MIN_CHARACTERS} characters, so it could be guessed.",
            "Make one: python -c 'import secrets; print(secrets.token_hex())'",
        )
    return ClassSeed(given)


def _stored_seed(folder: Path | None) -> ClassSeed | None:
    if folder is None:
        return None
    stored = read_private(folder, NAME, StoredSeed)
    if stored is None or len(stored.seed) < MIN_CHARACTERS:
        return None
    return ClassSeed(stored.seed)
