"""No network, and none needed: installs are skipped, weights are random. Runs inside the student's kernel."""

from __future__ import annotations

import builtins
import re
import types
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from grader.running.hooks import when_imported
from grader.running.recorder import Recorder

SKIP_NAME = "_grader_skip"
INSTALL = re.compile(
    r"""^(?P<indent>\s*)
    (?P<command>(?:!{1,2}|%)?\s*
    (?:sudo\s+)?(?:python[\d.]*\s+-m\s+|\{sys\.executable\}\s+-m\s+)?
    (?:pip[\d.]*|conda|mamba|uv(?:\s+pip)?|apt(?:-get)?|brew|npm)
    \s+(?:-\S+\s+)*(?:install|uninstall|update|upgrade|add|remove|download)\b.*)$""",
    re.VERBOSE,
)


def skip_installs(lines: list[str]) -> list[str]:
    """Replace install commands by a call that notes them: `!pip`, `%pip`, and bare `pip install …` lines.

    IPython calls this with each cell's lines. The count of lines stays the same, so that errors name the right one.
    """
    out: list[str] = []
    continued = False
    for line in lines:
        found = None if continued else INSTALL.match(line.rstrip("\n"))
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
    hub.load = lambda repo, model, *args, **kwargs: _load(recorder, repo, model, args, kwargs)
    plain: Callable[..., Any] = torch.nn.Module.load_state_dict

    def load_state_dict(module: Any, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(state_dict, RandomWeights):
            return torch.nn.modules.module._IncompatibleKeys([], [])
        return plain(module, state_dict, *args, **kwargs)

    torch.nn.Module.load_state_dict = load_state_dict


def _random(recorder: Recorder, what: str) -> RandomWeights:
    recorder.note(f"random-weights {what}")
    return RandomWeights()


def _load(recorder: Recorder, repo: Any, model: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`torch.hub.load` of a torchvision model, from the installed torchvision."""
    if not str(repo).startswith("pytorch/vision"):
        raise RuntimeError(f"torch.hub.load({repo!r}): there is no network here.")
    from torchvision import models

    recorder.note(f"random-weights {model}")
    for option in ("source", "trust_repo", "force_reload", "verbose", "skip_validation"):
        kwargs.pop(option, None)
    return getattr(models, model)(*args, **kwargs)
