"""Run shell commands of a notebook without a network. Runs inside the student's kernel.

Commands that download or install are skipped, however they are spelled: `!wget`, `%%bash`,
`os.system`, `subprocess.run`. No command ends a cell or removes a file of the assignment.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from grader.kernel.portability.downloads import Downloads
from grader.kernel.portability.paths import ForeignPaths, is_there, text_of
from grader.kernel.portability.shell_text import ShellText, needs_network, without_downloads
from grader.kernel.recording.hooks import when_imported

NO_OP = [sys.executable, "-I", "-S", "-c", ""]
"""A program that does nothing."""

MONITORS = frozenset({"nvidia-smi", "nvcc"})
"""Programs that only report on a GPU; they are missing if there is none."""

FOREIGN = re.compile(r"/(content|kaggle)/")
"""Found in a script that names files of Colab or Kaggle."""

MAX_SCRIPT = 1 << 18
"""Most characters of a script that are searched."""

Function = Callable[..., Any]


class Commands:
    """Adapts the shell commands of a notebook."""

    def __init__(
        self, paths: ForeignPaths, downloads: Downloads, put_back: Callable[[], None]
    ) -> None:
        """Initialise with the file finder, and callbacks for skipped commands and lost files."""
        self._paths = paths
        self._downloads = downloads
        self._put_back = put_back

    def runnable(self, text: str) -> ShellText:
        """Remove the parts of some commands that cannot run here, and note them."""
        self._note_scripts(text.split())
        runnable = without_downloads(text, self._find)
        for command in runnable.skipped:
            self._downloads.skip(command)
        return runnable

    def _note_scripts(self, words: Iterable[str]) -> None:
        """Note scripts that name files of another machine: other processes cannot find them."""
        for word in words:
            script = word.strip("'\"")
            if not script.endswith(".py"):
                continue
            path = script if is_there(script) else self._paths.existing(script)
            if path is not None and FOREIGN.search(_text_in(path)):
                self._paths.note("other-process", script)

    def _find(self, path: str) -> str | None:
        """Find the local path that a word of a command refers to."""
        if "://" in path:
            return self._downloads.file_of(path)
        if is_there(path):
            return None
        place = self._paths.place_of(path)
        if place is not None:
            self._paths.note("path", path)
        return place

    def install(self, shell: Any) -> None:
        """Wrap the functions that run commands."""
        self._wrap_shell(shell)
        self._wrap_processes()
        when_imported("IPython.core.magics.script", self._wrap_scripts)

    # IPython

    def _wrap_shell(self, shell: Any) -> None:
        """Wrap the functions that `!command` and `x = !command` call."""
        plain_system = shell.system
        plain_getoutput = shell.getoutput

        def system(cmd: str) -> None:
            expanded = shell.var_expand(cmd, depth=1)
            runnable = self.runnable(expanded)
            if not runnable.is_empty:
                self._run_line(shell, plain_system, runnable.text)
            else:
                shell.user_ns["_exit_code"] = 0

        def getoutput(cmd: str, *args: Any, **kwargs: Any) -> Any:
            expanded = shell.var_expand(cmd, depth=kwargs.pop("depth", 0) + 1)
            runnable = self.runnable(expanded)
            text = ":" if runnable.is_empty else runnable.text
            with _expanded(shell):
                output = plain_getoutput(text, *args, **kwargs)
            self._put_back()
            return output

        shell.system = system
        shell.getoutput = getoutput

    def _run_line(self, shell: Any, plain: Function, text: str) -> None:
        text = text.rstrip()
        if text.endswith("&") and not text.endswith("&&") and os.name == "posix":
            self._run_behind(text)  # IPython would raise
            return
        with _expanded(shell):
            plain(text)
        self._put_back()

    def _run_behind(self, text: str) -> None:
        """Run a command in the background, without reading its output."""
        nothing = subprocess.DEVNULL
        subprocess.Popen(["/bin/sh", "-c", text], stdin=nothing, stdout=nothing, stderr=nothing)

    def _wrap_scripts(self, script: types.ModuleType) -> None:
        """Wrap the functions of `%%bash` and the like. As with `!`, no exit code ends a cell."""
        magics = script.ScriptMagics
        plain = magics.shebang

        @functools.wraps(plain)
        def shebang(magic: Any, line: str, cell: str) -> Any:
            program = ""
            if line.strip():
                program = line.split(maxsplit=1)[0]
            if "sh" not in os.path.basename(program):  # noqa: PTH119
                return plain(magic, line, cell)
            runnable = self.runnable(cell)
            if runnable.is_empty:
                return None
            try:
                return plain(magic, line, runnable.text)
            except subprocess.CalledProcessError:
                return None
            finally:
                self._put_back()

        magics.shebang = shebang

    # Processes

    def _wrap_processes(self) -> None:
        """Wrap `os.system`, and the function by which `subprocess` starts processes."""
        plain_system = os.system
        plain_init = subprocess.Popen.__init__

        @functools.wraps(plain_system)
        def system(command: Any) -> int:
            text = text_of(command)
            if text is None:
                return plain_system(command)
            runnable = self.runnable(text)
            if runnable.is_empty:
                return 0
            code = plain_system(runnable.text)
            self._put_back()
            return code

        @functools.wraps(plain_init)
        def init(process: Any, args: Any, *others: Any, **kwargs: Any) -> None:
            if "cwd" in kwargs:
                kwargs["cwd"] = self._with_path(kwargs["cwd"])
            plain_init(process, self._arguments(args), *others, **kwargs)

        os.system = system
        subprocess.Popen.__init__ = init  # type: ignore[method-assign, assignment]

    def _arguments(self, args: Any) -> Any:
        """Return the command to start in place of one that cannot run here."""
        if type(args) is str:
            return self.runnable(args).text
        if type(args) not in (list, tuple):
            return args

        words = [text_of(word) or "" for word in args]
        self._note_scripts(words)
        if needs_network(words) or _is_no_monitor(words):
            program = os.path.basename(words[0])  # noqa: PTH119
            self._downloads.skip(" ".join([program, *words[1:]]))
            return NO_OP
        if not args:
            return args
        program = os.path.basename(words[0])  # noqa: PTH119
        if "sh" in program and words[1:2] == ["-c"] and len(words) > 2:
            commands = self.runnable(words[2])
            return [*words[:2], commands.text, *words[3:]]
        return [args[0], *map(self._with_path, args[1:])]

    def _with_path(self, word: Any) -> Any:
        """Replace a path in a command by the local path it refers to."""
        text = text_of(word)
        if text is None or "/" not in text:
            return word
        return self._find(text) or word


def _text_in(path: str) -> str:
    """Read the beginning of a script; empty if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read(MAX_SCRIPT)
    except OSError:
        return ""


def _is_no_monitor(words: list[str]) -> bool:
    """Return whether a program is a GPU monitor that is not installed."""
    if words[:1] == [] or words[0] not in MONITORS:
        return False
    return shutil.which(words[0]) is None


@contextlib.contextmanager
def _expanded(shell: Any) -> Iterator[None]:
    """Make a shell run a command unchanged: names of Python in it are replaced already."""

    def as_it_is(cmd: str, *_args: Any, **_kwargs: Any) -> str:
        return cmd

    shell.var_expand = as_it_is
    try:
        yield
    finally:
        del shell.var_expand
