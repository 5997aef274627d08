"""Run the program `grade`, which is the same as `python -m grader`."""

from __future__ import annotations

import io
import sys

from grader.cli.main import cli


def main() -> None:
    """Run the command line; a character the terminal cannot show never ends a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    cli(prog_name="grade")


if __name__ == "__main__":
    main()
