"""Recognize lines of a notebook that install something.

They are skipped: kernels have all packages that they can have.
"""

from __future__ import annotations

import re

INSTALL = re.compile(
    r"""^(?P<indent>\s*(?:\w+\s*=\s*(?=[!%]))?)
    (?P<command>(?:!{1,2}|%)?\s*
    (?:sudo\s+)?(?:[\w./]*python[\d.]*\s+-m\s+|["']?\{sys\.executable\}["']?\s+-m\s+)?
    (?:pip[\d.]*|conda|mamba|uv(?:\s+pip)?|apt(?:-get)?|brew|npm)
    \s+(?:-\S+\s+)*(?:install|uninstall|update|upgrade|add|remove|download)\b.*)$""",
    re.VERBOSE,
)
"""A line that installs: `!pip`, `%pip`, `!{sys.executable} -m pip`, and a bare `pip install …`."""
