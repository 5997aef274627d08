"""Stand in for what spreads work over several GPUs. Runs inside the student's kernel.

The processor is all of them: a batch is split and put together, and each part computed in turn.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from grader.kernel.hooks import when_imported

DEFAULT_GPUS = (0,)


def replace_spreading(torch: Any, ask: Callable[[], None]) -> None:
    """Replace the functions of `torch.cuda.comm` and `torch.nn.parallel`.

    Args:
        torch: the module.
        ask: notes that a GPU was asked for.
    """
    parts = _parts(torch)
    for name in ("torch.nn.parallel", "torch.nn.parallel.comm", "torch.cuda.comm"):
        module = importlib.import_module(name)
        for function, replacement in parts.items():
            if hasattr(module, function):
                setattr(module, function, _asking(replacement, ask))
    when_imported("torch.distributed", functools.partial(_use_gloo, ask=ask))


def _asking(function: Callable[..., Any], ask: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(function)
    def asking(*args: Any, **kwargs: Any) -> Any:
        ask()
        return function(*args, **kwargs)

    return asking


def _parts(torch: Any) -> dict[str, Callable[..., Any]]:
    def scatter(inputs: Any, gpus: Sequence[Any] = DEFAULT_GPUS, *rest: Any, dim: int = 0) -> Any:
        sizes = rest[0] if rest and isinstance(rest[0], (list, tuple)) else None
        if isinstance(inputs, torch.Tensor):
            return tuple(inputs.split(sizes, dim) if sizes else inputs.chunk(len(gpus), dim))
        return [inputs for _ in gpus]

    def gather(outputs: Any, *_: Any, dim: int = 0, **__: Any) -> Any:
        first = outputs[0]
        if not isinstance(first, torch.Tensor):
            return first
        is_number = first.dim() == 0
        if is_number:
            return torch.stack(list(outputs))
        return torch.cat(list(outputs), dim)

    def parallel_apply(modules: Any, inputs: Any, kwargs_tup: Any = None, *_: Any) -> Any:
        named = kwargs_tup or [{}] * len(modules)
        outputs = []
        for module, given, given_by_name in zip(modules, inputs, named, strict=True):
            arguments = given if isinstance(given, (list, tuple)) else (given,)
            outputs.append(module(*arguments, **given_by_name))
        return outputs

    def data_parallel(module: Any, inputs: Any, *_: Any, module_kwargs: Any = None) -> Any:
        arguments = inputs if isinstance(inputs, tuple) else (inputs,)
        return module(*arguments, **(module_kwargs or {}))

    return {
        "scatter": scatter,
        "gather": gather,
        "parallel_apply": parallel_apply,
        "data_parallel": data_parallel,
        "replicate": lambda network, gpus, *_, **__: [network for _ in gpus],
        "broadcast": lambda tensor, gpus=DEFAULT_GPUS, **_: tuple(tensor.clone() for _ in gpus),
        "broadcast_coalesced": lambda tensors, gpus, *_: [list(tensors) for _ in gpus],
        "reduce_add": lambda inputs, *_, **__: functools.reduce(torch.add, inputs),
        "reduce_add_coalesced": lambda inputs, *_, **__: [
            functools.reduce(torch.add, tensors) for tensors in zip(*inputs, strict=True)
        ],
    }


def _use_gloo(distributed: Any, ask: Callable[[], None]) -> None:
    """Make processes of a notebook talk as processors do, where they ask for NCCL."""
    plain = distributed.init_process_group

    @functools.wraps(plain)
    def init_process_group(backend: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(backend, str) and "nccl" in backend:
            ask()
            backend = "gloo"
        kwargs.pop("device_id", None)
        return plain(backend, *args, **kwargs)

    distributed.init_process_group = init_process_group

    def without_devices(parallel: Any) -> None:
        class_ = parallel.DistributedDataParallel
        plain_init = class_.__init__

        @functools.wraps(plain_init)
        def init(network: Any, module: Any, *_: Any, **kwargs: Any) -> None:
            kwargs.pop("device_ids", None)
            kwargs.pop("output_device", None)
            plain_init(network, module, **kwargs)

        class_.__init__ = init

    when_imported("torch.nn.parallel.distributed", without_devices)
