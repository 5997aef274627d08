"""Run notebooks: first unchanged, then some cells with other numbers. Knows no answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeVar

from grader.errors import KernelUnavailable
from grader.job import Job, VariedInput, variant_count, variant_numbers
from grader.running.kernel_restart import without_unfinished
from grader.running.own_answers import FindOwn, own_answers_text
from grader.running.replays import NO_OWN, Cells, Replay
from grader.running.session import Launch, Session
from grader.running.variant_budget import VariantBudget
from grader.trace import BASE, CodeCell, Run, Trace

T = TypeVar("T")

Order = list[tuple[int, str]]
"""Cells, as index and source, in the order in which they run."""

Ask = Callable[[Trace], Awaitable[Sequence[int]]]
"""Chooses the cells to run again with other numbers, none if it returns none.

Called once, when the cells have run.
"""

Inputs = Callable[[], Awaitable[tuple[VariedInput, ...]]]
"""Gives the data and its variants.

Called once the cells have run: meanwhile they may still be in the making.
"""


async def run(
    job: Job,
    ask: Ask,
    launch: Launch,
    inputs: Inputs | None = None,
    find_own: FindOwn | None = None,
) -> Trace:
    """Run a job: its cells, the calls it asks for, then the chosen cells with each variant.

    Args:
        job: what to run.
        ask: chooses from the trace so far which cells have to run again with other numbers. It is
            called in the grader's process; the kernel learns of it only by the cells it gets.
        launch: creates the process of each kernel.
        inputs: gives the data and its variants; None: those of the job.
        find_own: finds the notebook's own answers, for questions that refer to them.

    Returns:
        The trace, with runs `base`, one per call, `variant-1`, …

    Raises:
        KernelUnavailable: no kernel could be started.
    """
    async with Session(job, launch) as session:
        await session.run_cells()
        await session.ask(find_own)

        trace = session.trace()
        asked = await ask(trace)
        chosen = sorted(set(asked))
        if chosen:
            ran = executed(trace)
            cells = _select_cells(ran, chosen)
            varied = job.inputs
            if inputs is not None:
                varied = await inputs()
            await run_variants(session, varied, cells)
        trace = session.trace()
    update = {"asked": tuple(chosen)}
    return trace.model_copy(update=update)


async def once_more(attempt: Callable[[], Awaitable[T]]) -> T:
    """Retry once if no kernel could be started.

    The fork server may have ended, or the machine been short of memory.
    """
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
    """Replay cells with each variant's numbers, as runs `variant-1`, `variant-2`, …

    Variants that would take longer than `[run] variants_s` together do not run.
    """
    limits = session.limits
    budget = VariantBudget(limits.variants_s)
    for index in range(variant_count(inputs)):
        if not budget.has_room:
            return
        label = f"variant-{index + 1}{suffix}"
        numbers = variant_numbers(inputs, index)
        timeout_s = min(budget.remaining_s, limits.notebook_timeout_s)
        replay = Replay(label, cells, numbers, narrow=narrow)
        with budget.measured():
            await session.replay_all([replay], timeout_s=timeout_s)


async def replay_notebook(
    session: Session,
    name: str,
    cells: tuple[CodeCell, ...],
    inputs: tuple[VariedInput, ...],
    ask: Ask,
    *,
    find_own: FindOwn | None = None,
) -> Trace:
    """Run a notebook as replays in a shared kernel, each in a namespace of its own.

    For trusted notebooks only.

    Args:
        session: the session to run it in.
        name: keeps its runs apart from those of others.
        cells: the code cells of the notebook.
        inputs: data and variants.
        ask: as in `run`.
        find_own: as in `run`.

    Returns:
        The trace, as if it had run by itself.
    """
    order: Order = [(cell.cell, cell.source) for cell in cells]
    runs = await _base_runs(session, name, order)
    trace = Trace(cells=cells, runs=tuple(runs))
    if find_own is not None and any(question.own for question in session.questions):
        own = own_answers_text(await find_own(trace))
        runs = await _base_runs(session, f"{name}/own", order, own)
        trace = Trace(cells=cells, runs=tuple(runs))
    chosen = await ask(trace)
    if not chosen:
        return trace

    again = _select_cells(order, chosen)
    for index in range(variant_count(inputs)):
        number = index + 1
        variant = f"variant-{number}"
        label = f"{name}/{variant}"
        numbers = variant_numbers(inputs, index)
        await session.replay(label, again, numbers=numbers)
        run = session.run_of(label, variant)
        runs.append(run)
    return Trace(cells=cells, runs=tuple(runs))


async def _base_runs(session: Session, name: str, order: Order, own: str = NO_OWN) -> list[Run]:
    """Run a notebook on the original data.

    Args:
        session: the session to run it in.
        name: keeps its runs apart from those of others.
        order: the cells; those that missed a name are added at the end, and all run once more.
        own: JSON: the notebook's own answers, if they are already known.

    Returns:
        The base run, and those of the calls that the job asks for.
    """
    label = f"{name}/{BASE}"
    calls = f"{name}/"
    await session.replay(label, order, calls=calls, own=own)
    first_run = session.run_of(label)
    missed = {run.cell for run in first_run.cells if run.error == "NameError"}
    if missed:
        order += _select_cells(order, missed)
        label = f"{name}/{BASE}-again"
        calls = f"{name}/again/"
        await session.replay(label, order, calls=calls, own=own)

    base_run = session.run_of(label, BASE)
    call_runs = _call_runs(session, calls)
    return [base_run, *call_runs]


def _select_cells(cells: Cells, chosen: Collection[int]) -> Order:
    """Select some cells by index."""
    return [(cell, source) for cell, source in cells if cell in chosen]


def _call_runs(session: Session, prefix: str) -> list[Run]:
    """List the runs of the job's calls, without the prefix in their labels."""
    runs = []
    for question in session.questions:
        for label in question.all_labels:
            recorded_label = f"{prefix}{label}"
            run = session.run_of(recorded_label, label)
            if run.events:
                runs.append(run)
    return runs


async def run_again(job: Job, order: Cells, *, suffix: str, launch: Launch) -> Trace:
    """Run the variants again in a fresh kernel.

    Lists and integers are left unchanged this time: a list of integers may contain indices.

    Returns:
        A trace of runs labelled `variant-1` + suffix, …
    """
    async with Session(job, launch) as session:
        await run_variants(session, job.inputs, order, suffix=suffix, narrow=True)
        trace = session.trace()
    variants = [run for run in trace.runs if run.label != BASE]
    update = {"runs": tuple(variants)}
    return trace.model_copy(update=update)


def executed(trace: Trace) -> Order:
    """List index and source of the cells of the base run, in the order of execution.

    A cell that ran twice is listed twice; one that ended the kernel, or did not run, is left out.
    """
    sources = {cell.cell: cell.source for cell in trace.cells}
    ran = trace.base.cells
    order: Order = []
    for run in ran:
        source = sources[run.cell]
        order.append((run.cell, source))
    return without_unfinished(order, ran)


def executed_up_to_asked(trace: Trace) -> Order:
    """List the cells as `executed` does, up to the last one chosen to run again."""
    asked = trace.asked
    order = executed(trace)
    end = len(order)
    for number, (cell, _) in enumerate(order, start=1):
        if cell in asked:
            end = number
    return order[:end]
