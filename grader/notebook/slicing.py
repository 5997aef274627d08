"""Find the cells that an answer needs: earlier ones that assign or change names it reads. Pure.

It may include a cell too many, which costs time, but never misses one.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence

from grader.notebook.cell_names import (
    ALL_EFFECTS,
    HARMLESS,
    CellNames,
    Effects,
    Names,
    read_names,
)

Order = Sequence[tuple[int, str]]
"""Index and source of each cell, in the order they ran; one that ran twice is there twice."""


def cells_behind(
    order: Order, wanted: Iterable[int], *, effects: Effects = ALL_EFFECTS
) -> list[int]:
    """List the cells to run so that some cells compute the same again.

    A cell reads names as earlier cells left them; names that a function in it reads may also have
    been assigned later.

    Args:
        order: index and source of each cell, in the order they ran.
        wanted: indices of the cells that are to compute the same again; one that did not run is
            skipped.
        effects: which cells are needed whatever names they share: those with one of these effects.

    Returns:
        Indices, sorted, the wanted ones among them.
    """
    ran = {cell for cell, _ in order}
    needed = ran.intersection(wanted)
    order = _up_to_last(order, needed)
    dependencies = CellDependencies(order)
    needed |= dependencies.with_effects(effects)

    remaining = list(needed)
    for cell in remaining:  # grows while it is walked
        behind = dependencies.of(cell)
        new = behind - needed
        needed |= new
        remaining.extend(new)
    return sorted(needed)


def _up_to_last(order: Order, needed: set[int]) -> Order:
    """Remove the cells that ran after the last needed one."""
    end = 0
    for position, (cell, _) in enumerate(order, 1):
        if cell in needed:
            end = position
    return order[:end]


class CellDependencies:
    """Finds the cells that assign or change names that other cells read."""

    def __init__(self, order: Order) -> None:
        self._cells: dict[int, CellNames] = {}
        self._first: dict[int, int] = {}
        """Where each cell ran first."""
        self._last: dict[int, int] = {}
        """Where each cell ran last."""
        for position, (cell, source) in enumerate(order):
            self._cells[cell] = read_names(source)
            self._first.setdefault(cell, position)
            self._last[cell] = position

        all_names = self._cells.values()
        self._groups = _groups(all_names)
        self._changers: dict[str, set[int]] = {}
        """The cells that bind or change a name, or the group of a name."""
        for cell, names in self._cells.items():
            groups = self._changed_groups(names)
            changed = groups | names.binds | names.imports
            for name in changed:
                changers = self._changers.setdefault(name, set())
                changers.add(cell)

    def _changed_groups(self, cell: CellNames) -> set[str]:
        """Find the groups of names with values that a cell may change."""
        changed: set[str] = set()
        for statement in cell.statements:
            if statement.changes:
                changed.update(self._groups_of(statement.names))
        return changed

    def _groups_of(self, names: Names) -> set[str]:
        groups: set[str] = set()
        for name in names:
            group = self._groups.get(name)
            if group is not None:
                groups.add(group)
        return groups

    def with_effects(self, effects: Effects) -> set[int]:
        """List the cells with one of some effects on all others."""
        cells: set[int] = set()
        for cell, names in self._cells.items():
            if not effects.isdisjoint(names.effects):
                cells.add(cell)
        return cells

    def of(self, cell: int) -> set[int]:
        """List the cells that assign or change names that a cell reads."""
        names = self._cells[cell]
        last = self._last[cell]
        changers = self._changers_of(names.later)
        for other in self._changers_of(names.reads):
            if self._first[other] < last:
                changers.add(other)
        return changers

    def _changers_of(self, names: Names) -> set[int]:
        """List the cells that bind or change the values of names, or of connected names."""
        cells: set[int] = set()
        held = names | self._groups_of(names)
        for name in held:
            changers = self._changers.get(name)
            if changers:
                cells |= changers
        return cells


def names_bound_by(source: str) -> Names:
    """List the names that a cell assigns or defines, without imports."""
    return read_names(source).binds


def _groups(cells: Iterable[CellNames]) -> Mapping[str, str]:
    """Group the student's names that statements connect.

    `opt = SGD([w])` joins `opt` and `w`, so that `opt.step()` may change `w`. Imported and builtin
    names join nothing: `torch` is in every statement.

    Returns:
        For each name the name of its group.
    """
    cells = tuple(cells)
    foreign = _foreign_names(cells)

    members: dict[str, list[str]] = {}
    for cell in cells:
        for statement in cell.statements:
            own_names = statement.names - foreign
            _join_names(own_names, members)

    groups: dict[str, str] = {}
    for name, group in members.items():
        first = group[0]
        groups[name] = f"things with {first}"
    return groups


def _foreign_names(cells: Iterable[CellNames]) -> Names:
    """List the names that are imported, built in or harmless, and that no cell binds."""
    bound: set[str] = set()
    imported: set[str] = set()
    for cell in cells:
        bound |= cell.binds
        imported |= cell.imports

    built_in = frozenset(dir(builtins))
    foreign = built_in | HARMLESS | imported
    return foreign - bound


def _join_names(names: Names, members: dict[str, list[str]]) -> None:
    """Merge the groups of some names into the largest of them.

    Args:
        names: names in one statement.
        members: for each name the list of its group, which all names of the group share.
    """
    groups = [members.setdefault(name, [name]) for name in names]
    largest = max(groups, key=len, default=[])
    for name in names:
        group = members[name]
        if group is not largest:
            largest.extend(group)
            for member in group:
                members[member] = largest
