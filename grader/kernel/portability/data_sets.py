"""Provide the data sets of the assignment to a notebook. Runs inside the student's kernel.

They are in one read-only folder, each below its name. Any root that a notebook passes to a class of
`torchvision.datasets` refers to that folder; folders of images are linked into the working
directory.
"""

from __future__ import annotations

import functools
import os
import random
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from grader.kernel.portability.laid_files import LaidFiles, parts_of
from grader.kernel.portability.paths import is_there
from grader.kernel.recording.hooks import when_imported
from grader.kernel.variants.variant import VariantSubset

ITEM_ATTRIBUTES = ("data", "targets", "labels", "_labels", "samples", "_image_files")
"""Attributes under which classes of torchvision keep an entry per item."""

MAX_FILES = 200
"""Most files below the folders that are found by their names alone."""

Note = Callable[[str, str], None]
"""Notes a topic and a detail, each pair once."""


class DataSets:
    """The data sets of an assignment, in one kernel."""

    def __init__(self, spec: Mapping[str, Any], note: Note) -> None:
        """Initialise with the host's description of the data sets, and a callback for notes.

        Args:
            spec: `root`, their folder; `folders`, names below it; `classes`, available classes of
                torchvision; `subset`, how many items each has (None: all). Everything may be
                missing.
            note: notes a root that means another folder here.
        """
        folders = spec.get("folders", ())
        classes = spec.get("classes", ())
        self._root: str = spec.get("root", "")
        self._folders = tuple(folders)
        self._classes = frozenset(classes)
        self._size: int | None = spec.get("subset")
        self._note = note
        self._subsets: dict[str, VariantSubset] = {}

    @property
    def links(self) -> dict[str, str]:
        """Folders outside of the working directory, by their names in it."""
        return {name: os.path.join(self._root, name) for name in self._folders}  # noqa: PTH118

    def begin_run(self, subsets: Iterable[VariantSubset]) -> None:
        """Begin a run with the items that a variant selects."""
        self._subsets = {subset.name: subset for subset in subsets}

    def find(self, path: str) -> str | None:
        """Find the path below a folder that a foreign path refers to; None if there is none.

        A path without that folder refers to the file of its name, if only one has that name.
        """
        parts = parts_of(path)
        for position, part in enumerate(parts):
            if part not in self._folders:
                continue
            real = os.path.join(self._root, *parts[position:])  # noqa: PTH118
            if is_there(real):
                return real
        name = self._files.find(path)
        if name is None:
            return None
        return os.path.join(self._root, name)  # noqa: PTH118

    @functools.cached_property
    def _files(self) -> LaidFiles:
        """The files below the folders; none if they are many, as in a set of pictures."""
        names: list[str] = []
        for folder in self.links.values():
            for parent, _, files in os.walk(folder):
                relative = os.path.relpath(parent, self._root)
                names.extend(f"{relative}/{name}" for name in files)
                if len(names) > MAX_FILES:
                    return LaidFiles(())
        return LaidFiles(names)

    def install(self) -> None:
        """Make the classes of torchvision open the assignment's data sets."""
        if self._classes:
            when_imported("torchvision.datasets", self._wrap)

    def _wrap(self, datasets: types.ModuleType) -> None:
        wrapped: set[int] = set()
        for name in self._classes:
            cls = getattr(datasets, name, None)
            owner = _owner_of_init(cls)
            identity = id(owner)
            if owner is None or identity in wrapped:
                continue
            wrapped.add(identity)
            owner.__init__ = self._opening(owner.__init__)

    def _opening(self, plain: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(plain)
        def init(dataset: Any, root: Any = None, *args: Any, **kwargs: Any) -> None:
            name = type(dataset).__name__
            if name not in self._classes:
                plain(dataset, root, *args, **kwargs)
                return
            self._note("path", str(root))
            plain(dataset, self._root, *args, **kwargs)
            self._choose(dataset, name)

        return init

    def _choose(self, dataset: Any, name: str) -> None:
        """Keep only the assignment's number of items of a data set."""
        part = 0
        subset = self._subsets.get(name)
        if subset is not None:
            subset.was_read = True
            part = subset.part
        count = len(dataset)
        if self._size is None or self._size >= count:
            return

        indices = chosen(count, self._size, part)
        for attribute in ITEM_ATTRIBUTES:
            items = getattr(dataset, attribute, None)
            if items is None or len(items) != count:
                continue
            kept = _of_items(items, indices)
            setattr(dataset, attribute, kept)


def chosen(count: int, size: int, part: int) -> list[int]:
    """Choose some of many items.

    Args:
        count: how many there are.
        size: how many are chosen.
        part: which choice; 0: evenly spaced, from the first.

    Returns:
        Their indices, in their order.
    """
    step = count // size
    if part < step:
        end = step * size
        return list(range(part, end, step))
    rng = random.Random(part)
    indices = rng.sample(range(count), size)
    return sorted(indices)


def _of_items(items: Any, indices: list[int]) -> Any:
    if isinstance(items, list):
        return [items[index] for index in indices]
    return items[indices]


def _owner_of_init(cls: Any) -> Any:
    """Find the class that defines `__init__` for a class."""
    owners = getattr(cls, "__mro__", ())
    for owner in owners:
        if "__init__" in vars(owner):
            return owner
    return None
