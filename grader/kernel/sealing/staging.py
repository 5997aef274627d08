"""Drop root privileges, then run bubblewrap. A separate program, for a grader that runs as root.

SECURITY: root outside of a sandbox is root to the operating system inside it too, and owns the
files in /proc/sys. Paths that the ordinary user cannot reach, such as an interpreter below root's
home, are bound to a directory of ours first.
"""

from __future__ import annotations

import json
import os
import sys

from grader.kernel.sealing import seal

STAGE = "/mnt"
"""Directory that the staged paths are bound into."""


def main() -> None:
    """Read `{"user": …, "staged": [paths], "command": […]}` from the first argument.

    Become the user, then the command. In the command `{stage}/N` stands for the N-th staged path.
    """
    request = json.loads(sys.argv[1])

    seal.new_mounts()
    seal.keep_mounts_to_oneself()
    flags = seal.NO_SUID | seal.NO_DEVICES
    seal.mount("tmpfs", STAGE, "tmpfs", flags, "mode=755")
    for number, path in enumerate(request["staged"]):
        target = f"{STAGE}/{number}"
        _bind(path, target)

    command: list[str] = []
    for part in request["command"]:
        argument = part.replace("{stage}", STAGE)
        command.append(argument)
    _become(request["user"])
    program = command[0]
    os.execvp(program, command)


def _bind(path: str, target: str) -> None:
    """Bind a file or directory to another path."""
    if os.path.isdir(path):  # noqa: PTH112 - nothing but the standard library's cheapest here
        os.mkdir(target)  # noqa: PTH102
    else:
        descriptor = os.open(target, os.O_CREAT | os.O_WRONLY)
        os.close(descriptor)

    flags = seal.BIND | seal.RECURSIVE
    seal.mount(path, target, flags=flags)


def _become(user: int) -> None:
    """Become this user for good, and a member of its group only."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


if __name__ == "__main__":
    main()
