"""Take calls as other releases of packages took them. Runs inside the student's kernel.

A notebook for an older torch or matplotlib is right on its own machine. See `former_names.py` for
names alone.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pickle
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder

Note = Callable[[str], None]


def install(recorder: Recorder) -> None:
    """Accept former calls, now or when the packages are imported."""
    note = recorder.note
    when_imported("torch", functools.partial(_load_whole_objects, note))
    when_imported("torch.optim.lr_scheduler", functools.partial(_pass_over_verbose, note))
    when_imported("torch.utils.data.dataloader", functools.partial(_give_next_batch, note))
    when_imported("matplotlib.cm", functools.partial(_get_colors, note))
    when_imported("matplotlib.figure", functools.partial(_make_projected_axes, note))


def _load_whole_objects(note: Note, torch: Any) -> None:
    """Let `torch.load` load networks that were saved whole, as it did up to torch 2.5."""
    plain = torch.load

    @functools.wraps(plain)
    def load(f: Any, *args: Any, **options: Any) -> Any:
        says_how = options.get("weights_only") is not None
        position = None
        if hasattr(f, "seek"):
            position = f.tell()
        try:
            return plain(f, *args, **options)
        except pickle.UnpicklingError:
            if says_how:
                raise
        if position is not None:
            f.seek(position)
        options["weights_only"] = False
        whole = plain(f, *args, **options)
        note("version torch.load")
        return whole

    torch.load = load
    torch.serialization.load = load


def _pass_over_verbose(note: Note, schedulers: Any) -> None:
    """Take the argument `verbose` of schedulers, which torch had up to 2.6."""
    base = schedulers.LRScheduler
    for scheduler in (base, *base.__subclasses__()):
        plain = scheduler.__init__
        parameters = inspect.signature(plain).parameters
        if "verbose" not in parameters:
            scheduler.__init__ = _without_verbose(note, plain)


def _without_verbose(note: Note, plain: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(plain)
    def init(self: Any, *args: Any, **options: Any) -> None:
        if "verbose" in options:
            note("version verbose")
            del options["verbose"]
        plain(self, *args, **options)

    return init


def _give_next_batch(note: Note, loaders: Any) -> None:
    """Give iterators of loaders the method `next`, which they had up to torch 1.12."""

    def give_next(self: Any) -> Any:
        note("version next")
        return next(self)

    iterator = loaders._BaseDataLoaderIter
    if not hasattr(iterator, "next"):
        iterator.next = give_next


def _get_colors(note: Note, colors: Any) -> None:
    """Give `matplotlib.cm` the function that it had up to matplotlib 3.8."""

    def get_cmap(name: Any = None, lut: int | None = None) -> Any:
        note("version get_cmap")
        pyplot = importlib.import_module("matplotlib.pyplot")
        return pyplot.get_cmap(name, lut)

    if not hasattr(colors, "get_cmap"):
        colors.get_cmap = get_cmap


def _make_projected_axes(note: Note, figures: Any) -> None:
    """Let `gca` of a figure take a projection, as it did up to matplotlib 3.6."""
    base = figures.FigureBase
    plain = base.gca

    @functools.wraps(plain)
    def gca(self: Any, **options: Any) -> Any:
        if "projection" not in options:
            return plain(self, **options)
        note("version gca")
        return self.add_subplot(**options)

    base.gca = gca
