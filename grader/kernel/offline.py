"""No network, and none needed: installs are skipped, weights are random. Runs inside the student's kernel."""

from __future__ import annotations

import builtins
import contextlib
import functools
import tokenize
import types
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from grader.kernel.hooks import when_imported
from grader.kernel.installs import INSTALL
from grader.kernel.recorder import Recorder

SKIP_NAME = "_grader_skip"
PYTHON_MAGICS = ("%%capture", "%%time", "%%timeit", "%%prun")
SHELL_MAGICS = ("%%bash", "%%sh", "%%script", "%%system", "%%!")


def skip_installs(lines: list[str]) -> list[str]:
    """Replace install commands by a call that notes them: `!pip`, `%pip`, and bare `pip install …` lines.

    IPython calls this with each cell's lines. The count of lines stays the same, so that errors name the right one.
    Text inside a string stays, and so does a cell in another language, but for one that does nothing but install.
    """
    magic = next(iter("".join(lines[:1]).split()), "")
    if magic.startswith(SHELL_MAGICS):
        body = _without_installs(["\n", *lines[1:]], set())
        foreign = any(
            line.strip() and not line.lstrip().startswith((SKIP_NAME, "#")) for line in body
        )
        return lines if foreign else body
    if magic.startswith("%%") and magic not in PYTHON_MAGICS:
        return lines
    if not any(map(INSTALL.match, lines)):
        return lines
    return _without_installs(lines, _inside_strings(lines))


def _without_installs(lines: list[str], kept: set[int]) -> list[str]:
    out: list[str] = []
    continued = False
    for index, line in enumerate(lines):
        found = None if continued or index in kept else INSTALL.match(line.rstrip("\n"))
        if continued:
            continued = line.rstrip().endswith("\\")
            out.append("\n")
        elif found:
            continued = line.rstrip().endswith("\\")
            command = found["command"].strip().rstrip("\\").strip()
            out.append(f"{found['indent']}{SKIP_NAME}({command!r})\n")
        else:
            out.append(line)
    return out


def _inside_strings(lines: list[str]) -> set[int]:
    """Indices of the lines that begin inside a string, as far as the cell can be read as Python."""
    inside: set[int] = set()
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        opened: list[int] = []
        for token in tokenize.generate_tokens(iter(lines).__next__):
            kind = tokenize.tok_name[token.type]
            if kind == "STRING":
                inside.update(range(token.start[0], token.end[0]))
            elif kind == "FSTRING_START":
                opened.append(token.start[0])
            elif kind == "FSTRING_END":
                inside.update(range(opened.pop(), token.end[0]))
    return inside


class RandomWeights(OrderedDict[str, Any]):
    """Stands for weights that would be downloaded; loading them leaves a model as it was made."""


def install(recorder: Recorder) -> None:
    """Skip installs, and give random weights where a download is asked for."""
    setattr(builtins, SKIP_NAME, lambda command: recorder.note(command, kind="skipped"))
    when_imported("torch", lambda torch: _without_downloads(recorder, torch))
    when_imported("torchvision.models._api", lambda api: _without_weights(recorder, api))


def _without_weights(recorder: Recorder, api: types.ModuleType) -> None:
    api.WeightsEnum.get_state_dict = lambda weights, *_, **__: _random(recorder, str(weights))


def _without_downloads(recorder: Recorder, torch: types.ModuleType) -> None:
    hub = torch.hub
    hub.load_state_dict_from_url = lambda url, *_, **__: _random(recorder, str(url))
    hub.load = lambda repo_or_dir, model, *args, **kwargs: _load(
        recorder, repo_or_dir, model, args, kwargs
    )
    plain: Callable[..., Any] = torch.nn.Module.load_state_dict

    @functools.wraps(plain)
    def load_state_dict(module: Any, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(state_dict, RandomWeights):
            return torch.nn.modules.module._IncompatibleKeys([], [])
        return plain(module, state_dict, *args, **kwargs)

    torch.nn.Module.load_state_dict = load_state_dict


def _random(recorder: Recorder, what: str) -> RandomWeights:
    recorder.note(f"random-weights {what}")
    return RandomWeights()


def _load(
    recorder: Recorder, repo: Any, model: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """`torch.hub.load` of a torchvision model, from the installed torchvision."""
    if not str(repo).startswith("pytorch/vision"):
        raise RuntimeError(f"torch.hub.load({repo!r}): there is no network here.")
    from torchvision import models

    recorder.note(f"random-weights {model}")
    for option in ("source", "trust_repo", "force_reload", "verbose", "skip_validation"):
        kwargs.pop(option, None)
    return getattr(models, model)(*args, **kwargs)
