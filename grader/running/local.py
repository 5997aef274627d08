"""Run a notebook in a subprocess, without Jupyter, on every system. Knows no answers.

This is how students check their own notebooks. There is no sandbox.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import RUNNING
from grader.errors import KernelUnavailable
from grader.job import Job
from grader.kernel.shell import AFTER, GRACE_S, CellTimeout
from grader.running.events import MAX_TOTAL_BYTES, Frames, run_from
from grader.running.kernel_restart import to_define_functions
from grader.running.sandbox.bwrap import visible_gpus
from grader.running.working_folder import lay_out
from grader.settings import Limits
from grader.store.temporary import own_folder, sweep
from grader.trace import BASE, CellRun, CellStatus, Event, Run, Trace

POLL_S = 0.1
PATIENCE_S = 60.0
"""Time for the process to start, beside that for its cells: to import torch from a slow disk."""

MAX_ERROR_CHARACTERS = 200

Variant = tuple[str, list[dict[str, Any]]]
"""Label of a further run, and its numbers."""

Tell = Callable[[], None]
"""Called when a cell has ended."""


@dataclass(frozen=True)
class ProcessRuns:
    """The runs that one process makes, in order."""

    base: str
    """Label of the run on the original data; empty: there is none."""
    cells: Sequence[tuple[int, str]]
    """Index and source of the cells, in the order to run them."""
    variants: Sequence[Variant]
    after: Sequence[tuple[int, str]] = ()
    """Cells to run at the end for the functions to be called; none: the base run calls them."""

    @property
    def count(self) -> int:
        """Number of runs."""
        return bool(self.base) + len(self.variants) + bool(self.after)


class LocalRun:
    """One notebook being run: its cells unchanged once, then with other numbers as data."""

    def __init__(self, job: Job, variants: Sequence[Variant], tell: Tell) -> None:
        """Initialise with the job.

        Args:
            job: its cells, files, seed, and limits of time, threads and output.
            variants: the further runs.
            tell: called when a cell has ended.
        """
        self._job = job
        self._variants = variants
        self._tell = tell
        self._events: list[Event] = []
        self._frames = Frames()
        self._cut_off = False
        """Whether its time was up before it had ended."""

    def trace(self) -> Trace:
        """Run the notebook.

        Returns:
            A trace of the run `base`, and of the variants as far as they came.

        Raises:
            KernelUnavailable: no process could be started.
        """
        began = time.monotonic()
        cells = [(cell.cell, cell.source) for cell in self._job.cells]
        first_runs = ProcessRuns(BASE, cells, self._variants)
        self._run_process(first_runs)
        if not self._is_over() and self._cell_runs(BASE):
            # The notebook ended its process: the cells until then run as variants by themselves.
            self._run_process(self._remaining_runs())

        names = dict.fromkeys(file.name for file in self._job.files)
        return Trace(
            cells=self._job.cells,
            runs=tuple(self._runs()),
            forged=self._frames.forged,
            truncated=self._frames.truncated,
            seconds=time.monotonic() - began,
            sandbox="none",
            files=tuple(names),
        )

    def _is_over(self) -> bool:
        """Return whether the last run has ended: `input` is the last event of a variant."""
        if self._job.questions and not self._has_run_all():
            return False
        if not self._variants:
            return True
        last_label, _ = self._variants[-1]
        if not last_label:
            return True
        last_events = self._events_of(last_label)
        return any(event.kind == "input" for event in last_events)

    def _has_run_all(self) -> bool:
        """Tell whether every cell ended in the base run, so that functions were called after it."""
        runs = self._cell_runs(BASE)
        if runs and runs[-1].status == "timeout":
            return False  # the process may have ended with it
        ended = {run.cell for run in runs}
        return all(cell.cell in ended for cell in self._job.cells)

    def _remaining_runs(self) -> ProcessRuns:
        """List the variants that did not begin, with the cells that ended in the base run.

        Functions are called at the end where the process had ended before that.
        """
        sources = {cell.cell: cell.source for cell in self._job.cells}
        ended: list[tuple[int, str]] = []
        for run in self._cell_runs(BASE):
            if run.status in ("ok", "error"):
                source = sources[run.cell]
                ended.append((run.cell, source))

        begun = {event.run for event in self._events}
        missing: list[Variant] = []
        for label, inputs in self._variants:
            if label not in begun:
                missing.append((label, inputs))

        after: list[tuple[int, str]] = []
        if not self._has_run_all():
            after = to_define_functions(self._job.cells, self._base_cells(), anew=True)
        return ProcessRuns("", ended, missing, after)

    # The process

    def _run_process(self, runs: ProcessRuns) -> None:
        sweep()
        with own_folder() as folder:
            work = folder / "work"
            work.mkdir()
            lay_out(self._job.files, work)
            events = folder / "events"
            events.touch()
            spec = folder / "spec.json"
            spec_text = json.dumps(self._spec(events, runs))
            spec.write_text(spec_text, "utf-8")

            limits = self._job.limits
            log_file = folder / "log"
            with log_file.open("wb") as log:
                process = _start(spec, work, log, limits)
            limit_s = limits.notebook_timeout_s * runs.count + PATIENCE_S
            deadline = time.monotonic() + limit_s
            try:
                self._watch(process, events, deadline)
            finally:
                _end(process)

            nothing_ran = bool(runs.base) and not self._cell_runs(BASE)
            if nothing_ran and process.returncode:
                problem = _last_line(log_file)
                raise KernelUnavailable(f"The notebook could not be run: {problem}")

    def _spec(self, events: Path, runs: ProcessRuns) -> dict[str, Any]:
        limits = self._job.limits
        return {
            "cells": list(runs.cells),
            "data": self._data_spec(),
            "base": runs.base,
            "variants": list(runs.variants),
            "after": list(runs.after),
            "events": str(events),
            "events_bytes": MAX_TOTAL_BYTES * 3 // 4,
            "output_kib": limits.output_kib,
            "cell_timeout_s": limits.cell_timeout_s,
            "device": "cpu",  # replaces a GPU on a student's machine without one
            "seed": limits.seed,
            "threads": limits.threads,
            "questions": [question.model_dump() for question in self._job.questions],
            "figures": self._job.figures,
            "trusted": False,
        }

    def _data_spec(self) -> dict[str, Any]:
        """Describe the folder of data, if there is one."""
        folders = self._job.data
        if not folders:
            return {}
        names = [folder.name for folder in folders]
        root = folders[0].path.parent
        return {"root": str(root), "folders": names}

    def _watch(self, process: subprocess.Popen[bytes], events: Path, deadline: float) -> None:
        """Receive events until the process ends or its time is up."""
        with events.open("rb") as file:
            while True:
                ended = process.poll() is not None
                self._take(file.read())
                if time.monotonic() > deadline:
                    self._cut_off = True
                if ended or self._cut_off:
                    return
                time.sleep(POLL_S)

    def _take(self, data: bytes) -> None:
        if not data:
            return
        self._frames.feed(data)
        events = self._frames.take()
        self._events += events
        for event in events:
            if event.kind == "ended" and event.run != AFTER:
                self._tell()

    # Results

    def _events_of(self, label: str) -> list[Event]:
        return [event for event in self._events if event.run == label]

    def _cell_runs(self, label: str) -> list[CellRun]:
        """List how the cells of a run ended."""
        run = run_from(label, self._events_of(label))
        return [_with_timeout(cell_run, self._job) for cell_run in run.cells]

    def _runs(self) -> list[Run]:
        """List the base run, and the variants and calls that recorded something."""
        labels = [label for label, _ in self._variants]
        for question in self._job.questions:
            labels += question.all_labels

        base_events = self._events_of(BASE)
        runs = [run_from(BASE, base_events, self._base_cells())]
        for label in labels:
            events = self._events_of(label)
            if events:
                cell_runs = self._cell_runs(label)
                runs.append(run_from(label, events, cell_runs))
        return runs

    def _base_cells(self) -> list[CellRun]:
        """List the cells that ended, the one in which the process ended, and the rest."""
        ended = self._cell_runs(BASE)
        runs: list[CellRun] = []
        begun: set[int] = set()
        for run in ended:
            update = {"again": run.cell in begun}
            cell_run = run.model_copy(update=update)
            runs.append(cell_run)
            begun.add(run.cell)

        status = self._status_after(ended)
        for cell in self._job.cells:
            if cell.cell not in begun:
                cell_run = CellRun(cell=cell.cell, status=status)
                runs.append(cell_run)
                status = "not_run"
        return runs

    def _status_after(self, ended: Sequence[CellRun]) -> CellStatus:
        """Determine the status of the cell after the last one that ended."""
        if ended and ended[-1].status == "timeout":
            return "not_run"
        return "timeout" if self._cut_off else "died"


def _with_timeout(run: CellRun, job: Job) -> CellRun:
    """Mark a cell as timed out if it ended because its time was up."""
    if run.error != CellTimeout.__name__:
        return run
    seconds = job.limits.cell_timeout_s + GRACE_S
    return run.model_copy(update={"status": "timeout", "error": "", "seconds": seconds})


def _start(spec: Path, work: Path, log: Any, limits: Limits) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "grader.kernel.shell", str(spec)],
        cwd=work,
        env=os.environ | _variables(limits) | {"TMPDIR": str(spec.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        **_group_of_its_own(),
    )


def _variables(limits: Limits) -> dict[str, str]:
    threads = str(limits.threads)
    return {
        RUNNING: "1",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        **visible_gpus(limits.device),
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
    }


def _group_of_its_own() -> dict[str, Any]:
    """Put the process into its own group: Ctrl-C at the terminal is for the grader only.

    Processes that the notebook starts end with the group.
    """
    if os.name == "nt":
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _last_line(log: Path) -> str:
    text = log.read_text("utf-8", "replace")
    lines = text.strip().splitlines()
    if not lines:
        return "it ended at once."
    last = lines[-1]
    return last[:MAX_ERROR_CHARACTERS]
