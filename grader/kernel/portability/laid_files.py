"""Find the file in the working directory that a path of another machine refers to. Pure.

A notebook from Colab names `/content/drive/MyDrive/iris.csv`, one from Windows
`C:\\Users\\ana\\Downloads\\iris (1).csv`. Both refer to `iris.csv` beside the notebook.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterable, Sequence

SCHEME = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/{1,3}")
"""Begins a URL; a single letter is a drive of Windows."""

WEB_SCHEMES = ("http", "https", "ftp")

NO_PARTS = ("", ".", "..", "~")
"""Parts of a path that name nothing."""

DRIVE = re.compile(r"^[A-Za-z]:")

COPY_MARKS = re.compile(
    r"""(\s*\(\d+\)                                          # iris (1), iris(1)
    |[\s_-]+(copy|copia|kopie|copie)(\s*\(?\d*\)?)?)$        # iris_copy, iris-Copy1, iris - Copia
    """,
    re.VERBOSE,
)
"""Marks that browsers, Jupyter and file managers append to the name of a copy, without accents."""

COPY_PREFIX = re.compile(r"^(copy of|copia de|copia di|copie de|kopie von)\s+")

SEPARATORS = re.compile(r"[\s_+-]+")

Parts = tuple[str, ...]
"""A path's folders and its name."""

Key = Callable[[str], str]
"""Makes one text of all spellings of a name."""


def is_url(path: str) -> bool:
    """Return whether a path is a URL."""
    match = SCHEME.match(path)
    if match is None:
        return False
    scheme = match["scheme"]
    return scheme.lower() in WEB_SCHEMES


def parts_of(path: str) -> Parts:
    """Split a path of any system, or a URL, into folders and name."""
    match = SCHEME.match(path)
    if match is not None:
        end = match.end()
        path = path[end:]
        path, *_ = re.split(r"[?#]", path)
    path = DRIVE.sub("", path)
    path = path.replace("\\", "/")
    parts = path.split("/")
    return tuple(part for part in parts if part not in NO_PARTS)


def paths_in(url: str) -> list[Parts]:
    """List the parts of a URL that may name a file: its path, then the values of its query."""
    own_parts = parts_of(url)
    paths = [own_parts]
    split_url = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(split_url.query)
    for values in query.values():
        paths.extend(map(parts_of, values))
    return paths


def _unchanged(name: str) -> str:
    return name


def _normalised(name: str) -> str:
    """Normalise case, accents and `%20`."""
    name = urllib.parse.unquote(name)
    name = unicodedata.normalize("NFKC", name)
    name = name.casefold()
    return name.strip()


def _without_copy_marks(name: str) -> str:
    """Remove the mark of a copy from a name, and an extension that Windows hides."""
    name = _normalised(name)
    name = _without_accents(name)
    name = COPY_PREFIX.sub("", name)
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem = name
        ending = ""
    if ending == "txt" and "." in stem:
        return _without_copy_marks(stem)

    before = ""
    while before != stem:
        before = stem
        stem = COPY_MARKS.sub("", stem)
    return f"{stem}{dot}{ending}"


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    letters = [char for char in decomposed if not unicodedata.combining(char)]
    return "".join(letters)


def _without_separators(name: str) -> str:
    """Also ignore spaces, dashes and underscores."""
    name = _without_copy_marks(name)
    return SEPARATORS.sub("", name)


KEYS: tuple[Key, ...] = (_unchanged, _normalised, _without_copy_marks, _without_separators)
"""From the strictest: a name that is spelled so comes before one that is a copy's."""


class LaidFiles:
    """The assignment's files in the working directory, by the names they may have elsewhere."""

    def __init__(self, names: Iterable[str]) -> None:
        """Initialise with paths relative to the working directory, with slashes."""
        in_order = sorted(names)
        self.names = tuple(in_order)
        self._paths: dict[str, Parts] = {}
        self._loose: set[str] = set()
        """The loosest key of each name: a path with another is no file's."""
        for name in self.names:
            parts = tuple(name.split("/"))
            last = parts[-1]
            loose = _without_separators(last)
            self._paths[name] = parts
            self._loose.add(loose)

    def find(self, path: str) -> str | None:
        """Find the file that a path refers to.

        Args:
            path: a path of any system, or a URL.

        Returns:
            The file's path in the working directory. None if there is none, or if several are
            meant alike.
        """
        if not is_url(path):
            return self._find(parts_of(path))
        for parts in paths_in(path):
            name = self._find(parts)
            if name is not None:
                return name
        return None

    def _find(self, parts: Parts) -> str | None:
        if not parts:
            return None
        last = parts[-1]
        if _without_separators(last) not in self._loose:
            return None
        for key in KEYS:
            alike = self._spelled_alike(last, key)
            if alike:
                return self._nearest(alike, parts)
        return None

    def _spelled_alike(self, last: str, key: Key) -> list[str]:
        """List the files with names of the same key."""
        meant = key(last)
        alike = []
        for name, own in self._paths.items():
            own_last = own[-1]
            if key(own_last) == meant:
                alike.append(name)
        return alike

    def _nearest(self, names: Sequence[str], parts: Parts) -> str | None:
        """Choose the name that shares most folders with a path; None if several do."""
        if len(names) == 1:
            return names[0]
        deepest = -1
        nearest: list[str] = []
        for name in names:
            own = self._paths[name]
            depth = _common_tail(own, parts, last=False)
            if depth > deepest:
                deepest = depth
                nearest = []
            if depth == deepest:
                nearest.append(name)

        if len(nearest) != 1:
            return None
        return nearest[0]

    def matching(self, pattern: str) -> list[str]:
        """List the files with names that match a shell pattern."""
        matching = []
        for name, own in self._paths.items():
            last = own[-1]
            if fnmatch.fnmatch(last, pattern):
                matching.append(name)
        return matching

    def folder(self, path: str) -> str | None:
        """Find the folder of files that a path ends with; None if there is none."""
        parts = parts_of(path)
        folders: set[Parts] = set()
        for own in self._paths.values():
            for depth in range(1, len(own)):
                folder = own[:depth]
                folders.add(folder)

        ending: list[Parts] = []
        for folder in folders:
            depth = _common_tail(folder, parts)
            if depth == len(folder):
                ending.append(folder)
        if not ending:
            return None
        longest = max(ending, key=len)
        return "/".join(longest)


def _common_tail(one: Parts, other: Parts, *, last: bool = True) -> int:
    """Count the trailing parts that two paths have in common, with or without their names."""
    if not last:
        one = one[:-1]
        other = other[:-1]
    own_from_end = map(_normalised, reversed(one))
    others_from_end = map(_normalised, reversed(other))
    count = 0
    for mine, theirs in zip(own_from_end, others_from_end, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
