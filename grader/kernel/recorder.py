"""Records what each statement did. Runs inside the student's kernel: standard library, and what is already imported.

It never changes what a cell does, shows or raises, and forms no verdict: it knows no answers.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import linecache
import os
import struct
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.kernel.instrument import PROBE_NAME, Instrument, Site
from grader.kernel.values import describe, is_module, is_own, mark_of, parts

FRAME = b"\xff\xfe"
"""Begins each frame on the pipe. No byte of it occurs in UTF-8, so the host finds the next frame after damage."""
MAX_EVENT_BYTES = 256 * 1024
MAX_PRINTED = 16_000
MAX_VALUES = 96
MAX_NAME = 200
RECORDED_PASSES = 2
SHELL_NAMES = frozenset({"get_ipython", "exit", "quit", "open", "In", "Out"})
"""Names that IPython puts among the student's own."""
MAGIC_FILES = ("<timed", "<magic")
"""What the file of code is called that `%%time` and `%%timeit` compile by themselves."""
NOT_DATA = (
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    type,
    type(None),
)


class Pipe:
    """Sends events to the host: one length-prefixed write each, under a lock, and from this process only."""

    def __init__(self, descriptor: int, most_bytes: int) -> None:
        """Take the pipe's write end, and how much is sent before this falls silent."""
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor
        # Reentrant: a signal handler or a `__del__` of the student's may run a probe while an event is written.
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._left = most_bytes

    def send(self, event: dict[str, Any]) -> None:
        """Send an event. Silent in a forked child, which shares the pipe, and once the limit is reached."""
        if os.getpid() != self._pid or self._left < 0:
            return
        data = _encoded(event)
        if len(data) > MAX_EVENT_BYTES:
            data = _encoded({**event, "values": {}, "text": ""})
        with self._lock:
            self._left -= len(data)
            data = data if self._left >= 0 else b""
            message = FRAME + struct.pack(">I", len(data)) + data
            while message:
                message = message[os.write(self._descriptor, message) :]


