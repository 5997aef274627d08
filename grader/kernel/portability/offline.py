"""Skip installs and downloads of weights: there is no network. Runs inside the student's kernel."""

from __future__ import annotations

import builtins
import contextlib
import functools
import re
import tokenize
import types
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any

from grader.kernel.portability.installs import INSTALL
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder

SKIP_NAME = "_grader_skip"
"""Builtin that replaces a skipped command in a cell."""

PYTHON_MAGICS = ("%%capture", "%%time", "%%timeit", "%%prun")
SHELL_MAGICS = ("%%bash", "%%sh", "%%script", "%%system", "%%!")

HUB_OPTIONS = ("source", "trust_repo", "force_reload", "verbose", "skip_validation")
"""Options of `torch.hub.load` that torchvision's own functions do not take."""


def skip_installs(lines: list[str]) -> list[str]:
    """Replace install commands by a call that notes them: `!pip`, `%pip`, bare `pip install …`.

    IPython calls this with each cell's lines. The number of lines stays the same, so that errors
    name the right one. Text inside a string stays, and so does a cell in another language, unless
    it does nothing but install.
    """
    magic = _magic(lines)
    if magic.startswith(SHELL_MAGICS):
        return _skip_shell_cell(lines)
    if magic.startswith("%%") and magic not in PYTHON_MAGICS:
        return lines
    if not any(map(INSTALL.match, lines)):
        return lines
    in_strings = _inside_strings(lines)
    return _without_installs(lines, in_strings)


def _magic(lines: list[str]) -> str:
    """Return the first word of a cell, which may be a magic; empty if there is none."""
    first_line = "".join(lines[:1])
    words = first_line.split(maxsplit=1)
    if not words:
        return ""
    return words[0]


def _skip_shell_cell(lines: list[str]) -> list[str]:
    """Replace a shell cell that only installs."""
    commands = ["\n", *lines[1:]]
    body = _without_installs(commands, ())
    for line in body:
        text = line.strip()
        does_nothing = not text or text.startswith((SKIP_NAME, "#"))
        if not does_nothing:
            return lines
    return body


def _without_installs(lines: list[str], in_strings: Collection[int]) -> list[str]:
    """Replace the lines that install, except those at some indices."""
    replaced: list[str] = []
    continued = False

    for index, line in enumerate(lines):
        if continued:
            continued = _continues(line)
            replaced.append("\n")
            continue

        match = None
        if index not in in_strings:
            text = line.rstrip("\n")
            match = INSTALL.match(text)
        if match is None:
            replaced.append(line)
            continue

        continued = _continues(line)
        replaced.append(_skip_call(match))
    return replaced


def _skip_call(install: re.Match[str]) -> str:
    """Return the line that replaces one that installs."""
    indent = install["indent"]
    command = install["command"].strip()
    command = command.rstrip("\\")
    command = command.strip()
    return f"{indent}{SKIP_NAME}({command!r})\n"


def _continues(line: str) -> bool:
    return line.rstrip().endswith("\\")


def _inside_strings(lines: list[str]) -> set[int]:
    """Find the indices of the lines that begin inside a string, as far as the cell is Python."""
    inside: set[int] = set()
    starts: list[int] = []

    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        next_line = iter(lines).__next__
        for token in tokenize.generate_tokens(next_line):
            kind = tokenize.tok_name[token.type]
            first_line, _ = token.start
            last_line, _ = token.end
            if kind == "STRING":
                inside.update(range(first_line, last_line))
            elif kind == "FSTRING_START":
                starts.append(first_line)
            elif kind == "FSTRING_END":
                first_line = starts.pop()
                inside.update(range(first_line, last_line))
    return inside


class SkippedWeights(OrderedDict[str, Any]):
    """Stand-in for weights that would be downloaded; loading it changes nothing."""


def install(recorder: Recorder) -> None:
    """Skip installs, and use random weights in place of downloaded ones."""

    def skip(command: str) -> None:
        recorder.note(command, kind="skipped")

    setattr(builtins, SKIP_NAME, skip)
    when_imported("torch", functools.partial(_without_downloads, recorder))
    when_imported("torchvision.models._api", functools.partial(_without_weights, recorder))


def _without_weights(recorder: Recorder, api: types.ModuleType) -> None:
    def get_state_dict(weights: Any, *_: Any, **__: Any) -> SkippedWeights:
        return _note_skipped_weights(recorder, str(weights))

    api.WeightsEnum.get_state_dict = get_state_dict


def _without_downloads(recorder: Recorder, torch: types.ModuleType) -> None:
    def load_state_dict_from_url(url: Any, *_: Any, **__: Any) -> SkippedWeights:
        return _note_skipped_weights(recorder, str(url))

    def load(repo_or_dir: Any, model: str, *args: Any, **kwargs: Any) -> Any:
        return _load_from_hub(recorder, repo_or_dir, model, args, kwargs)

    torch.hub.load_state_dict_from_url = load_state_dict_from_url
    torch.hub.load = load
    _keep_random_weights(torch)


def _keep_random_weights(torch: types.ModuleType) -> None:
    """Make `load_state_dict` ignore `SkippedWeights`."""
    module_class = torch.nn.Module
    plain: Callable[..., Any] = module_class.load_state_dict

    @functools.wraps(plain)
    def load_state_dict(module: Any, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(state_dict, SkippedWeights):
            result_class = torch.nn.modules.module._IncompatibleKeys
            return result_class([], [])
        return plain(module, state_dict, *args, **kwargs)

    module_class.load_state_dict = load_state_dict


def _note_skipped_weights(recorder: Recorder, name: str) -> SkippedWeights:
    recorder.note(f"random-weights {name}")
    return SkippedWeights()


def _load_from_hub(
    recorder: Recorder,
    repo: Any,
    model: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Make a torchvision model with random weights, in place of `torch.hub.load`."""
    if not str(repo).startswith("pytorch/vision"):
        raise RuntimeError(f"torch.hub.load({repo!r}): there is no network here.")
    from torchvision import models

    recorder.note(f"random-weights {model}")
    for option in HUB_OPTIONS:
        kwargs.pop(option, None)
    make_model = getattr(models, model)
    return make_model(*args, **kwargs)
