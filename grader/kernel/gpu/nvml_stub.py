"""Stand in for `pynvml` and `GPUtil`, which query an Nvidia driver. Runs in the student's kernel.

They report one GPU with nothing in it, as `torch.cuda` reports here.
"""

from __future__ import annotations

import types
from typing import Any

from grader.kernel.gpu.answers import MEMORY_BYTES, NAME


class NVMLError(Exception):
    """An error of the driver; never raised here."""


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _zero(*_: Any, **__: Any) -> int:
    return 0


def _one(*_: Any, **__: Any) -> int:
    return 1


def _name(*_: Any, **__: Any) -> str:
    return NAME


def _memory(*_: Any, **__: Any) -> types.SimpleNamespace:
    return types.SimpleNamespace(total=MEMORY_BYTES, free=MEMORY_BYTES, used=0)


def _rates(*_: Any, **__: Any) -> types.SimpleNamespace:
    return types.SimpleNamespace(gpu=0, memory=0)


def _no_processes(*_: Any, **__: Any) -> list[Any]:
    return []


def nvml_members() -> dict[str, Any]:
    """Return the members of `pynvml`."""
    return {
        "NVMLError": NVMLError,
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": _nothing,
        "nvmlShutdown": _nothing,
        "nvmlDeviceGetCount": _one,
        "nvmlDeviceGetHandleByIndex": _zero,
        "nvmlDeviceGetName": _name,
        "nvmlDeviceGetMemoryInfo": _memory,
        "nvmlDeviceGetUtilizationRates": _rates,
        "nvmlDeviceGetTemperature": _zero,
        "nvmlDeviceGetPowerUsage": _zero,
        "nvmlDeviceGetComputeRunningProcesses": _no_processes,
        "nvmlSystemGetDriverVersion": _name,
    }


def gputil_members() -> dict[str, Any]:
    """Return the members of `GPUtil`."""
    return {
        "getGPUs": _no_processes,
        "getAvailable": _no_processes,
        "getFirstAvailable": _no_processes,
        "showUtilization": _nothing,
    }
