"""Solved notebooks and handouts in the shapes that well-known courses have, all made up.

`python -m tests.support.course_shapes FOLDER` writes them as files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.support.course_shapes import (
    arabic_sheet,
    assert_cells,
    bandits,
    checked_steps,
    chinese_lab,
    colab_quiz,
    completer,
    d2l,
    deeplearning_ai,
    drill_camp,
    fastai,
    fill_the_blanks,
    french,
    german_sheet,
    hashed_checks,
    helper_package,
    italian_lab,
    japanese_knocks,
    jupyter_book,
    korean_practice,
    languages,
    lettered_homework,
    list_of_tasks,
    loaded_solutions,
    michigan,
    mit,
    nbgrader_demo,
    neuromatch,
    otter_demo,
    own_courses,
    polish_tasks,
    practice_boxes,
    questions_in_text,
    rays,
    rnap,
    school_of_data,
    shown_functions,
    stanford,
    starred_tasks,
    stars,
    tasks_in_comments,
    tensor_drills,
    try_it_out,
    udacity,
    upc,
    word_windows,
    zero_to_mastery,
)
from tests.support.course_shapes.shape import VERSIONS, TaughtCourse

COURSES: Sequence[TaughtCourse] = (
    udacity.COURSE,
    zero_to_mastery.TENSORS,
    zero_to_mastery.WORKFLOW,
    michigan.COURSE,
    stanford.COURSE,
    neuromatch.COURSE,
    mit.COURSE,
    deeplearning_ai.COURSE,
    upc.COURSE,
    rnap.COURSE,
    fastai.COURSE,
    d2l.COURSE,
    nbgrader_demo.COURSE,
    otter_demo.COURSE,
    french.COURSE,
    languages.GERMAN,
    languages.GREEK,
    own_courses.DATA_FILE,
    own_courses.CONFUSION,
    own_courses.SHAPES,
    own_courses.LONG_TRAINING,
    school_of_data.COURSE,
    fill_the_blanks.COURSE,
    practice_boxes.COURSE,
    word_windows.COURSE,
    rays.COURSE,
    tensor_drills.COURSE,
    bandits.COURSE,
    completer.COURSE,
    drill_camp.COURSE,
    try_it_out.COURSE,
    stars.COURSE,
    lettered_homework.COURSE,
    chinese_lab.COURSE,
    assert_cells.COURSE,
    helper_package.COURSE,
    japanese_knocks.COURSE,
    checked_steps.COURSE,
    arabic_sheet.COURSE,
    questions_in_text.COURSE,
    tasks_in_comments.COURSE,
    jupyter_book.COURSE,
    colab_quiz.COURSE,
    loaded_solutions.COURSE,
    hashed_checks.COURSE,
    italian_lab.COURSE,
    polish_tasks.COURSE,
    korean_practice.COURSE,
    german_sheet.COURSE,
    list_of_tasks.COURSE,
    starred_tasks.COURSE,
)

BESIDE_HANDOUT: Sequence[TaughtCourse] = (shown_functions.COURSE,)
"""Courses of which only the handout tells the answers: they are not read alone."""


def lay_out(folder: Path, course: TaughtCourse) -> Path:
    """Write the notebooks and the data files of a course, into a folder of its name.

    Returns:
        the folder, with `solved.ipynb`, `handout.ipynb`, `other.ipynb` and `typed.ipynb`.
    """
    target = folder / course.name
    target.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        notebook = json.dumps(course.notebook(version), indent=1, ensure_ascii=False)
        (target / f"{version}.ipynb").write_text(notebook, "utf-8")
    for name, content in course.files.items():
        (target / name).write_text(content, "utf-8")
    return target
