"""Find the folders that contain one student's work each, if no download names the students.

Repositories of a class are laid out like that. Pure: it reads names, no files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from grader.submissions.paths import NOTEBOOK, Parts

Paths = Sequence[Parts]
"""Relative paths of files, by their parts."""

Subfolders = Mapping[str, Paths]
"""Folders side by side by their names, with the paths of the files below each."""


def folders_of_students(names: Paths) -> tuple[Parts, ...]:
    """List the folders that contain one student's work each.

    Folders side by side are students' if half of them hold a single notebook, or most a notebook of
    the same name, or folders of the same names. Folders that hold such folders are sections of a
    class.

    Args:
        names: paths of files, by their parts.
    """
    in_folders = [parts for parts in names if len(parts) > 1]
    return tuple(_students_below((), in_folders))


def _students_below(folder: Parts, names: Paths) -> Iterator[Parts]:
    """List the students' folders below a folder; `names` are paths below it."""
    subfolders = _by_subfolder(names)
    working = _with_notebooks(subfolders)

    if len(working) == 1:
        if not _has_notebook_at_top(names):
            (name,) = working
            below = (*folder, name)
            yield from _students_below(below, subfolders[name])

    elif _are_students(working):
        for name in subfolders:
            yield (*folder, name)

    elif _are_sections(working):
        for name in working:
            below = (*folder, name)
            yield from _students_below(below, subfolders[name])


def _by_subfolder(names: Paths) -> Subfolders:
    """Group paths by their first folder, relative to it."""
    subfolders: dict[str, list[Parts]] = {}
    for parts in names:
        if len(parts) == 1:
            continue

        folder = parts[0]
        below = subfolders.setdefault(folder, [])
        below.append(parts[1:])
    return subfolders


def _with_notebooks(subfolders: Subfolders) -> Subfolders:
    """Keep the folders that contain notebooks, and of their files only those."""
    working: dict[str, Paths] = {}
    for folder, names in subfolders.items():
        notebooks = _notebooks(names)
        if notebooks:
            working[folder] = notebooks
    return working


def _notebooks(names: Paths) -> Paths:
    notebooks: list[Parts] = []
    for parts in names:
        file_name = parts[-1].lower()
        if NOTEBOOK in file_name:
            notebooks.append(parts)
    return notebooks


def _has_notebook_at_top(names: Paths) -> bool:
    return any(len(parts) == 1 for parts in _notebooks(names))


def _are_students(working: Subfolders) -> bool:
    """Return whether each folder is one student's.

    Args:
        working: folders side by side, with the notebooks in each.
    """
    if not working:
        return False

    if _have_the_same_subfolders(working):
        return True  # a folder per assignment in each
    if _are_sections(working):
        return False

    single = 0
    holders = Counter[str]()
    for notebooks in working.values():
        if len(notebooks) == 1:
            single += 1

        file_names = {parts[-1] for parts in notebooks}
        holders.update(file_names)

    most_alike = max(holders.values())
    count = len(working)
    is_mostly_alike = 2 * most_alike > count
    is_half_single = 2 * single >= count
    return is_mostly_alike or is_half_single


def _have_the_same_subfolders(working: Subfolders) -> bool:
    """Return whether subfolder names repeat twice or more, on average."""
    subfolders: list[str] = []
    for notebooks in working.values():
        subfolders.extend(_subfolders(notebooks))

    if not subfolders:
        return False

    different = set(subfolders)
    return 2 * len(different) <= len(subfolders)


def _subfolders(names: Paths) -> set[str]:
    """List the subfolders that contain notebooks, each once."""
    folders: set[str] = set()
    for parts in names:
        if len(parts) > 1:
            folders.add(parts[0])
    return folders


def _are_sections(working: Subfolders) -> bool:
    """Return whether most of some folders hold several folders with notebooks."""
    several = 0
    for notebooks in working.values():
        if len(_subfolders(notebooks)) > 1:
            several += 1
    return 2 * several > len(working)
