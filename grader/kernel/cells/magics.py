"""Skip magics that are not available. Runs inside the student's kernel.

Magics of extensions, and those that set something up, compute nothing that a grade depends on.
IPython would end the cell there, and everything below would fail.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import Any

from grader.kernel.portability.offline import SKIP_NAME
from grader.kernel.recording.recorder import Recorder

SET_UP = frozenset(
    {
        *("matplotlib", "pylab", "gui", "config", "load_ext", "reload_ext", "unload_ext"),
        *("autoreload", "aimport", "autosave", "automagic", "autocall", "alias_magic"),
        *("colors", "xmode", "precision", "pdb", "logstart", "logon", "logoff", "pprint"),
        *("pip", "conda", "mamba", "micromamba", "uv"),
    }
)
"""Line magics that only set something up: the cell goes on where one fails."""

OTHER_LANGUAGES = frozenset(
    {
        *("r", "sql", "bigquery", "julia", "octave", "matlab", "cpp", "c", "cu", "cuda", "java"),
        *("javascript", "js", "typescript", "html", "svg", "css", "latex", "tex", "markdown"),
        *("md", "mermaid", "dot", "ruby", "perl", "scala", "spark", "stan", "yaml", "toml"),
        *("shell", "cmd", "powershell", "zsh", "fish", "ssh", "docker"),
    }
)
"""Cell magics with a body in another language, in lower case: it may look like Python."""

SAME_MAGIC = {"shell": "bash"}
"""Cell magics of Colab, and those of IPython that do the same."""

PROFILERS = frozenset({"prun", "lprun", "mprun", "memit", "snakeviz", "scalene"})
"""Cell magics that run their body and measure it; removed, so that the body is recorded."""

NOT_TO_RUN = frozenset({"skip", "skip_cell", "disable", "disabled", "ignore", "off", "comment"})
"""Cell magics that say not to run the cell."""

MAX_COMMAND = 200

Function = Callable[..., Any]


class Magics:
    """Skips the magics that a shell does not have."""

    def __init__(self, recorder: Recorder, shell: Any) -> None:
        """Initialise with the recorder, and the shell."""
        self._recorder = recorder
        self._shell = shell

    def install(self) -> None:
        """Make the shell skip unknown magics."""
        shell = self._shell
        shell.run_line_magic = self._line_magic(shell.run_line_magic)
        shell.run_cell_magic = self._cell_magic(shell.run_cell_magic)
        if not hasattr(shell, "magic"):
            shell.magic = self._old_magic
        extensions = shell.extension_manager
        extensions.load_extension = self._load(extensions.load_extension)
        extensions.reload_extension = self._load(extensions.reload_extension)
        shell.input_transformers_cleanup.append(self.uncover_python)

    def _skip(self, command: str) -> None:
        text = command.strip()
        self._recorder.note(text[:MAX_COMMAND], kind="skipped")

    def _old_magic(self, arg_s: str) -> Any:
        """Run a line magic as `get_ipython().magic("…")` did up to IPython 8, and Colab does."""
        name, _, line = arg_s.strip().partition(" ")
        return self._shell.run_line_magic(name.lstrip("%"), line, _stack_depth=2)

    def _line_magic(self, run: Function) -> Function:
        @functools.wraps(run)
        def run_line_magic(magic_name: str, line: str, _stack_depth: int = 1) -> Any:
            if self._shell.find_line_magic(magic_name) is None:
                self._skip(f"%{magic_name} {line}")
                return None
            try:
                return run(magic_name, line, _stack_depth=_stack_depth + 1)
            except Exception:
                if magic_name not in SET_UP:
                    raise
                self._skip(f"%{magic_name} {line}")
                return None

        return run_line_magic

    def _cell_magic(self, run: Function) -> Function:
        @functools.wraps(run)
        def run_cell_magic(magic_name: str, line: str, cell: str) -> Any:
            magic_name = SAME_MAGIC.get(magic_name, magic_name)
            if self._shell.find_cell_magic(magic_name) is None:
                self._skip(f"%%{magic_name} {line}")
                return None
            return run(magic_name, line, cell)

        return run_cell_magic

    def _load(self, load: Function) -> Function:
        """Create the replacement for `%load_ext`."""

        @functools.wraps(load)
        def load_extension(module_str: str) -> Any:
            try:
                return load(module_str)
            except Exception:  # noqa: BLE001 - an extension that does not work here
                self._skip(f"%load_ext {module_str}")
                return "already loaded"

        return load_extension

    def uncover_python(self, lines: list[str]) -> list[str]:
        """Replace an unknown cell magic above Python code by a call that notes it.

        IPython calls this with each cell's lines. Their number stays the same, so that errors name
        the right one.
        """
        above = _blank_lines(lines)
        first = "".join(lines[above : above + 1])
        if not first.startswith("%%"):
            return lines

        name = _magic_name(first)
        if not name or name.lower() in OTHER_LANGUAGES | NOT_TO_RUN:
            return lines
        if name not in PROFILERS and self._shell.find_cell_magic(name) is not None:
            return lines

        body = lines[above + 1 :]
        if not self._is_python("".join(body)):
            return lines
        command = first.strip()
        skip = f"{SKIP_NAME}({command[:MAX_COMMAND]!r})\n"
        return [*lines[:above], skip, *body]

    def _is_python(self, body: str) -> bool:
        try:
            ast.parse(self._shell.transform_cell(body))
        except Exception:  # noqa: BLE001 - IPython's own passes may fail as well
            return False
        return True


def _blank_lines(lines: list[str]) -> int:
    """Count the leading blank lines of a cell."""
    for index, line in enumerate(lines):
        if line.strip():
            return index
    return 0


def _magic_name(first: str) -> str:
    """Return the name of a cell magic, without its percent signs and arguments."""
    words = first.removeprefix("%%").split(maxsplit=1)
    if not words:
        return ""
    return words[0]
