"""Record what each statement does. Runs inside the student's kernel.

It never changes what a cell does, shows or raises, and judges nothing: it knows no answers.
"""

from __future__ import annotations

import contextlib
import functools
import linecache
import os
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.kernel.recording.frames import is_table
from grader.kernel.recording.inspection import parts
from grader.kernel.recording.instrument import Instrument
from grader.kernel.recording.namespaces import Namespace, frame_in, name_in, students_names
from grader.kernel.recording.pipe import EventData
from grader.kernel.recording.printed_text import PrintedText
from grader.kernel.recording.sites import Names, ProbeSite
from grader.kernel.recording.statement_probes import Probe, ProbeTable, probes_of
from grader.kernel.recording.values import Values, describe, memory_mark

MAX_VALUES = 96
"""Most values of one event."""

MAX_DEPTH = 2
"""How many steps inside a container its values are recorded."""

MAX_LINE = 400
MAX_NAME = 200
MAX_NAMES = 64

RECORDED_PASSES = 2
"""Passes of a statement that are recorded at once; after them its probe is off."""

MAGIC_FILES = ("<timed", "<magic")
"""Beginnings of the file names of code that `%%time` and `%%timeit` compile by themselves."""

NOT_DATA = (
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    type,
    type(None),
)

HOLDERS = ("other", "module", "items")
"""Kinds of value that may contain others."""

Prepare = Callable[[], Callable[[], Values]]
"""Receives the object that a hook records; returns the function that describes it."""


