"""Parse shell commands, and replace those that would download. Pure.

Commands that download or install are removed with their redirections, which would empty a file.
`true` replaces them, so that commands after `&&` run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.kernel.portability.installs import INSTALL

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
"""Programs that need a network for some subcommands."""

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
"""Matches keywords of the shell at the beginning of a part."""

ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")

TRUE = "true"

SEPARATOR = re.compile(r"(&&|\|\||;;?|\n|(?<![>&<])&(?![>&]))")
"""Separators between pipelines."""

QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|\#[^\n]*""", re.DOTALL)
"""Text without separators: quoted text, an escaped character, a comment."""

HEREDOC = re.compile(r"<<-?\s*['\"]?\w")

Find = Callable[[str], str | None]
"""Finds the file that a path means which is not there."""


@dataclass(frozen=True)
class ShellText:
    """Commands to run, and those that were removed."""

    text: str
    skipped: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to run."""
        commands = SEPARATOR.sub(" ", self.text)
        words = set(commands.split())
        return words <= {TRUE}


def without_downloads(text: str, find: Find) -> ShellText:
    """Remove commands that need a network.

    Args:
        text: one command or more.
        find: finds the files that paths in the other commands refer to; the paths are replaced by
            them.
    """
    if HEREDOC.search(text):  # its lines are no commands
        return ShellText(text)
    skipped: list[str] = []
    parts: list[str] = []
    for part in _split_commands(text):
        words = _words(part)
        commands = _commands(words)
        if any(map(needs_network, commands)):
            kept, command, closing = _split_around_command(part)
            skipped.append(command)
            stand_in = _stand_in(commands, find)
            part_to_run = f"{kept}{stand_in}{closing}"
        else:
            part_to_run = _with_paths(part, words, find)
        parts.append(part_to_run)
    joined = "".join(parts)
    return ShellText(joined, tuple(skipped))


def _stand_in(commands: Sequence[Sequence[str]], find: Find) -> str:
    """Return the replacement for a pipeline that downloads.

    Where the file is here, it is copied to the name that was asked for, or written to the rest of
    the pipeline.
    """
    first, *others = commands
    urls = [word for word in first if "://" in word]
    if not urls:
        return TRUE
    path = find(urls[0])
    if path is None:
        return TRUE

    source = shlex.quote(path)
    download = _without_prefixes(first)
    target = _target(download)
    if target == "-":
        reading = f"cat {source}"
        rest = map(shlex.join, others)
        return " | ".join([reading, *rest])
    if target:
        quoted_target = shlex.quote(target)
        return f"cp -n {source} {quoted_target}"
    return TRUE


def _target(words: Sequence[str]) -> str:
    """Return the file that a download writes to; `-` for the output; empty for the URL's name."""
    _, _, program = words[0].rpartition("/")
    is_curl = program == "curl"
    letter = "o" if is_curl else "O"
    option = re.compile(rf"-\w*?{letter}(?P<value>.*)$|--output(-document)?(=(?P<long>.*))?$")
    _, *following_words = words
    following_words.append("")
    for word, following in zip(words, following_words, strict=True):
        if word in (">", ">>"):
            return following
        match = option.match(word)
        if match is not None:
            return match["value"] or match["long"] or following

    if is_curl and not _has_flag(words, "O"):
        return "-"
    return ""


def _has_flag(words: Sequence[str], letters: str) -> bool:
    """Return whether words of a command are short options that include some letters."""
    flag = re.compile(rf"-\w*[{letters}]")
    return any(map(flag.match, words))


def _commands(words: Sequence[str]) -> list[list[str]]:
    """Split the words of a pipeline into its commands."""
    command: list[str] = []
    commands = [command]
    for word in words:
        if word in ("|", "|&"):
            command = []
            commands.append(command)
        else:
            command.append(word)
    return commands


def _split_around_command(part: str) -> tuple[str, str, str]:
    """Split a part into the text before a command, the command, and the text after."""
    begin = 0
    match = KEYWORDS.match(part)
    if match is not None:
        begin = match.end()
    command = part[begin:].rstrip()
    end = begin + len(command)
    opened = command.count("(")
    closed = command.count(")")
    if command.endswith(")") and closed > opened:
        end -= 1
    return part[:begin], part[begin:end], part[end:]


def needs_network(words: Sequence[str]) -> bool:
    """Return whether a command downloads or installs something."""
    words = _without_prefixes(words)
    if not words:
        return False
    first, *arguments = words
    program = _program_of(first)
    rest = [word for word in arguments if not word.startswith("-")]

    if program == "rsync":
        return any(":" in word for word in rest)
    if program in DOWNLOADERS:
        return True
    subcommands = SUBCOMMANDS.get(program)
    if subcommands is not None:
        return not subcommands.isdisjoint(rest[:1])
    if program.startswith("python") and "-m" in arguments[:2]:
        module = _module_of(arguments)
        if module != "pip":
            return module in MODULES

    command = " ".join([program, *arguments])
    return INSTALL.match(command) is not None


def _program_of(word: str) -> str:
    """Return the name of a program that a command gives by its path."""
    path = word.replace("\\", "/")
    _, _, name = path.rpartition("/")
    return name.removesuffix(".exe")


def _module_of(arguments: Sequence[str]) -> str:
    """Return the module that Python runs by `-m`; empty if there is none."""
    option = arguments.index("-m")
    behind = arguments[option + 1 :]
    if not behind:
        return ""
    return behind[0]


def _without_prefixes(words: Sequence[str]) -> list[str]:
    for index, word in enumerate(words):
        if word in PREFIXES or ASSIGNMENT.match(word):
            continue
        return list(words[index:])
    return []


def _split_commands(text: str) -> list[str]:
    """Split commands at their separators, which are kept; quoted text is skipped."""
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
            sign = separator.group()
            parts += [sign, ""]
            position = separator.end()
            continue
        parts[-1] += text[position]
        position += 1
    return parts


def _is_no_comment(text: str, position: int) -> bool:
    """Return whether a number sign is inside a word."""
    if position == 0:
        return False
    before = text[position - 1]
    return text[position] == "#" and not before.isspace()


def _words(part: str) -> list[str]:
    """Split commands into words, without quotes; signs such as `|` and `>` are words."""
    lexer = shlex.shlex(part, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:  # a quote that is not closed
        return part.split()


def _with_paths(part: str, words: Sequence[str], find: Find) -> str:
    """Replace paths by those of the local files that they refer to."""
    for word in words[1:]:
        is_path = "/" in word or "\\" in word
        if not is_path:
            continue
        if _is_written_to(word, part):
            continue
        path = find(word)
        if path is not None:
            part = _replace_word(part, word, path)

    is_unzip = words[:1] == ["unzip"]
    if is_unzip and not _has_flag(words, "on"):
        part = part.replace("unzip", "unzip -n", 1)  # it would ask whether to replace a file
    return part


def _is_written_to(word: str, part: str) -> bool:
    """Return whether output is redirected to a file."""
    escaped = re.escape(word)
    pattern = rf">\s*['\"]?{escaped}"
    return re.search(pattern, part) is not None


def _replace_word(part: str, word: str, path: str) -> str:
    quoted_path = shlex.quote(path)
    in_quotes = f"'{word}'"
    in_double_quotes = f'"{word}"'
    escaped = word.replace(" ", "\\ ")
    for spelling in (in_quotes, in_double_quotes, escaped, word):
        if spelling in part:
            return part.replace(spelling, quoted_path)
    return part
