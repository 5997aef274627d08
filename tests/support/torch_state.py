"""Put back what a test lets the kernel replace in torch."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch

REPLACED: list[Any] = []
"""Keeps what was put in place alive: TorchScript knows its functions by their `id`."""


REPLACED_MODULES = (
    "torch.autograd.profiler",
    "torch.cuda.comm",
    "torch.cuda.graphs",
    "torch.cuda.memory",
    "torch.cuda.profiler",
    "torch.distributed",
    "torch.mps.profiler",
    "torch.nn.parallel",
    "torch.nn.parallel.comm",
)


@cache
def holders() -> list[Any]:
    """Modules and classes with what is replaced; some take seconds to import."""
    return [
        torch,
        torch.Tensor,
        torch.UntypedStorage,
        torch.TypedStorage,
        torch.accelerator,
        torch.amp.autocast_mode.autocast,
        torch.backends.cuda,
        torch.cuda,
        torch.fft,
        torch.jit,
        torch.mps,
        torch.nn.Module,
        torch.serialization,
        torch.random,
        torch.xpu,
        *map(importlib.import_module, REPLACED_MODULES),
        importlib.import_module("torch._dynamo"),
        importlib.import_module("torch.nn.attention"),
    ]


@contextmanager
def torch_put_back() -> Iterator[None]:
    """Put torch's functions, methods and classes back at the end."""
    before = [dict(vars(holder)) for holder in holders()]
    try:
        yield
    finally:
        for holder, names in zip(holders(), before, strict=True):
            _put_back(holder, names)


def _put_back(holder: Any, names: dict[str, Any]) -> None:
    for name, value in dict(vars(holder)).items():
        if name not in names:
            REPLACED.append(value)
            delattr(holder, name)
        elif value is not names[name]:
            REPLACED.append(value)
            setattr(holder, name, names[name])
