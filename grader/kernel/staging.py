"""Becomes an ordinary user, then runs bubblewrap. A program of its own, used where the grader runs as root.

SECURITY: root outside a sandbox is root to the kernel inside it too, and owns what is in /proc/sys. What the ordinary
user could not reach, such as an interpreter below root's home, is bound to a directory of ours while we still may.
"""

from __future__ import annotations

import json
import os
import sys

from grader.kernel import seal

STAGE = "/mnt"


def main() -> None:
    """Read `{"user": …, "staged": [paths], "command": […]}` from the first argument and become the command.

    In the command `{stage}/N` stands for the N-th staged path.
    """
    asked = json.loads(sys.argv[1])
    seal.new_mounts()
    seal.keep_mounts_to_oneself()
    seal.mount("tmpfs", STAGE, "tmpfs", seal.NO_SUID | seal.NO_DEVICES, "mode=755")
    for number, path in enumerate(asked["staged"]):
        target = f"{STAGE}/{number}"
        if os.path.isdir(path):  # noqa: PTH112 - nothing but the standard library's cheapest here
            os.mkdir(target)  # noqa: PTH102
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        seal.mount(path, target, flags=seal.BIND | seal.RECURSIVE)
    os.setgroups([])
    os.setresgid(asked["user"], asked["user"], asked["user"])
    os.setresuid(asked["user"], asked["user"], asked["user"])
    command = [part.replace("{stage}", STAGE) for part in asked["command"]]
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
