"""Write all courses as files: `python -m tests.support.course_shapes FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.course_shapes import COURSES, lay_out

for taught in COURSES:
    print(lay_out(Path(sys.argv[1]), taught))
