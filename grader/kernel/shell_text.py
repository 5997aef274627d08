"""Read the commands of a shell: which would download, and what runs in their place. Pure.

What downloads or installs is taken out with its redirections, which would empty the file they name.
`true` stands for it, so that what follows `&&` runs.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.kernel.installs import INSTALL

DOWNLOADERS = frozenset(
    {
        "wget",
        "curl",
        "gdown",
        "kaggle",
        "aria2c",
        "axel",
        "gsutil",
        "rclone",
        "scp",
        "sftp",
        "rsync",
        "ngrok",
        "huggingface-cli",
        "hf",
        "dvc",
        "megadl",
        "ftp",
    }
)
"""Programs that need a network."""

SUBCOMMANDS = {
    "git": frozenset({"clone", "pull", "fetch", "push", "lfs", "submodule"}),
    "aws": frozenset({"s3"}),
    "gcloud": frozenset({"storage", "auth"}),
}
"""Programs that need a network for some of what they do."""

MODULES = frozenset({"pip", "wget", "gdown", "kaggle", "conda"})
"""Modules that need a network when they are run by `python -m`."""

PREFIXES = frozenset(
    {
        "sudo",
        "time",
        "nohup",
        "env",
        "command",
        "exec",
        "xargs",
        "if",
        "then",
        "else",
        "elif",
        "while",
        "until",
        "do",
        "!",
        "{",
        "(",
    }
)
"""Words before a command."""

KEYWORDS = re.compile(r"\s*(?:(?:if|then|else|elif|while|until|do|!|\{)\s+|\(\s*)*")
"""Begins a part with what belongs to the shell's language."""

ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")

TRUE = "true"

SEPARATOR = re.compile(r"(&&|\|\||;;?|\n|(?<![>&<])&(?![>&]))")
"""What stands between pipelines."""

QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|\#[^\n]*""", re.DOTALL)
"""What holds no separator: quoted text, an escaped character, a comment."""

HEREDOC = re.compile(r"<<-?\s*['\"]?\w")

Find = Callable[[str], str | None]
"""Finds the file that a path means which is not there."""


