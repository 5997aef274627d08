"""Runs a notebook in a process of its own, without Jupyter, on every system: how a student checks it. Knows no answers.

Nothing seals it off: the notebook is its owner's.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader import RUNNING
from grader.errors import KernelUnavailable
from grader.kernel.shell import GRACE_S, CellTimeout
from grader.running.events import MAX_TOTAL_BYTES, Frames, run_from
from grader.running.working_folder import lay_out
from grader.trace import BASE, CellRun, CellStatus, Event, Job, Run, Trace

POLL_S = 0.1
PATIENCE_S = 60.0
"""Time for the process to start, beside that of its cells: to import torch from a slow disk."""

Tell = Callable[[], None]
"""Called when a cell has ended."""


class LocalRun:
    """One notebook being run: its cells once as they stand, then with other numbers in place of the data."""

    def __init__(
        self, job: Job, variants: Sequence[tuple[str, list[dict[str, Any]]]], tell: Tell
    ) -> None:
        """Take what to run.

        Args:
            job: its cells, files and limits; of these, times and seeds count.
            variants: label of each further run, and its numbers.
            tell: told how far it is.
        """
        self._job = job
        self._variants = variants
        self._tell = tell
        self._events: list[Event] = []
        self._frames = Frames()
        self._cut_off = False
        """Whether its time was up before it had ended."""

    def trace(self) -> Trace:
        """Run it.

        Returns:
            A trace of the run `base`, and one per variant as far as they came.

        Raises:
            KernelUnavailable: no process could be started.
        """
        began = time.monotonic()
        order = [(cell.cell, cell.source) for cell in self._job.cells]
        self._process(BASE, order, self._variants)
        if not self._is_over() and self._of(BASE):
            # The notebook ended its process: what it did until then is run with other numbers by itself.
            done = [one for one in self._of(BASE) if one.status in ("ok", "error")]
            sources = dict(order)
            missing = [
                one
                for one in self._variants
                if not any(event.run == one[0] for event in self._events)
            ]
            self._process("", [(one.cell, sources[one.cell]) for one in done], missing)
        calls = [label for one in self._job.questions for label in (one.found, *one.labels)]
        labels = [BASE, *(label for label, _ in self._variants), *calls]
        return Trace(
            cells=self._job.cells,
            runs=tuple(
                self._run(label) for label in labels if label == BASE or self._events_of(label)
            ),
            forged=self._frames.forged,
            truncated=self._frames.truncated,
            seconds=time.monotonic() - began,
            sandbox="none",
            files=tuple(dict.fromkeys(file.name for file in self._job.files)),
        )

    def _is_over(self) -> bool:
        """Whether the last of the runs has ended."""
        last = self._variants[-1][0] if self._variants else ""
        return not last or any(
            event.kind == "input" and event.run == last for event in self._events
        )

    def _process(
        self, base: str, order: list[tuple[int, str]], variants: Sequence[tuple[str, Any]]
    ) -> None:
        with tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            work = folder / "work"
            work.mkdir()
            lay_out(self._job.files, work)
            events = folder / "events"
            events.touch()
            spec = folder / "spec.json"
            spec.write_text(json.dumps(self._spec(events, base, order, variants)), "utf-8")
            limit = self._job.limits.notebook_timeout_s * (bool(base) + len(variants)) + PATIENCE_S
            with (folder / "log").open("wb") as log:
                process = _start(spec, work, log, self._job.limits.threads)
            try:
                self._watch(process, events, time.monotonic() + limit)
            finally:
                _end(process)
            if base and not self._of(BASE) and process.returncode:
                raise KernelUnavailable(
                    f"The notebook could not be run: {_last_line(folder / 'log')}"
                )

    def _spec(
        self, events: Path, base: str, order: list[tuple[int, str]], variants: Sequence[Any]
    ) -> dict[str, Any]:
        limits = self._job.limits
        return {
            "cells": order,
            "base": base,
            "variants": list(variants),
            "events": str(events),
            "events_bytes": MAX_TOTAL_BYTES * 3 // 4,
            "output_kib": limits.output_kib,
            "cell_timeout_s": limits.cell_timeout_s,
            "seed": limits.seed,
            "threads": limits.threads,
            "questions": [question.model_dump() for question in self._job.questions],
            "trusted": False,
        }

    def _watch(self, process: subprocess.Popen[bytes], events: Path, deadline: float) -> None:
        """Take what it records until it ends, or until its time is up."""
        with events.open("rb") as file:
            while True:
                ended = process.poll() is not None
                self._take(file.read())
                self._cut_off |= time.monotonic() > deadline
                if ended or self._cut_off:
                    return
                time.sleep(POLL_S)

    def _take(self, data: bytes) -> None:
        if data:
            self._frames.feed(data)
            fresh = self._frames.take()
            self._events += fresh
            for event in fresh:
                if event.kind == "ended":
                    self._tell()

    def _of(self, label: str) -> list[CellRun]:
        """How the cells of a run ended, as far as they did."""
        return [
            _as_timeout(one, self._job) for one in run_from(label, self._events_of(label)).cells
        ]

    def _events_of(self, label: str) -> list[Event]:
        return [event for event in self._events if event.run == label]

    def _run(self, label: str) -> Run:
        ended = self._of(label)
        if label == BASE:
            ended = self._with_those_left(ended)
        return run_from(label, self._events_of(label), ended)

    def _with_those_left(self, ended: Sequence[CellRun]) -> list[CellRun]:
        """The cells that ended; then the one in which the process did, and those that it did not come to."""
        found: list[CellRun] = []
        for run in ended:
            found.append(
                run.model_copy(update={"again": any(run.cell == other.cell for other in found)})
            )
        left = [
            cell.cell for cell in self._job.cells if all(cell.cell != run.cell for run in ended)
        ]
        hung = bool(ended) and ended[-1].status == "timeout"
        last: CellStatus = "not_run" if hung else "timeout" if self._cut_off else "died"
        return found + [
            CellRun(cell=cell, status="not_run" if place else last)
            for place, cell in enumerate(left)
        ]


def _as_timeout(run: CellRun, job: Job) -> CellRun:
    if run.error != CellTimeout.__name__:
        return run
    return run.model_copy(
        update={"status": "timeout", "error": "", "seconds": job.limits.cell_timeout_s + GRACE_S}
    )


def _start(spec: Path, work: Path, log: Any, threads: int) -> subprocess.Popen[bytes]:
    own = {
        RUNNING: "1",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "CUDA_VISIBLE_DEVICES": "",
    }
    own |= dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads)
    )
    # Its own group: an interrupt at the terminal is ours, and what the notebook starts ends with it.
    apart: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "grader.kernel.shell", str(spec)],
        cwd=work,
        env=os.environ | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        **apart,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else "it ended at once."
