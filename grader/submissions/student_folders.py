"""Which folders are one student's each, where no download says so, as repositories of a class have them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

Parts = tuple[str, ...]
NOTEBOOK = ".ipynb"


def folders_of_students(names: Sequence[Parts]) -> tuple[Parts, ...]:
    """The folders that hold what one student handed in, each.

    Folders side by side are students' if most of them hold a single notebook, or a notebook of the same name, or
    folders of the same names. Folders that hold such folders are sections of a class.

    Args:
        names: paths of files, by their parts.
    """
    return tuple(_students((), [parts for parts in names if len(parts) > 1]))


def _students(above: Parts, names: Sequence[Parts]) -> Iterator[Parts]:
    """The students' folders below a folder; `names` are paths below it."""
    folders = _by_folder(names)
    notebooks = {folder: _notebooks(inside) for folder, inside in folders.items()}
    working = {folder: found for folder, found in notebooks.items() if found}
    if len(working) == 1 and not any(len(parts) == 1 for parts in _notebooks(names)):
        (only,) = working
        yield from _students((*above, only), folders[only])
    elif len(working) > 1 and _are_students(working):
        yield from ((*above, folder) for folder in folders)
    elif len(working) > 1 and _are_sections(working):
        for folder in working:
            yield from _students((*above, folder), folders[folder])


def _by_folder(names: Iterable[Parts]) -> dict[str, list[Parts]]:
    folders: dict[str, list[Parts]] = {}
    for parts in names:
        if len(parts) > 1:
            folders.setdefault(parts[0], []).append(parts[1:])
    return folders


def _notebooks(names: Iterable[Parts]) -> list[Parts]:
    return [parts for parts in names if parts[-1].lower().endswith(NOTEBOOK)]


def _are_students(working: Mapping[str, Sequence[Parts]]) -> bool:
    """Whether folders with notebooks, given by what is in them, are one student's each."""
    inner = [name for inside in working.values() for name in _inner(inside)]
    if inner and 2 * len(set(inner)) <= len(inner):
        return True  # a folder per assignment in each
    if _are_sections(working):
        return False
    alone = sum(len(inside) == 1 for inside in working.values())
    shared = Counter(
        name for inside in working.values() for name in {parts[-1] for parts in inside}
    )
    return 2 * max(alone, *shared.values()) > len(working)


def _inner(inside: Sequence[Parts]) -> set[str]:
    """The folders with notebooks in a folder, each once."""
    return {parts[0] for parts in inside if len(parts) > 1}


def _are_sections(working: Mapping[str, Sequence[Parts]]) -> bool:
    several = sum(len(_inner(inside)) > 1 for inside in working.values())
    return 2 * several > len(working)
