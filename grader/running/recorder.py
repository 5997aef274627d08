"""Records what each statement did. Runs inside the student's kernel: standard library, and what is already imported.

It never changes what a cell does, shows or raises, and forms no verdict: it knows no answers.
"""

from __future__ import annotations

import builtins
import json
import os
import struct
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from grader.running.instrument import PROBE_NAME, Instrument, Site
from grader.running.values import describe, is_module, is_tensor, parts

MAX_EVENT_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 48 * 1024 * 1024
MAX_PRINTED = 16_000
MAX_VALUES = 96
RECORDED_PASSES = 2
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

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._left = MAX_TOTAL_BYTES

    def send(self, event: dict[str, Any]) -> None:
        """Send an event. Silent in a forked child, which shares the pipe, and once the limit is reached."""
        if os.getpid() != self._pid or self._left < 0:
            return
        data = json.dumps(event, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
        if len(data) > MAX_EVENT_BYTES:
            data = json.dumps({**event, "values": {}, "text": ""}, allow_nan=False).encode()
        with self._lock:
            self._left -= len(data)
            message = struct.pack(">I", len(data)) + data if self._left >= 0 else struct.pack(">I", 0)
            while message:
                message = message[os.write(self._descriptor, message) :]


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

    def begin_cell(self, cell: int, source: str, offset: int = 0) -> None:
        """Start a cell: the probes of earlier cells are on again, since a function may be called anew."""
        self.cell = cell
        self._lines = source.split("\n")
        self._offset = offset
        for probe in self._used:
            probe.on, probe.count = True, 0
        self._used.clear()
        self._callsites.clear()

    def end_cell(self) -> None:
        """Record what is still held back."""
        self._emit_held_back()
        self._flush_printed(None, ())

    def record(self, probe: Probe, frame: types.FrameType, passing: tuple[Any, ...] = ()) -> None:
        """Record one pass of a statement; then, after two, switch its probe off until the next cell."""
        if not probe.count:
            self._used.append(probe)
        probe.count += 1
        probe.on = probe.count < RECORDED_PASSES
        try:
            self._record(probe, frame, passing)
        except Exception as error:  # noqa: BLE001 - recording must not end the student's cell
            self.note(f"recorder: {type(error).__name__}")

    def _record(self, probe: Probe, frame: types.FrameType, passing: tuple[Any, ...]) -> None:
        site = probe.site
        local, world = frame.f_locals, frame.f_globals
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
        if value is missing:
            return False
        if isinstance(value, (types.FunctionType, type)):
            return value.__module__ == "__main__"
        return not isinstance(value, (types.ModuleType, types.BuiltinFunctionType))

    def _add_name(self, values: dict[str, Any], site: Site, name: str, value: Any) -> None:
        if type(value) in NOT_DATA or isinstance(value, type):
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
        """Of a large tensor that is only read: whether it is the same memory at the same version as before.

        `w.data -= …` does not count the version up, which matters for small tensors only: those are compared.
        """
        if not is_tensor(value) or value.numel() <= 64:
            return False
        key, mark = (scope, name + "#"), (id(value), value.data_ptr(), value._version)
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
        if self._printed_size < MAX_PRINTED:
            self._printed.append(text[:MAX_PRINTED])
            self._printed_size += len(text)

    def _flush_printed(self, site: Site | None, reads: tuple[str, ...]) -> None:
        if self._printed:
            text = "".join(self._printed)[:MAX_PRINTED]
            self._printed.clear()
            self._printed_size = 0
            if text.strip():
                self._send("printed", site, "1", {}, reads, text=text)

    def callsite(self) -> tuple[Site, Any] | None:
        """The student's line that is being executed, and a key for it; None outside their cells."""
        frame: types.FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_globals is not self.namespace:
            frame = frame.f_back
        if frame is None:
            return None
        code, line = frame.f_code, frame.f_lineno
        scope = "" if code.co_name.startswith("<module") else code.co_name
        return Site(line, line, scope, "hook", (), (), ()), (code, line)

    def hook(self, kind: str, prepare: Callable[[], Callable[[], dict[str, Any]]]) -> None:
        """Record a hook's event at the line being executed: passes one and two now, the last at the loop's end.

        Args:
            kind: the event's kind.
            prepare: called for a pass that is recorded; what it gives is called for the values by path, at once
                or, for the last pass, at the loop's end.
        """
        place = self.callsite()
        if place is None:
            return
        site, key = place
        count = self._callsites[kind, key] = self._callsites.get((kind, key), 0) + 1
        if count <= RECORDED_PASSES:
            self._send(kind, site, str(count), prepare()())
        elif (kind, key) not in self._at_loop_end:
            values = prepare()
            self._at_loop_end[kind, key] = lambda: self._send(kind, site, "last", values())

    def _emit_held_back(self) -> None:
        held, self._at_loop_end = self._at_loop_end, {}
        for emit in held.values():
            emit()

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
            line = site.line + self._offset
            event |= {"line": line, "end_line": site.end_line + self._offset, "source": self._line(line)}
            event |= {"scope": site.scope[:200], "assigned": list(site.assigned[:64])}
        self.send(event | {"values": values, "reads": list(reads[:64]), "text": text})

    def _line(self, line: int) -> str:
        return self._lines[line - 1].strip()[:400] if 0 < line <= len(self._lines) else ""
