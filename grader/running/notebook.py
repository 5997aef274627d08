"""Runs a notebook: its cells once as they stand, then those that matter with other numbers. Knows no answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from grader.errors import KernelUnavailable
from grader.running.session import Cells, Launch, Session
from grader.trace import BASE, CodeCell, Job, Trace, VariedInput, variant_count, variant_numbers

T = TypeVar("T")

Ask = Callable[[Trace], Awaitable[Sequence[int]]]
"""Called once when the cells have run: which cells matter with other numbers. None: none do."""


Inputs = Callable[[], Awaitable[tuple[VariedInput, ...]]]
"""Gives the data and its variants. Called once the cells have run: meanwhile they may still be in the making."""


async def run(job: Job, ask: Ask, launch: Launch, inputs: Inputs | None = None) -> Trace:
    """Run a job: its cells, the calls of functions that it asks for, then, for the cells that matter, each variant.

    Args:
        job: what to run.
        ask: says of the trace so far which cells have to run again with other numbers; it is called in the grader's
            process and its answer reaches the kernel only as a choice of cells.
        launch: gives each kernel a place to live in.
        inputs: gives the data and its variants; None: the job has them.

    Returns:
        The trace, with runs `base`, one per call, `variant-1`, …

    Raises:
        KernelUnavailable: no kernel could be started.
    """
    async with Session(job, launch) as session:
        await session.run_cells()
        await session.ask()
        wanted = set(await ask(session.trace()))
        if wanted:
            cells = [(cell, source) for cell, source in executed(session.trace()) if cell in wanted]
            await run_variants(session, await inputs() if inputs else job.inputs, cells)
        return session.trace().model_copy(update={"asked": tuple(sorted(wanted))})


async def once_more(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try a second time where no kernel was to be had: the fork server ended, or the machine was short of memory."""
    try:
        return await attempt()
    except KernelUnavailable:
        return await attempt()


async def run_variants(
    session: Session,
    inputs: Sequence[VariedInput],
    cells: Cells,
    *,
    suffix: str = "",
    narrow: bool = False,
) -> None:
    """Replay cells with each variant's numbers, as runs `variant-1`, `variant-2`, …"""
    for index in range(variant_count(inputs)):
        label = f"variant-{index + 1}{suffix}"
        await session.replay(label, cells, numbers=variant_numbers(inputs, index), narrow=narrow)


async def replay_notebook(
    session: Session,
    name: str,
    cells: tuple[CodeCell, ...],
    inputs: tuple[VariedInput, ...],
    ask: Ask,
) -> Trace:
    """Run a notebook as replays in a kernel that others share, a namespace each: for what is trusted.

    Args:
        session: the session whose kernel runs it.
        name: keeps its runs apart from others'.
        cells: the notebook's code cells.
        inputs: data and variants.
        ask: as in `run`.

    Returns:
        The trace, as if it had run by itself.
    """
    order = [(cell.cell, cell.source) for cell in cells]
    label, calls = f"{name}/{BASE}", f"{name}/"
    await session.replay(label, order, calls=calls)
    missed = {run.cell for run in session.run_of(label).cells if run.error == "NameError"}
    if missed:
        order += [(cell, source) for cell, source in order if cell in missed]
        label, calls = f"{name}/{BASE}-again", f"{name}/again/"
        await session.replay(label, order, calls=calls)
    runs = [session.run_of(label, BASE)]
    made = (one for question in session.questions for one in (question.found, *question.labels))
    runs += [run for one in made if (run := session.run_of(f"{calls}{one}", one)).events]
    wanted = set(await ask(Trace(cells=cells, runs=tuple(runs))))
    for index in range(variant_count(inputs) if wanted else 0):
        variant = f"variant-{index + 1}"
        needed = [(cell, source) for cell, source in order if cell in wanted]
        await session.replay(f"{name}/{variant}", needed, numbers=variant_numbers(inputs, index))
        runs.append(session.run_of(f"{name}/{variant}", variant))
    return Trace(cells=cells, runs=tuple(runs))


async def run_again(job: Job, order: Cells, *, suffix: str, launch: Launch) -> Trace:
    """Run the variants once more, in a fresh kernel where nothing ran before.

    Lists and integers are left as they are this time: a list of whole numbers may be indices.

    Returns:
        A trace of runs labelled `variant-1` + suffix, …
    """
    async with Session(job, launch) as session:
        await run_variants(session, job.inputs, order, suffix=suffix, narrow=True)
        trace = session.trace()
        return trace.model_copy(
            update={"runs": tuple(run for run in trace.runs if run.label != BASE)}
        )


def executed_up_to_asked(trace: Trace) -> list[tuple[int, str]]:
    """As `executed`, without what ran after the last cell that was to run with other numbers."""
    order = executed(trace)
    last = max(
        (place for place, (cell, _) in enumerate(order) if cell in trace.asked),
        default=len(order) - 1,
    )
    return order[: last + 1]


def executed(trace: Trace) -> list[tuple[int, str]]:
    """Index and source of the cells of the base run, in the order they ran; one that ran twice stands there twice."""
    sources = {cell.cell: cell.source for cell in trace.cells}
    return [(run.cell, sources[run.cell]) for run in trace.base.cells]
