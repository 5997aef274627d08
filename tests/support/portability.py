"""Run cells in this process as if they had been written elsewhere; everything is put back after."""

from __future__ import annotations

import builtins
import bz2
import glob
import importlib
import io
import locale
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.kernel.portability.portability import Portability
from tests.support.recording import Recording, of_kind

OS_FUNCTIONS = (
    *("stat", "lstat", "chmod", "utime", "remove", "unlink", "listdir", "scandir"),
    *("rename", "replace", "open", "mkdir", "chdir", "system"),
)

PATCHED: tuple[tuple[Any, str], ...] = (
    (builtins, "open"),
    (io, "open"),
    (bz2, "_builtin_open"),
    (tarfile, "bltn_open"),
    (shutil, "copyfile"),
    (glob, "glob"),
    (glob, "iglob"),
    (Path, "glob"),
    (Path, "rglob"),
    (urllib.request, "urlopen"),
    (urllib.request, "urlretrieve"),
    (subprocess.Popen, "__init__"),
    (type(os.environ), "__getitem__"),
    (locale, "setlocale"),
    *((os, name) for name in OS_FUNCTIONS),
)
"""What is replaced in the standard library."""

PATCHED_IN_LIBRARIES = (
    ("IPython.core.interactiveshell", "io_open"),
    ("IPython.core.magics.script", "ScriptMagics.shebang"),
    ("numpy.lib._datasource", "DataSource._findfile"),
    ("torch", "save"),
    ("torch", "serialization.save"),
    ("torch", "jit.load"),
    ("torch", "hub.urlopen"),
    ("torch", "hub.download_url_to_file"),
    ("torchvision.io.image", "read_file"),
)
"""What is replaced in libraries."""


class Shell:
    """A shell that notes the commands it runs, and fails none."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace
        self.ran: list[str] = []

    def var_expand(self, cmd: str, depth: int = 0) -> str:
        """Leave a command as it is."""
        return cmd

    def system(self, cmd: str) -> None:
        """Note a command."""
        self.ran.append(cmd)

    def getoutput(self, cmd: str) -> list[str]:
        """Note a command."""
        self.ran.append(cmd)
        return ["output"]


class Away:
    """A notebook that was written elsewhere, and the files that it finds here."""

    def __init__(self, folder: Path, spec: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.recording = Recording()
        self.shell = Shell(self.recording.names)
        self.recording.names["shell"] = self.shell
        self.portability = Portability(self.shell, self.recording.recorder, spec or {})

    def run(self, source: str) -> SimpleNamespace:
        """Run a cell; return the names it has bound so far."""
        self.recording.run(source)
        return SimpleNamespace(**self.recording.names)

    @property
    def notes(self) -> list[str]:
        """What was noted."""
        return [event.text for event in of_kind(self.recording.events(), "note")]

    @property
    def skipped(self) -> list[str]:
        """The commands that were skipped."""
        return [event.text for event in of_kind(self.recording.events(), "skipped")]


def keep_patched(patch: pytest.MonkeyPatch) -> None:
    """Have everything put back that `Portability` replaces."""
    for holder, name in PATCHED:
        patch.setattr(holder, name, getattr(holder, name))
    for module, path in PATCHED_IN_LIBRARIES:
        holder = importlib.import_module(module)
        *inner, name = path.split(".")
        for part in inner:
            holder = getattr(holder, part)
        patch.setattr(holder, name, getattr(holder, name))

    openers = importlib.import_module("numpy.lib._datasource")._file_openers._file_openers
    patch.setitem(openers, None, openers[None])
    patch.setattr(sys, "meta_path", list(sys.meta_path))
