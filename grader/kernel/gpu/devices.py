"""Use the processor if a notebook asks for a GPU that is not available.

Runs inside the student's kernel. With a CUDA GPU, nothing is changed. Without one, functions that
only GPU notebooks call are replaced at once; functions that every notebook calls (`torch.zeros`,
`Tensor.to`, `torch.device`) are replaced once the notebook names a GPU. So a notebook that names
none runs on an unchanged torch.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import re
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from grader.kernel.gpu import answers as gpu_answers
from grader.kernel.gpu import demands as gpu_demands
from grader.kernel.gpu import monitor as gpu_monitor
from grader.kernel.gpu import tools as gpu_tools
from grader.kernel.gpu.answers import is_of_torch
from grader.kernel.gpu.stand_ins import stand_in
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder

ACCELERATORS = ("cuda", "mps", "xpu", "hpu", "xla")
"""Types of devices that the CPU replaces."""

NAMES_A_GPU = re.compile(
    r"cuda|gpu|nvidia|\bmps\b|\bxpu\b|\bhpu\b|\bxla\b|accelerator"
    r"|\.to\(\s*\d|\bdevice\s*=\s*\d|\bdevice\(\s*\d",
    re.IGNORECASE,
)
"""Found in the source of a notebook that may ask for a GPU: `.to("cuda")`, `device=0`."""

OTHER_FACTORIES = (
    "empty_like",
    "full_like",
    "normal",
    "ones_like",
    "rand_like",
    "randint_like",
    "randn_like",
    "zeros_like",
)
"""Functions of torch that take `device`, beside those that `with torch.device(…):` is about."""

METHODS = (
    "new",
    "new_empty",
    "new_empty_strided",
    "new_full",
    "new_ones",
    "new_tensor",
    "new_zeros",
)
"""Methods of a tensor that take `device`."""

MAX_FILES = 100
MAX_FILE_BYTES = 1 << 20
"""Most Python files beside a notebook that are searched for a GPU, and the size of one."""

Function = Callable[..., Any]


def install(recorder: Recorder, sources: Iterable[str]) -> None:
    """Use the CPU in place of missing GPUs.

    Args:
        recorder: receives notes of the devices that the notebook asks for.
        sources: the notebook's cells.
    """
    cells = list(sources)
    if any(map(gpu_monitor.are_asked_for_in, cells)):
        gpu_monitor.put_on_path()

    devices = Devices(recorder)
    gpu_demands.install(devices.ask)

    def replace(torch: types.ModuleType) -> None:
        if _is_here("cuda", torch):
            return
        devices.use(torch)
        devices.replace_rare()
        texts = [*cells, *_files_beside()]
        if any(map(NAMES_A_GPU.search, texts)):
            devices.replace_frequent()

    when_imported("torch", replace)


def _is_here(kind: str, torch: Any) -> bool:
    module = getattr(torch, kind, None)
    is_available = getattr(module, "is_available", None)
    return is_available is not None and bool(is_available())


def _files_beside() -> list[str]:
    """Read the Python files beside the notebook, which it may import."""
    folder = Path()
    beside = folder.glob("*.py")
    below = folder.glob("*/*.py")
    paths = itertools.chain(beside, below)

    texts: list[str] = []
    for path in itertools.islice(paths, MAX_FILES):
        try:
            if not path.is_file():
                continue
            with path.open(encoding="utf-8", errors="replace") as file:
                text = file.read(MAX_FILE_BYTES)
        except OSError:
            continue
        texts.append(text)
    return texts


class Devices:
    """Replaces devices by the processor, and notes which were requested."""

    def __init__(self, recorder: Recorder) -> None:
        """Initialise with a callback for each requested device."""
        self._recorder = recorder
        self._torch: Any = None
        self._plain_device: Any = None
        self._plain_generator: Any = None
        self._processor: Any = None
        self._absent: frozenset[str] = frozenset()
        self._has_frequent = False
        self.asked: set[str] = set()
        """Names of the devices that were asked for."""

    def use(self, torch: Any) -> None:
        """Set torch, once it is imported."""
        self._torch = torch
        self._plain_device = torch.device
        self._processor = torch.device("cpu")
        absent = [kind for kind in ACCELERATORS if not _is_here(kind, torch)]
        self._absent = frozenset(absent)

    def ask(self, name: str) -> None:
        """Note that a device was requested, such as `cuda:0`."""
        if name not in self.asked:
            self.asked.add(name)
            self._recorder.note(f"device {name}")
        self.replace_frequent()

    def in_place_of(self, device: Any) -> Any:
        """Return the CPU for a missing device, any other device unchanged.

        Args:
            device: a name, a number, a `torch.device`, or what torch makes an error of.
        """
        name = self._absent_name(device)
        if name is None:
            return device
        self.ask(name)
        return self._processor

    def _absent_name(self, device: Any) -> str | None:
        kind = type(device)
        if kind is int:
            return f"cuda:{device}" if device >= 0 else None
        if kind is str:
            type_name, _, _ = device.partition(":")
            if type_name not in self._absent:
                return None
            made = self._plain_device(device)  # raises what torch raises for `cuda:first`
            return str(made)
        if kind is self._plain_device and device.type in self._absent:
            return str(device)
        return None

    def replace_rare(self) -> None:
        """Replace functions that only GPU notebooks call."""
        torch = self._torch
        tensor = torch.Tensor
        for kind in ("cuda", "xpu"):
            if kind in self._absent and hasattr(tensor, kind):
                setattr(tensor, kind, self._make_cuda(kind))
        tensor.cpu = self._to_processor(tensor.cpu)
        tensor.pin_memory = _skip_pinning
        tensor.record_stream = _skip_recording
        self._replace_storages()

        torch.set_default_device = self._with_only(torch.set_default_device, self._default_device)
        torch.set_default_tensor_type = self._with_only(torch.set_default_tensor_type, _type_name)
        tensor.type = self._with_second(tensor.type, _type_name)

        serialization = torch.serialization
        restore = serialization.default_restore_location
        serialization.default_restore_location = self._make_restore_location(restore)
        torch.jit.load = self._loading(torch.jit.load)
        self._replace_autocast()
        gpu_answers.install(torch, self._absent, self.ask, self._processor)
        gpu_tools.install(torch, self.ask)

    def _make_cuda(self, kind: str) -> Function:
        """Create the replacement for `Tensor.cuda`."""

        plain = getattr(self._torch.Tensor, kind)

        @functools.wraps(plain)
        def move(tensor: Any, device: Any = None, *_: Any, **__: Any) -> Any:
            name = kind if device is None else self._absent_name(device)
            self.ask(name or kind)
            return self._copy_tensor(tensor)

        return move

    def _copy_tensor(self, tensor: Any) -> Any:
        """Copy a tensor as a move between devices does, so that its memory is not shared.

        A tensor that autograd follows stays itself: its graph is that of a notebook without a GPU,
        and a leaf stays a leaf.
        """
        if tensor.requires_grad and self._torch.is_grad_enabled():
            return tensor
        return tensor.clone()

    def _to_processor(self, plain: Function) -> Function:
        @functools.wraps(plain)
        def cpu(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            moved = plain(tensor, *args, **kwargs)
            if moved is tensor and self.asked:
                return self._copy_tensor(tensor)
            return moved

        return cpu

    def _replace_storages(self) -> None:
        def stay(storage: Any, *_: Any, **__: Any) -> Any:
            self.ask("cuda")
            return storage

        for storage_class in (self._torch.UntypedStorage, self._torch.TypedStorage):
            storage_class.cuda = stay
            storage_class.pin_memory = _skip_pinning

    def _default_device(self, device: Any) -> Any:
        """Return None for a missing device: the processor is torch's default.

        With a device, torch would look at each call of its functions.
        """
        replaced = self.in_place_of(device)
        was_asked_for = bool(self.asked) and replaced == self._processor
        return None if was_asked_for else replaced

    def _with_only(self, plain: Function, change: Callable[[Any], Any]) -> Function:
        """Wrap a function to replace its only argument, positional or by name."""

        @functools.wraps(plain)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            named = {name: change(value) for name, value in kwargs.items()}
            return plain(*map(change, args), **named)

        return wrapped

    def _with_second(self, plain: Function, change: Callable[[Any], Any]) -> Function:
        """Wrap a method to replace the device in its first argument after `self`."""

        @functools.wraps(plain)
        def wrapped(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            if args:
                first = change(args[0])
                args = (first, *args[1:])
            if "dtype" in kwargs:
                kwargs["dtype"] = change(kwargs["dtype"])
            return plain(tensor, *args, **kwargs)

        return wrapped

    def _make_restore_location(self, plain: Function) -> Function:
        """Create the replacement for `default_restore_location`, which `torch.load` calls."""

        @functools.wraps(plain)
        def restore(storage: Any, location: Any) -> Any:
            if self._absent_name(location) is None:
                return plain(storage, location)
            return storage

        return restore

    def _loading(self, plain: Function) -> Function:
        @functools.wraps(plain)
        def load(f: Any, map_location: Any = None, *args: Any, **kwargs: Any) -> Any:
            location = self._processor
            if map_location is not None:
                location = self.in_place_of(map_location)
            return plain(f, location, *args, **kwargs)

        return load

    def _replace_autocast(self) -> None:
        """Keep numbers in float32 if a GPU notebook runs on the CPU.

        torch itself leaves out `autocast("cuda")`; but `autocast(device.type)` asks for the CPU
        here, whose bfloat16 has fewer digits than a GPU's float16.
        """
        autocast = self._torch.amp.autocast_mode.autocast
        plain = autocast.__init__

        @functools.wraps(plain)
        def init(
            mode: Any,
            device_type: Any,
            dtype: Any = None,
            enabled: Any = True,
            *args: Any,
            **kwargs: Any,
        ) -> None:
            if device_type in self._absent and enabled:
                self.ask(device_type)
            if device_type == "cpu" and self.asked:
                enabled = False
            plain(mode, device_type, dtype, enabled, *args, **kwargs)

        autocast.__init__ = init

    def replace_frequent(self) -> None:
        """Replace functions that any notebook calls, once, if torch is imported."""
        if self._has_frequent or self._torch is None:
            return
        self._has_frequent = True

        torch = self._torch
        # `with torch.device(…):` knows the functions it is about by identity: they are looked up
        # once, and that has to be before they are replaced.
        contexts = importlib.import_module("torch.utils._device")
        constructors = contexts._device_constructors()
        factories = {function.__name__ for function in constructors}
        factories.update(OTHER_FACTORIES)
        for name in sorted(factories):
            self._replace_factory(name)
        for name in ("fftfreq", "rfftfreq"):
            plain = getattr(torch.fft, name)
            setattr(torch.fft, name, self._on_processor(plain))

        tensor = torch.Tensor
        for name in METHODS:
            plain = getattr(tensor, name)
            setattr(tensor, name, self._on_processor(plain))

        tensor.to = self._make_tensor_to(tensor.to)
        torch.nn.Module.to = self._with_devices(torch.nn.Module.to)
        torch.device = stand_in(torch.device, self._made_device)
        self._plain_generator = torch.Generator
        torch.Generator = stand_in(torch.Generator, self._made_generator)

    def _replace_factory(self, name: str) -> None:
        torch = self._torch
        plain = getattr(torch, name, None)
        if plain is None:  # `torch.nested` has it
            return
        replaced = self._on_processor(plain)
        setattr(torch, name, replaced)
        # TorchScript knows its functions by identity.
        torch.jit._builtins._register_builtin(replaced, f"aten::{name}")

    def _on_processor(self, plain: Function) -> Function:
        """Wrap a function to create its tensor on the processor."""
        in_place_of = self.in_place_of

        @functools.wraps(plain)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if "device" in kwargs:
                kwargs["device"] = in_place_of(kwargs["device"])
            if "pin_memory" in kwargs:
                kwargs["pin_memory"] = False
            return plain(*args, **kwargs)

        return wrapped

    def _with_devices(self, plain: Function) -> Function:
        """Wrap a method `to` to stay on the processor."""

        @functools.wraps(plain)
        def to(target: Any, *args: Any, **kwargs: Any) -> Any:
            if args:
                first = self.in_place_of(args[0])
                args = (first, *args[1:])
            if "device" in kwargs:
                kwargs["device"] = self.in_place_of(kwargs["device"])
            return plain(target, *args, **kwargs)

        return to

    def _make_tensor_to(self, plain: Function) -> Function:
        """Create the replacement for `Tensor.to`, which copies as a move to a GPU and back does."""
        in_place_of = self.in_place_of
        devices = (str, self._plain_device)

        @functools.wraps(plain)
        def to(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            if args:
                device = in_place_of(args[0])
                args = (device, *args[1:])
            else:
                device = in_place_of(kwargs.get("device"))
                if "device" in kwargs:
                    kwargs["device"] = device

            moved = plain(tensor, *args, **kwargs)
            # The device may have been asked for before: `device = torch.device("cuda")`.
            if moved is tensor and self.asked and type(device) in devices:
                return self._copy_tensor(tensor)
            return moved

        return to

    def _made_device(self, *args: Any, **kwargs: Any) -> Any:
        """Replacement for `torch.device(…)`."""
        is_alone = len(args) == 1 and not kwargs
        if is_alone and type(args[0]) is int:
            number = args[0]
            return self.in_place_of(number)

        made = self._plain_device(*args, **kwargs)
        if made.type not in self._absent:
            return made
        if is_of_torch(sys._getframe(2)):
            return self._processor
        return self.in_place_of(made)

    def _made_generator(self, device: Any = "cpu") -> Any:
        """Replacement for `torch.Generator(…)`."""
        made_on = self.in_place_of(device)
        return self._plain_generator(made_on)


def _skip_pinning(target: Any, *_: Any, **__: Any) -> Any:
    """Replacement for `pin_memory`, which has an effect only with a GPU."""
    return target


def _skip_recording(_tensor: Any, _stream: Any) -> None:
    """Replacement for `Tensor.record_stream`: there are no streams."""


def _type_name(name: Any) -> Any:
    """Return `torch.FloatTensor` in place of `torch.cuda.FloatTensor`."""
    if type(name) is str and name.startswith("torch.cuda."):
        return name.replace("cuda.", "", 1)
    return name
