"""The command line: one module per command, its options, consent and exit codes.

Entry points: `main.cli` (the group of commands) and `in_notebook.check_here` (`check()` in a
notebook). Must not import torch or Jupyter at its start: `grade --help` has to be quick. Heavy
modules are imported by the function that needs them.
"""

__all__ = [
    "in_notebook",
    "main",
]
