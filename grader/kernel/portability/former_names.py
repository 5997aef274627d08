"""Provide names that other releases of a package have. Runs inside the student's kernel.

A notebook for an older numpy, IPython or matplotlib is right on its own machine: renamed functions
are found under their former names, and a missing style changes no figure.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder

Note = Callable[[str], None]

BUILTINS = frozenset({"float", "int", "object", "str", "complex"})
"""Names of numpy up to 1.23 that stood for Python's own types."""

IN_NUMPY = {
    **dict.fromkeys(("Inf", "Infinity", "infty", "PINF"), "inf"),
    **dict.fromkeys(("NaN", "NAN"), "nan"),
    "float_": "float64",
    "longfloat": "longdouble",
    "complex_": "complex128",
    "cfloat": "complex128",
    "singlecomplex": "complex64",
    "unicode_": "str_",
    "string_": "bytes_",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "round_": "round",
    "in1d": "isin",
    "trapz": "trapezoid",
    "mat": "asmatrix",
    "asfarray": "asarray",
    "bool8": "bool_",
}
"""Former names of numpy, and their present ones."""

IN_NUMPY_EXCEPTIONS = frozenset({"AxisError", "ComplexWarning", "VisibleDeprecationWarning"})
"""Names that numpy had, and that `numpy.exceptions` has now."""

ALIASES = {
    "PIL.Image": {"ANTIALIAS": "LANCZOS", "LINEAR": "BILINEAR", "CUBIC": "BICUBIC"},
    "inspect": {"getargspec": "getfullargspec"},
    "scipy.integrate": {
        "simps": "simpson",
        "trapz": "trapezoid",
        "cumtrapz": "cumulative_trapezoid",
    },
    "seaborn": {"factorplot": "catplot"},
    "time": {"clock": "perf_counter"},
    "torchvision.transforms": {"Scale": "Resize", "RandomSizedCrop": "RandomResizedCrop"},
}
"""Per module, former names and their present ones."""

ABSTRACT_CLASSES = "collections.abc"
"""The module with the classes that `collections` had up to Python 3.9."""

OLD_SEABORN, SEABORN = "seaborn", "seaborn-v0_8"
"""Beginnings of the styles that matplotlib 3.6 renamed."""


def install(recorder: Recorder) -> None:
    """Make former names available."""
    note = recorder.note
    when_imported("numpy", functools.partial(_answer_in_numpy, note))
    when_imported("IPython.display", _put_in_ipython)
    for module, aliases in ALIASES.items():
        when_imported(module, functools.partial(_put_aliases, aliases))
    when_imported("collections", _put_abstract_classes)
    when_imported("matplotlib.style", functools.partial(_pass_over_styles, note))


def _answer_in_numpy(note: Note, numpy: types.ModuleType) -> None:
    """Look up former names when numpy lacks an attribute."""
    plain = getattr(numpy, "__getattr__", None)
    if plain is None:
        return

    @functools.wraps(plain)
    def answer(attr: str) -> Any:
        if attr in BUILTINS:
            former = getattr(builtins, attr)
        elif attr in IN_NUMPY_EXCEPTIONS:
            former = getattr(numpy.exceptions, attr)
        elif attr in IN_NUMPY:
            former = getattr(numpy, IN_NUMPY[attr])
        else:
            return plain(attr)
        note(f"version numpy.{attr}")
        return former

    setattr(numpy, "__getattr__", answer)  # noqa: B010 - mypy knows no such attribute of a module


def _put_aliases(aliases: dict[str, str], module: types.ModuleType) -> None:
    """Put what a module has under former names, too."""
    for former, present in aliases.items():
        if hasattr(module, present) and not hasattr(module, former):
            value = getattr(module, present)
            setattr(module, former, value)


def _put_abstract_classes(collections: types.ModuleType) -> None:
    """Put abstract classes where older notebooks import them from."""
    classes: Any = importlib.import_module(ABSTRACT_CLASSES)
    for name in classes.__all__:
        if not hasattr(collections, name):
            value = getattr(classes, name)
            setattr(collections, name, value)


def _put_in_ipython(display: types.ModuleType) -> None:
    """Put functions of `IPython.display` where older notebooks import them from."""

    def set_matplotlib_formats(*formats: Any, **named: Any) -> None:
        inline: Any = importlib.import_module("matplotlib_inline.backend_inline")
        inline.set_matplotlib_formats(*formats, **named)

    if not hasattr(display, "set_matplotlib_formats"):
        setattr(display, "set_matplotlib_formats", set_matplotlib_formats)  # noqa: B010 - as above

    core = sys.modules["IPython.core.display"]
    for name in ("display", "clear_output", "set_matplotlib_formats"):
        if not hasattr(core, name):
            setattr(core, name, getattr(display, name))


def _pass_over_styles(note: Note, style: types.ModuleType) -> None:
    """Make `plt.style.use` find renamed styles, and ignore unknown ones."""
    plain = style.use

    def use_one(name: Any) -> None:
        try:
            plain(name)
        except OSError:
            renamed = str(name).replace(OLD_SEABORN, SEABORN, 1)
            note(f"version style {name}")
            if renamed in style.library:
                plain(renamed)

    @functools.wraps(plain)
    def use(style: Any) -> None:
        try:
            plain(style)
        except OSError:
            names = style if isinstance(style, list | tuple) else [style]
            for name in names:
                use_one(name)

    defining = sys.modules[plain.__module__]
    for module in (style, defining):
        setattr(module, "use", use)  # noqa: B010 - as above