class Recorder:
    """Records one kernel: statements by probes, torch by hooks, and printed text."""

    def __init__(self, send: Callable[[EventData], None], namespace: Namespace) -> None:
        """Initialise with the receiver of events, and the namespace that cells run in."""
        self.send = send
        self.namespace = namespace
        self.label = "base"
        self.cell = -1
        self.substitution: Any = None
        self._lines: list[str] = []
        self._offset = 0
        self._paused = False
        self._magic_offset = 0
        self._offsets: dict[str, int] = {}
        """Number of lines of the cell above compiled code, by its file name."""
        self._run = _draw_unpredictable()
        """Tells this run from others, in the names of its probes."""
        self._probes = ProbeTable(probes_of(self))
        self._used: list[Probe] = []
        self._last: dict[tuple[str, str], Any] = {}
        """Per scope and path: the value recorded last."""
        self.printed = PrintedText()
        self._callsites: dict[Any, int] = {}
        """Per kind of hook, code and line: its passes."""
        self._at_loop_end: dict[Any, Callable[[], None]] = {}
        """The last passes of hooks, and of code that is compiled again and again.

        They are held back until it shows that they are the last.
        """

    def instrument(self, *, substitute: bool) -> Instrument:
        """Create an instrument with probes that report here."""
        return Instrument(self.register, substitute=substitute)

    def register(self, site: ProbeSite) -> str:
        """Return the builtin name of a site's probe; create the probe if needed."""
        site.offset = self._offset
        site.source = self.line(site.line + site.offset)
        return self._probes.name_of(site, self._run)

    def begin_run(self, label: str, namespace: Namespace) -> None:
        """Begin a run in its own namespace: probes of other runs record nothing."""
        self.label = label
        self._run = _draw_unpredictable()
        self.namespace = namespace
        self._last.clear()
        self.printed.take()

    def begin_cell(self, cell: int, source: str, offset: int = 0) -> None:
        """Begin a cell.

        The probes of earlier cells are on again, since a function may be called anew.

        Args:
            cell: its index in the notebook.
            source: its whole source.
            offset: number of its lines above the code that is run now.
        """
        self.cell = cell
        self._lines = source.split("\n")
        self._offset = offset
        for probe in self._used:
            probe.on = True
            probe.count = 0
        self._used.clear()
        self._callsites.clear()
        self._probes.begin_cell()

    def begin_part(self, offset: int) -> None:
        """Begin code that the cell runs as a separate cell; passes are still counted together.

        Args:
            offset: number of the cell's lines above the code.
        """
        self._offset = offset

    def end_part(self) -> None:
        """End such code: send the text printed since its last statement."""
        self._without_raising(self._flush_printed, None, ())

    @contextlib.contextmanager
    def magic_lines(self, offset: int) -> Iterator[None]:
        """Count lines from `offset` while a magic compiles code from within its cell."""
        before = self._offset
        self._offset = offset
        self._magic_offset = offset
        try:
            yield
        finally:
            self._offset = before

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Record nothing and count no passes: the running code is not the notebook's."""
        before = self._paused
        self._paused = True
        try:
            yield
        finally:
            self._paused = before

    @property
    def lines_above(self) -> int:
        """Number of lines above the first code of the cell."""
        return self._offset

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the running cell."""
        return self._lines

    def end_cell(self) -> None:
        """Send everything that is still held back."""
        self._emit_held_back()
        self.end_part()

    def _without_raising(self, act: Callable[..., None], *args: Any) -> None:
        """Turn an exception while recording into a note: it must not end the student's cell."""
        try:
            act(*args)
        except Exception as error:  # noqa: BLE001 - see above
            with contextlib.suppress(Exception):
                self.note(f"recorder: {type(error).__name__}")

    def record(self, probe: Probe, frame: types.FrameType, passing: tuple[Any, ...] = ()) -> None:
        """Record one pass of a statement; after two, switch its probe off until the next cell.

        Args:
            probe: the statement's probe.
            frame: the student's frame.
            passing: the value of the statement's expression, if it goes through the probe.
        """
        if self._paused or probe.run != self._run:
            return
        if not probe.count:
            self._used.append(probe)
        probe.count += 1
        probe.on = probe.count < RECORDED_PASSES
        self._without_raising(self._record, probe, frame, passing)

    def _record(self, probe: Probe, frame: types.FrameType, passing: tuple[Any, ...]) -> None:
        site = probe.site
        local = frame.f_locals
        world = frame.f_globals
        self._offsets[frame.f_code.co_filename] = site.offset
        if self.substitution is not None:
            self.substitution.in_place(site.names, local, world)

        reads = students_names(site.rhs, local, world)
        is_further = probe.count > RECORDED_PASSES
        if site.kind != "argument" and not is_further:
            self._flush_printed(site, reads)
        if site.kind == "loop" and not is_further:
            self._emit_held_back()

        values: Values = {}
        if passing:
            self._add_passing(values, site, passing[0])
        for name in site.names:
            value = local.get(name, world.get(name, None))
            self._add_name(values, site, name, value)
        if not values:
            return

        kind = "value"
        if site.kind in ("shown", "argument"):
            kind = "shown"
        turn = str(probe.count)
        if site.kind == "loop" or is_further:
            turn = "last"
        send = functools.partial(self._send, kind, site, turn, values, reads)
        if is_further:
            self._at_loop_end[site.key] = send
        else:
            send()

    def _add_passing(self, values: Values, site: ProbeSite, value: Any) -> None:
        """Add the value of an expression; None counts only if it is returned or an argument."""
        if value is None and site.kind in ("returned", "argument"):
            values[site.path] = describe(None)
        else:
            self.add_value(values, site.path, value)

    def _add_name(self, values: Values, site: ProbeSite, name: str, value: Any) -> None:
        """Add the values of a name: all if it was assigned, the changed ones if it was read.

        None is a value where a statement computed it, as `g = x.grad` may.
        """
        if value is None and site.kind == "value" and site.rhs and name in site.assigned:
            values[name] = describe(None)
        value_type = type(value)
        if value_type in NOT_DATA or issubclass(value_type, type):
            return
        is_assigned = name in site.assigned
        if not is_assigned and self._surely_unchanged(site.scope, name, value):
            return

        before = len(values)
        self.add_value(values, name, value)
        for path in list(values)[before:]:
            key = (site.scope, path)
            described = values[path]
            if not is_assigned and self._last.get(key) == described:
                del values[path]
            else:
                self._last[key] = described

    def _surely_unchanged(self, scope: str, name: str, value: Any) -> bool:
        """Return whether a large tensor has the same memory and version as before."""
        mark = memory_mark(value)
        if mark is None:
            return False
        key = (scope, name + "#")
        unchanged: bool = self._last.get(key) == mark
        self._last[key] = mark
        return unchanged

    def add_value(self, values: Values, path: str, value: Any, depth: int = 0) -> None:
        """Add a value, or the contents of a container, one or two levels deep."""
        if len(values) >= MAX_VALUES:
            return
        if type(value) in NOT_DATA:
            return

        described = describe(value)
        kind = described["kind"]
        if kind != "other":
            values[path[:200]] = described
        has_parts = kind in HOLDERS or is_table(value)
        if depth >= MAX_DEPTH or not has_parts:
            return
        for suffix, inner in parts(value):
            inner_path = path + suffix
            self.add_value(values, inner_path, inner, depth + 1)

    def hold_printed(self, text: str) -> bool:
        """Collect text written to standard output; return whether more may be collected."""
        return self._paused or self.printed.hold(text)

    def _flush_printed(self, site: ProbeSite | None, reads: Names) -> None:
        text = self.printed.take()
        if text.strip():
            self._send_text("printed", text, site, reads)

    def hook(self, kind: str, prepare: Prepare) -> None:
        """Record a hook's event at the line being executed.

        Passes one and two are recorded now, the last at the loop's end.

        Args:
            kind: the event's kind.
            prepare: called for a pass that is recorded. Its result is called for the values by
                path, at once or, for the last pass, at the loop's end.
        """
        if self._paused:
            return
        frame = frame_in(self.namespace, sys._getframe(1))
        if frame is None:
            return

        code = frame.f_code
        line = frame.f_lineno
        key = (kind, code, line)
        count = self._callsites.get(key, 0) + 1
        self._callsites[key] = count

        if count <= RECORDED_PASSES:
            site = self._site_of_hook(code, line)
            values = prepare()
            self._send(kind, site, str(count), values())
        elif key not in self._at_loop_end or kind == "graph":
            # The contents of a tensor are read at the loop's end; a graph stays as it was drawn.
            last_values = prepare()

            def send_last() -> None:
                site = self._site_of_hook(code, line)
                self._send(kind, site, "last", last_values())

            self._at_loop_end[key] = send_last

    def _site_of_hook(self, code: types.CodeType, line: int) -> ProbeSite:
        file = code.co_filename
        offset = self._offsets.get(file, self._offset)
        if file.startswith(MAGIC_FILES):
            offset = self._magic_offset

        scope = ""
        source = ""
        if code.co_name != "<module>":
            scope = code.co_qualname.replace(".<locals>", "")
            # The function may be another cell's.
            source = _cut_line(linecache.getline(file, line))
        if not source:
            source = self.line(line + offset)
        return ProbeSite(line, line, scope, "hook", offset=offset, source=source)

    def _emit_held_back(self) -> None:
        held_back = self._at_loop_end
        self._at_loop_end = {}
        for emit in held_back.values():
            self._without_raising(emit)

    def name_of(self, value: Any) -> str | None:
        """Find the student's name for a tensor: `w`, or `net.weight` in a module; None if none."""
        frame = frame_in(self.namespace, sys._getframe(1))
        while frame is not None:
            name = name_in(frame.f_locals, value)
            if name is not None:
                return name
            frame = frame_in(self.namespace, frame.f_back)
        return None

    def note(self, text: str, kind: str = "note") -> None:
        """Record a note for the report, such as a skipped command."""
        if not self._paused:
            self._send_text(kind, text[:2_000])

    def send_figure(self, values: Values) -> None:
        """Record the contents of a figure, in the cell that drew it."""
        if self._paused:
            return
        event = self._head("figure", None, "1")
        event["values"] = values
        self.send(event)

    def _send(
        self, kind: str, site: ProbeSite, turn: str, values: Values, reads: Names = ()
    ) -> None:
        event = self._head(kind, site, turn)
        event["values"] = values
        event["reads"] = _cut(reads)
        event["text"] = ""
        self.send(event)

    def _send_text(
        self, kind: str, text: str, site: ProbeSite | None = None, reads: Names = ()
    ) -> None:
        event = self._head(kind, site, "1")
        event["values"] = {}
        event["reads"] = _cut(reads)
        event["text"] = text
        self.send(event)

    def _head(self, kind: str, site: ProbeSite | None, turn: str) -> EventData:
        """Begin an event with its kind and place."""
        event: EventData = {
            "run": self.label,
            "kind": kind,
            "cell": self.cell,
            "turn": turn,
        }
        if site is not None:
            event["line"] = site.line + site.offset
            event["end_line"] = site.end_line + site.offset
            event["source"] = site.source
            event["scope"] = site.scope[:200]
            event["assigned"] = _cut(site.assigned)
        return event

    def line(self, number: int) -> str:
        """Return a line of the running cell, without indentation; empty if there is none."""
        if not 0 < number <= len(self._lines):
            return ""
        return _cut_line(self._lines[number - 1])


def _draw_unpredictable() -> str:
    """Draw an unpredictable number, without using the notebook's generators."""
    return os.urandom(4).hex()


def _cut_line(line: str) -> str:
    return line.strip()[:MAX_LINE]


def _cut(names: Names) -> list[str]:
    return [name[:MAX_NAME] for name in names[:MAX_NAMES]]
