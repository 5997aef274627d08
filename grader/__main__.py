"""Run the program `grade`, which is the same as `python -m grader`."""

from __future__ import annotations

import io
import signal
import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C; see `grader.cli.exit`."""


def main() -> None:
    """Run the command line; a character that the terminal cannot show never ends a run."""
    try:
        # The imports take a second, in which somebody may press Ctrl-C, too.
        from grader.cli import stand_ins
        from grader.cli.main import cli

        stand_ins.register()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=stand_ins.ERRORS)
        cli(prog_name="grade")
    except KeyboardInterrupt:
        _ignore_interrupts()
        sys.stderr.write("grade: Interrupted.\n")
        sys.exit(INTERRUPTED)
    finally:
        _ignore_interrupts()


def _ignore_interrupts() -> None:
    """Ignore a second Ctrl-C at exit, so that it changes neither output nor exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
