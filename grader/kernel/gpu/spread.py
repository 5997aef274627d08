"""Stand in for wrappers that spread work over several GPUs. Runs inside the student's kernel.

The CPU acts as all of them: a batch is split and put together, and each part computed in turn.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from grader.kernel.recording.hooks import when_imported

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
                asking = _asking(replacement, ask)
                setattr(module, function, asking)
    use_gloo = functools.partial(_use_gloo, ask=ask)
    when_imported("torch.distributed", use_gloo)


def _asking(function: Callable[..., Any], ask: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        ask()
        return function(*args, **kwargs)

    return wrapped


def _parts(torch: Any) -> dict[str, Callable[..., Any]]:
    def scatter(inputs: Any, gpus: Sequence[Any] = DEFAULT_GPUS, *rest: Any, dim: int = 0) -> Any:
        if not isinstance(inputs, torch.Tensor):
            return [inputs for _ in gpus]
        sizes = rest[0] if rest else None
        if isinstance(sizes, (list, tuple)) and sizes:
            parts = inputs.split(sizes, dim)
        else:
            parts = inputs.chunk(len(gpus), dim)
        return tuple(parts)

    def gather(outputs: Any, *_: Any, dim: int = 0, **__: Any) -> Any:
        first = outputs[0]
        if not isinstance(first, torch.Tensor):
            return first
        tensors = list(outputs)
        is_number = first.dim() == 0
        if is_number:
            return torch.stack(tensors)
        return torch.cat(tensors, dim)

    def reduce_add(inputs: Any, *_: Any, **__: Any) -> Any:
        return functools.reduce(torch.add, inputs)

    def reduce_add_coalesced(inputs: Any, *_: Any, **__: Any) -> Any:
        grouped = zip(*inputs, strict=True)
        return [reduce_add(tensors) for tensors in grouped]

    return {
        "scatter": scatter,
        "gather": gather,
        "parallel_apply": _parallel_apply,
        "data_parallel": _data_parallel,
        "replicate": lambda network, gpus, *_, **__: [network for _ in gpus],
        "broadcast": lambda tensor, gpus=DEFAULT_GPUS, **_: tuple(tensor.clone() for _ in gpus),
        "broadcast_coalesced": lambda tensors, gpus, *_: [list(tensors) for _ in gpus],
        "reduce_add": reduce_add,
        "reduce_add_coalesced": reduce_add_coalesced,
    }


def _parallel_apply(modules: Any, inputs: Any, kwargs_tup: Any = None, *_: Any) -> Any:
    named = kwargs_tup or [{}] * len(modules)
    outputs = []
    for module, given, given_by_name in zip(modules, inputs, named, strict=True):
        arguments = given if isinstance(given, (list, tuple)) else (given,)
        output = module(*arguments, **given_by_name)
        outputs.append(output)
    return outputs


def _data_parallel(module: Any, inputs: Any, *_: Any, module_kwargs: Any = None) -> Any:
    arguments = inputs if isinstance(inputs, tuple) else (inputs,)
    named = module_kwargs or {}
    return module(*arguments, **named)


def _use_gloo(distributed: Any, ask: Callable[[], None]) -> None:
    """Replace the backend NCCL, which needs GPUs, by gloo."""
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