def _encoded(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode(
        "utf-8", "replace"
    )


class Probe:
    """Watches one statement: called after it, or given what its expression gave."""

    __slots__ = ("_recorder", "count", "on", "site")

    def __init__(self, recorder: Recorder, site: Site) -> None:
        self._recorder = recorder
        self.site = site
        self.on = True
        self.count = 0

    def __call__(self) -> None:
        """Record the names of the statement before this one."""
        self._recorder.record(self, sys._getframe(1))

    def passing(self, value: Any) -> Any:
        """Record what an expression gave, and give it on."""
        if self.on:
            self._recorder.record(self, sys._getframe(1), (value,))
        return value


class Recorder:
    """What is recorded of one kernel."""

    def __init__(self, send: Callable[[dict[str, Any]], None], namespace: dict[str, Any]) -> None:
        """Take where events go, and the namespace that cells run in."""
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
        self._sites = 0
        self._used: list[Probe] = []
        self._last: dict[tuple[str, str], Any] = {}
        self._printed: list[str] = []
        self._printed_size = 0
        self._callsites: dict[Any, int] = {}
        self._at_loop_end: dict[Any, Callable[[], None]] = {}

    def instrument(self, *, substitute: bool) -> Instrument:
        """An instrument whose probes report here."""
        return Instrument(self.register, substitute=substitute)

    def register(self, site: Site) -> str:
        """Make a site's probe; returns the name it has among the builtins."""
        site.offset = self._offset
        site.source = self.line(site.line + site.offset)
        self._sites += 1
        name = PROBE_NAME.format(self._sites)
        setattr(builtins, name, Probe(self, site))
        return name

    def begin_run(self, label: str, namespace: dict[str, Any]) -> None:
        """Start a run in its own namespace."""
        self.label = label
        self.namespace = namespace
        self._last.clear()
        self._printed.clear()
        self._printed_size = 0

    def begin_cell(self, cell: int, source: str, offset: int = 0) -> None:
        """Start a cell: the probes of earlier cells are on again, since a function may be called anew.

        Args:
            cell: its index in the notebook.
            source: its whole source.
            offset: how many lines of it stand above the code that is run now.
        """
        self.cell = cell
        self._lines = source.split("\n")
        self._offset = offset
        for probe in self._used:
            probe.on, probe.count = True, 0
        self._used.clear()
        self._callsites.clear()

    @contextlib.contextmanager
    def magic(self, offset: int) -> Iterator[None]:
        """While code is instrumented that a magic compiles by itself: how many lines of the cell stand above it."""
        before, self._offset, self._magic_offset = self._offset, offset, offset
        try:
            yield
        finally:
            self._offset = before

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """While something runs that is not the notebook's doing: record nothing of it, and count no passes."""
        before, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = before

    @property
    def lines_above(self) -> int:
        """How many lines of the cell stand above its first code."""
        return self._offset

    def end_cell(self) -> None:
        """Record what is still held back."""
        self._emit_held_back()
        self._guarded(self._flush_printed, None, ())

    def _guarded(self, act: Callable[..., None], *args: Any) -> None:
        """Recording must not end the student's cell: what goes wrong is a note, or nothing."""
        try:
            act(*args)
        except Exception as error:  # noqa: BLE001 - see above
            with contextlib.suppress(Exception):
                self.note(f"recorder: {type(error).__name__}")

    def record(self, probe: Probe, frame: types.FrameType, passing: tuple[Any, ...] = ()) -> None:
        """Record one pass of a statement; then, after two, switch its probe off until the next cell."""
        if self._paused:
            return
        if not probe.count:
            self._used.append(probe)
        probe.count += 1
        probe.on = probe.count < RECORDED_PASSES
        self._guarded(self._record, probe, frame, passing)

    def _record(self, probe: Probe, frame: types.FrameType, passing: tuple[Any, ...]) -> None:
        site = probe.site
        local, world = frame.f_locals, frame.f_globals
        self._offsets[frame.f_code.co_filename] = site.offset
        if self.substitution is not None:
            self.substitution.in_place(site.names, local, world)
        reads = tuple(name for name in site.rhs if self._is_own(name, local, world))
        if site.kind != "argument":
            self._flush_printed(site, reads)
        if site.kind == "loop":
            self._emit_held_back()
        values: dict[str, Any] = {}
        if passing:
            self._add(values, site.path, passing[0])
        for name in site.names:
            value = local.get(name, world.get(name, None))
            self._add_name(values, site, name, value)
        if values:
            kind = "shown" if site.kind in ("shown", "argument") else "value"
            turn = "last" if site.kind == "loop" else str(probe.count)
            self._send(kind, site, turn, values, reads)

    def _is_own(self, name: str, local: dict[str, Any], world: dict[str, Any]) -> bool:
        """Whether a name is the student's own: bound by them, and not by an import."""
        missing = object()
        value = local.get(name, world.get(name, missing))
        if value is missing or name in SHELL_NAMES:
            return False
        # By `type`, since `isinstance` would ask the student's `__class__`.
        kind = type(value)
        if kind is types.FunctionType:
            return type(value.__module__) is str and value.__module__ == "__main__"
        if issubclass(kind, type):
            return is_own(value)
        return not issubclass(kind, (types.ModuleType, types.BuiltinFunctionType))

    def _add_name(self, values: dict[str, Any], site: Site, name: str, value: Any) -> None:
        if type(value) in NOT_DATA or issubclass(type(value), type):
            return
        if name not in site.assigned and self._surely_unchanged(site.scope, name, value):
            return
        before = len(values)
        self._add(values, name, value)
        if name in site.assigned:
            for path in list(values)[before:]:
                self._last[site.scope, path] = values[path]
            return
        for path in list(values)[before:]:
            if self._last.get((site.scope, path)) == values[path]:
                del values[path]
            else:
                self._last[site.scope, path] = values[path]

    def _surely_unchanged(self, scope: str, name: str, value: Any) -> bool:
        """Of a large tensor that is only read: whether it is the same memory at the same version as before."""
        mark = mark_of(value)
        if mark is None:
            return False
        key = (scope, name + "#")
        unchanged: bool = self._last.get(key) == mark
        self._last[key] = mark
        return unchanged

    def _add(self, values: dict[str, Any], path: str, value: Any, depth: int = 0) -> None:
        """Add a value, or what a container holds, one or two steps inside."""
        if len(values) >= MAX_VALUES or type(value) in NOT_DATA:
            return
        described = describe(value)
        if described["kind"] != "other":
            values[path[:200]] = described
        if depth < 2 and described["kind"] in ("other", "module"):
            for end, inner in parts(value):
                self._add(values, path + end, inner, depth + 1)

    def hold_printed(self, text: str) -> None:
        """Take text as it is written to standard output; what is beyond 16,000 characters is dropped."""
        if self._printed_size < MAX_PRINTED and not self._paused:
            self._printed.append(text[:MAX_PRINTED])
            self._printed_size += len(text)

    def _flush_printed(self, site: Site | None, reads: tuple[str, ...]) -> None:
        if self._printed:
            text = "".join(self._printed)[:MAX_PRINTED]
            self._printed.clear()
            self._printed_size = 0
            if text.strip():
                self._send("printed", site, "1", {}, reads, text=text)

    def _student_frame(self) -> types.FrameType | None:
        """The student's frame that is being executed; None outside their cells."""
        frame: types.FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_globals is not self.namespace:
            frame = frame.f_back
        return frame

    def _site_of_hook(self, code: types.CodeType, line: int) -> Site:
        magic = code.co_filename.startswith(MAGIC_FILES)
        offset = self._magic_offset if magic else self._offsets.get(code.co_filename, self._offset)
        inside = code.co_name != "<module>"
        source = linecache.getline(code.co_filename, line).strip()[:400] if inside else ""
        scope = code.co_qualname.replace(".<locals>", "") if inside else ""
        source = source or self.line(line + offset)
        return Site(line, line, scope, "hook", (), (), (), offset=offset, source=source)

    def hook(self, kind: str, prepare: Callable[[], Callable[[], dict[str, Any]]]) -> None:
        """Record a hook's event at the line being executed: passes one and two now, the last at the loop's end.

        Args:
            kind: the event's kind.
            prepare: called for a pass that is recorded; what it gives is called for the values by path, at once
                or, for the last pass, at the loop's end.
        """
        frame = self._student_frame()
        if frame is None or self._paused:
            return
        code, line = frame.f_code, frame.f_lineno
        key = (kind, code, line)
        count = self._callsites[key] = self._callsites.get(key, 0) + 1
        if count <= RECORDED_PASSES:
            self._send(kind, self._site_of_hook(code, line), str(count), prepare()())
        elif key not in self._at_loop_end:
            values = prepare()
            self._at_loop_end[key] = lambda: self._send(
                kind, self._site_of_hook(code, line), "last", values()
            )

    def _emit_held_back(self) -> None:
        held, self._at_loop_end = self._at_loop_end, {}
        for emit in held.values():
            self._guarded(emit)

    def name_of(self, value: Any) -> str | None:
        """What the student calls a tensor: `w`, or `net.weight` of a module that has a name; None if nothing."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_globals is self.namespace:
                for name, other in list(frame.f_locals.items()):
                    if name.startswith("_"):
                        continue
                    if other is value:
                        return name
                    if is_module(other):
                        for end, parameter in parts(other):
                            if parameter is value:
                                return name + end
            frame = frame.f_back
        return None

    def note(self, text: str, kind: str = "note") -> None:
        """Record something to know, such as a command that was skipped."""
        if not self._paused:
            self._send(kind, None, "1", {}, text=text[:2_000])

    def _send(
        self,
        kind: str,
        site: Site | None,
        turn: str,
        values: dict[str, Any],
        reads: tuple[str, ...] = (),
        *,
        text: str = "",
    ) -> None:
        event: dict[str, Any] = {"run": self.label, "kind": kind, "cell": self.cell, "turn": turn}
        if site is not None:
            event |= {
                "line": site.line + site.offset,
                "end_line": site.end_line + site.offset,
                "source": site.source,
            }
            event |= {
                "scope": site.scope[:200],
                "assigned": [name[:MAX_NAME] for name in site.assigned[:64]],
            }
        self.send(
            event
            | {"values": values, "reads": [name[:MAX_NAME] for name in reads[:64]], "text": text}
        )

    def line(self, line: int) -> str:
        """A line of the cell that runs, without its indentation; empty if there is none of that number."""
        return self._lines[line - 1].strip()[:400] if 0 < line <= len(self._lines) else ""
