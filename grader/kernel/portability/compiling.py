"""Run compiled functions and networks uncompiled. Runs inside the student's kernel.

`torch.compile` needs a compiler, which kernels lack, and compiled code cannot be recorded. It
promises the same numbers, so its argument runs unchanged. TorchScript (`torch.jit`) needs no
compiler and is not changed.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.statement_probes import Probe

Function = Callable[..., Any]

Note = Callable[[str], None]
"""Notes the name of a compiling function, once."""


def install(recorder: Recorder) -> None:
    """Replace `torch.compile` and similar functions, now or when torch is imported."""

    @functools.cache
    def note(name: str) -> None:
        recorder.note(f"compile {name}")

    when_imported("torch", functools.partial(_replace, note))
    when_imported("torch._dynamo", functools.partial(_replace_optimize, note))


def _replace(note: Note, torch: Any) -> None:
    plain = torch.compile

    @functools.wraps(plain)
    def compile(model: Any = None, **options: Any) -> Any:
        if _has_own_compiler(options):
            own = functools.partial(plain, **options)
            if model is None:
                return functools.partial(_compiled, torch, own)
            return _compiled(torch, own, model)
        note("torch.compile")
        if model is None:
            return functools.partial(_return_uncompiled, torch)
        return _return_uncompiled(torch, model)

    torch.compile = compile


def _replace_optimize(note: Note, dynamo: types.ModuleType) -> None:
    """Replace `torch._dynamo.optimize`, an older name of `torch.compile`."""
    plain: Function = dynamo.optimize

    @functools.wraps(plain)
    def optimize(backend: Any = "inductor", *args: Any, **options: Any) -> Any:
        if callable(backend):
            return plain(backend, *args, **options)
        note("torch._dynamo.optimize")
        torch = importlib.import_module("torch")
        return functools.partial(_return_uncompiled, torch)

    setattr(dynamo, "optimize", optimize)  # noqa: B010 - mypy knows no such attribute of a module


def _has_own_compiler(options: dict[str, Any]) -> bool:
    """Return whether the notebook passes a compiler of its own, a function that torch calls."""
    return callable(options.get("backend"))


def _compiled(torch: Any, own: Function, model: Any) -> Any:
    """Compile with the notebook's own compiler.

    It is given a graph of the function, which probes would break into parts: they are off.
    """
    compiled = own(model)
    if isinstance(model, torch.nn.Module):
        compiled.forward = _without_probes(compiled.forward)
        return compiled
    return _without_probes(compiled)


def _without_probes(function: Function) -> Function:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        were_on = []
        for value in vars(builtins).values():
            if issubclass(type(value), Probe) and value.on:
                were_on.append(value)
        for probe in were_on:
            probe.on = False
        try:
            return function(*args, **kwargs)
        finally:
            for probe in were_on:
                probe.on = True

    return run


def _return_uncompiled(torch: Any, model: Any) -> Any:
    """Return the uncompiled function or network.

    A function is returned unchanged, as if torch had been told to compile nothing. A network is put
    into torch's usual wrapper, so that its parameters have the names that a notebook may rely on.
    """
    if not isinstance(model, torch.nn.Module):
        return model
    try:
        frames = importlib.import_module("torch._dynamo.eval_frame")
        wrapper = frames.OptimizedModule
        return wrapper(model, frames._NullDecorator())
    except (ImportError, AttributeError, TypeError):  # another version of torch
        return model