@dataclass(frozen=True)
class ShellText:
    """Commands to run, and those that were taken out."""

    text: str
    skipped: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to run."""
        words = set(SEPARATOR.sub(" ", self.text).split())
        return words <= {TRUE}


def without_downloads(text: str, find: Find) -> ShellText:
    """Take what needs a network out of a shell's commands.

    Args:
        text: one command or more.
        find: finds the files that paths in the rest mean, which are put in their place.
    """
    if HEREDOC.search(text):  # its lines are no commands
        return ShellText(text)
    skipped: list[str] = []
    parts: list[str] = []
    for part in _split(text):
        words = _words(part)
        commands = _commands(words)
        if any(map(needs_network, commands)):
            kept, command, closing = _taken_apart(part)
            skipped.append(command)
            parts.append(f"{kept}{_stand_in(words, find)}{closing}")
        else:
            parts.append(_with_paths(part, words, find))
    return ShellText("".join(parts), tuple(skipped))


def _stand_in(words: Sequence[str], find: Find) -> str:
    """Return what runs in place of a pipeline that downloads.

    Where the file is here, it is copied to the name that was asked for, or written to the rest of
    the pipeline.
    """
    first, *others = _commands(words)
    urls = [word for word in first if "://" in word]
    path = find(urls[0]) if urls else None
    if path is None:
        return TRUE
    source = shlex.quote(path)
    target = _target(_without_prefixes(first))
    if target == "-":
        rest = [" ".join(map(shlex.quote, command)) for command in others]
        return " | ".join([f"cat {source}", *rest])
    if target:
        return f"cp -n {source} {shlex.quote(target)}"
    return TRUE


def _target(words: Sequence[str]) -> str:
    """Return the file that a download writes to; `-`: the output; empty: the name in its URL."""
    program = words[0].rpartition("/")[2]
    letter = "o" if program == "curl" else "O"
    option = re.compile(rf"-\w*?{letter}(?P<value>.*)$|--output(-document)?(=(?P<long>.*))?$")
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in (">", ">>"):
            return following
        match = option.match(word)
        if match is not None:
            return match["value"] or match["long"] or following
    if program == "curl" and not any(re.match(r"-\w*O", word) for word in words):
        return "-"
    return ""


def _commands(words: Sequence[str]) -> list[list[str]]:
    """Split the words of a pipeline into its commands."""
    commands: list[list[str]] = [[]]
    for word in words:
        if word in ("|", "|&"):
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def _taken_apart(part: str) -> tuple[str, str, str]:
    """Split a part into what must stay before a command, the command, and what must stay after."""
    match = KEYWORDS.match(part)
    kept = match.group() if match else ""
    rest = part[len(kept) :]
    command = rest.rstrip()
    closing = rest[len(command) :]
    if command.endswith(")") and command.count(")") > command.count("("):
        command = command[:-1]
        closing = f"){closing}"
    return kept, command, closing


def needs_network(words: Sequence[str]) -> bool:
    """Return whether the words of a command download or install something."""
    words = _without_prefixes(words)
    if not words:
        return False
    program = words[0].replace("\\", "/").rpartition("/")[2]
    program = program.removesuffix(".exe")
    rest = [word for word in words[1:] if not word.startswith("-")]

    if program in DOWNLOADERS:
        return program != "rsync" or any(":" in word for word in rest)
    if program in SUBCOMMANDS:
        return bool(SUBCOMMANDS[program].intersection(rest[:1]))
    if program.startswith("python") and "-m" in words[:3]:
        start = words.index("-m") + 1
        module = "".join(words[start : start + 1])
        if module != "pip":
            return module in MODULES

    command = " ".join([program, *words[1:]])
    return INSTALL.match(command) is not None


def _without_prefixes(words: Sequence[str]) -> list[str]:
    remaining = list(words)
    while remaining and (remaining[0] in PREFIXES or ASSIGNMENT.match(remaining[0])):
        remaining.pop(0)
    return remaining


def _split(text: str) -> list[str]:
    """Split commands at their separators, which are kept; quoted text is not looked into."""
    parts: list[str] = [""]
    position = 0
    while position < len(text):
        quoted = QUOTED.match(text, position)
        if quoted and not _is_no_comment(text, position):
            parts[-1] += quoted.group()
            position = quoted.end()
            continue
        separator = SEPARATOR.match(text, position)
        if separator:
            parts += [separator.group(), ""]
            position = separator.end()
            continue
        parts[-1] += text[position]
        position += 1
    return parts


def _is_no_comment(text: str, position: int) -> bool:
    """Return whether a number sign is in the midst of a word."""
    if text[position] != "#" or position == 0:
        return False
    return not text[position - 1].isspace()


def _words(part: str) -> list[str]:
    """Split commands into words, without quotes; signs such as `|` and `>` are words."""
    lexer = shlex.shlex(part, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:  # a quote that is not closed
        return part.split()


def _with_paths(part: str, words: Sequence[str], find: Find) -> str:
    """Put the files that are here in place of the paths that mean them."""
    for word in words[1:]:
        is_path = "/" in word or "\\" in word
        if not is_path or _is_written_to(word, part):
            continue
        path = find(word)
        if path is not None:
            part = _replaced(part, word, path)
    if words[:1] == ["unzip"] and not any(re.match(r"-\w*[on]", word) for word in words):
        part = part.replace("unzip", "unzip -n", 1)  # it would ask whether to replace a file
    return part


def _is_written_to(word: str, part: str) -> bool:
    """Return whether output is redirected to a file."""
    pattern = r">\s*['\"]?" + re.escape(word)
    return re.search(pattern, part) is not None


def _replaced(part: str, word: str, path: str) -> str:
    quoted_path = shlex.quote(path)
    for spelling in (f"'{word}'", f'"{word}"', word.replace(" ", "\\ "), word):
        if spelling in part:
            return part.replace(spelling, quoted_path)
    return part
