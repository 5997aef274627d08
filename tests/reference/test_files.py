"""Faults in `solutions/<name>/`: one line each that names the file and says what to do."""

from __future__ import annotations

import pytest

from grader.assignment import load_assignment
from grader.errors import AssignmentError
from grader.reference.files import ReferenceFiles
from tests.support.courses import Course

NOTEBOOK = "solutions/media/media.ipynb"
VARIANTS = "solutions/media/variants.toml"
MISTAKES = "solutions/media/mistakes.toml"
HALF_SUM = """
[mistakes.half-sum]
name = { es = "la mitad" }
hint = { es = "Suma todo.", en = "Sum up everything." }

[mistakes.sum-only]"""


def solution(course: Course) -> ReferenceFiles:
    return ReferenceFiles(load_assignment(course.exercises / "media"), course.solutions / "media")


def refusal(course: Course, file: str) -> str:
    """The line that refuses a solution, without the path it begins with."""
    with pytest.raises(AssignmentError) as caught:
        solution(course)
    assert "\n" not in str(caught.value)
    assert 3 == caught.value.exit_code
    assert course.folder / file == caught.value.where
    return str(caught.value).removeprefix(f"{course.folder / file}: ")


def test_a_solution_that_is_right_is_read(course: Course) -> None:
    assert ["sum-only", "from-the-least"] == list(solution(course).mistakes)


def test_a_solution_without_its_notebook_is_refused(course: Course) -> None:
    (course.folder / NOTEBOOK).unlink()
    assert refusal(course, NOTEBOOK).startswith("there is no such notebook.")


def test_a_solution_whose_notebook_is_not_json_is_refused(course: Course) -> None:
    (course.folder / NOTEBOOK).write_text("<<<<<<< HEAD", "utf-8")
    assert refusal(course, NOTEBOOK).startswith("this is not a notebook of format 4")


def test_a_reference_that_lacks_a_marker_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "# grade: spread = amplitude", "")
    assert "no line '# grade: spread = …' marks the answer of exercise spread." in refusal(
        course, NOTEBOOK
    )


def test_a_marker_of_no_exercise_is_refused(course: Course) -> None:
    course.edit(
        NOTEBOOK,
        "# grade: spread = amplitude",
        "# grade: spread = amplitude\\n# grade: spraed = amplitude",
    )
    assert "'spraed' names no exercise" in refusal(course, NOTEBOOK)


def test_a_marker_of_an_exercise_that_a_person_grades_is_refused(course: Course) -> None:
    course.edit(
        NOTEBOOK,
        "# grade: spread = amplitude",
        "# grade: spread = amplitude\\n# grade: why = amplitude",
    )
    assert "'why' names no exercise that is graded automatically" in refusal(course, NOTEBOOK)


def test_a_mistake_without_a_hint_is_refused(course: Course) -> None:
    course.edit(
        MISTAKES,
        'hint = { pt = "Aqui se mede até a média.", en = "Measure to the mean here." }\n',
        "",
    )
    assert "mistakes.from-the-least.hint: this field is missing." == refusal(course, MISTAKES)


def test_a_mistake_that_stands_in_the_reference_alone_is_refused(course: Course) -> None:
    course.edit(MISTAKES, "[mistakes.from-the-least]", "[mistakes.from-the-last]")
    assert "'# wrong(from-the-least)' stands in the reference, but not here." in refusal(
        course, MISTAKES
    )


def test_a_mistake_that_credits_no_exercise_is_refused(course: Course) -> None:
    course.edit(MISTAKES, "{ mean = 0.5 }", "{ maen = 0.5 }")
    assert "mistakes.sum-only.credit: there is no exercise maen." in refusal(course, MISTAKES)


def test_a_file_that_is_not_toml_is_refused(course: Course) -> None:
    course.edit(VARIANTS, "[[inputs]]", "[[inputs]")
    assert refusal(course, VARIANTS).startswith("this is not TOML: ")


def test_a_word_that_nothing_reads_is_refused(course: Course) -> None:
    course.edit(VARIANTS, 'from = "dados"', 'form = "dados"')
    assert "inputs.dados.form: there is no such field. Did you mean 'from'?" == refusal(
        course, VARIANTS
    )


def test_an_input_without_variants_is_refused(course: Course) -> None:
    course.edit(
        VARIANTS, 'variants = ["[1., 3., 2., 7.]", "[.37, 1.19, 2.53, 8.41]"]', "variants = []"
    )
    assert "input dados needs either 'draw' or 'variants'" in refusal(course, VARIANTS)


def test_a_mistake_that_edits_nothing_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "# wrong(from-the-least): ", "# ")
    with pytest.raises(AssignmentError, match="mistake from-the-least edits nothing"):
        solution(course).mistaken("from-the-least")


def test_a_mistake_whose_text_is_not_there_is_refused(course: Course) -> None:
    course.edit(NOTEBOOK, "# wrong(from-the-least): ", "# ")
    edits = 'edits = [{ find = "max(dadas)", replace = "min(dados)" }]\ncredit = {}'
    path = course.folder / MISTAKES
    head, tail = path.read_text("utf-8").split("[mistakes.from-the-least]")
    path.write_text(
        head + "[mistakes.from-the-least]" + tail.replace("credit = {}", edits), "utf-8"
    )
    with pytest.raises(AssignmentError, match="from-the-least"):
        solution(course).mistaken("from-the-least")


def test_a_mistake_puts_its_line_in_place_of_its_own(course: Course) -> None:
    changed = [cell.code for cell in solution(course).mistaken("sum-only")]
    assert "media = sum(dados)" in changed[1]
    assert "/ len(dados)" not in changed[1]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (NOTEBOOK, "= sum(dados) / len(dados)  #", "= sum(dados) / 4  #"),
        (VARIANTS, "[1., 3., 2., 7.]", "[1., 3., 2., 6.]"),
        ("exercises/media/assignment.toml", "cell_timeout_s = 10", "cell_timeout_s = 11"),
        ("exercises/media/assignment.toml", 'title = "Média"', 'title = "Média"\nrtol = 0.01'),
    ],
)
def test_expectations_have_another_version_after_a_change_of(
    course: Course, file: str, old: str, new: str
) -> None:
    before = solution(course)
    course.edit(file, old, new)
    after = solution(course)
    assert before.version != after.version
    changed = [path for path, part in after.parts.items() if part != before.parts[path]]
    assert [file] == changed


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (MISTAKES, "{ mean = 0.5 }", "{ mean = 0.25 }"),
        (MISTAKES, "Falta dividir", "Divida"),
        ("exercises/media/assignment.toml", "points = 3", "points = 4"),
        ("exercises/media/assignment.toml", 'title = "Média"', 'title = "A média"'),
    ],
)
def test_expectations_keep_their_version_after_a_change_of(
    course: Course, file: str, old: str, new: str
) -> None:
    before = solution(course)
    course.edit(file, old, new)
    after = solution(course)
    assert before.version == after.version
    assert before.mistakes_version == after.mistakes_version
    assert before.parts == after.parts


def test_mistakes_that_change_different_lines_can_stand_together(course: Course) -> None:
    whole = solution(course)
    assert [("sum-only", "from-the-least")] == whole.combinations(["from-the-least", "sum-only"])
    code = [cell.code for cell in whole.mistaken("sum-only", "from-the-least")]
    assert ["media = sum(dados)", "amplitude = max(dados) - min(dados)"] == code[1:]


def test_mistakes_that_change_the_same_line_cannot(course: Course) -> None:
    course.edit(NOTEBOOK, "# wrong(from-the-least): amplitude = max(dados) - min(dados)", "")
    course.edit(
        NOTEBOOK,
        "media = sum(dados)\\n",
        "media = sum(dados)\\n# wrong(from-the-least): media = 0\\n",
    )
    assert [] == solution(course).combinations(["sum-only", "from-the-least"])


def test_a_text_about_a_place_that_speaks_of_something_else_is_refused(course: Course) -> None:
    course.edit(
        MISTAKES,
        "credit = { mean = 0.5 }",
        'credit = { mean = 0.5 }\nhappened = { mean = { en = "{value}" } }',
    )
    assert "{value} is not known: write {line}, {name} or {heading}" in refusal(course, MISTAKES)


def test_a_waiver_without_a_reason_is_refused(course: Course) -> None:
    waived = '[[waived]]\nfind = "n = 2"\nbecomes = "n = 3"\n\n'
    course.edit(MISTAKES, "[mistakes.sum-only]", f"{waived}[mistakes.sum-only]")
    assert "reason" in refusal(course, MISTAKES)


def test_a_waiver_changes_nothing_that_was_computed(course: Course) -> None:
    before = solution(course).mistakes_version
    waived = '[[waived]]\nfind = "n = 2"\nbecomes = "n = 3"\nreason = "Any n will do."\n\n'
    course.edit(MISTAKES, "[mistakes.sum-only]", f"{waived}[mistakes.sum-only]")
    after = solution(course)
    assert before == after.mistakes_version
    assert ["n = 3"] == [waiver.becomes for waiver in after.waived]


# Texts by language


def test_texts_begin_with_what_stands_in_for_one_that_is_missing(course: Course) -> None:
    (course.folder / GUIDES).write_text(
        '[why]\nes = "Habla de la suma."\nen = "Speaks of the sum."\npt = "Fala da soma."\n',
        "utf-8",
    )
    assert ["pt", "en", "es"] == [*solution(course).guides["why"].guide]


def test_a_mistake_may_be_worded_in_spanish(course: Course) -> None:
    course.edit(MISTAKES, "[mistakes.sum-only]", HALF_SUM)
    mistake = solution(course).mistakes["half-sum"]
    assert ("la mitad", ["en", "es"]) == (mistake.name["es"], [*mistake.hint])


# Guides


GUIDES = "solutions/media/guides.toml"


def test_a_guide_says_what_earns_the_points_of_an_answer(course: Course) -> None:
    (course.folder / GUIDES).write_text('[why]\npt = "Fala da soma."\n', "utf-8")
    assert {"pt": "Fala da soma."} == solution(course).guides["why"].guide


def test_a_guide_has_items_to_give(course: Course) -> None:
    (course.folder / GUIDES).write_text(
        '[why]\npt = "Fala da soma."\nitems = [{ id = "sum", points = 0.5, text = "A soma." }]\n',
        "utf-8",
    )
    table = solution(course).guides["why"]
    assert ("Fala da soma.", [("sum", 0.5, "A soma.")]) == (
        table.guide["pt"],
        [(item.id, item.points, item.text) for item in table.items],
    )


def test_a_solution_needs_no_guides(course: Course) -> None:
    assert {} == solution(course).guides


@pytest.mark.parametrize(
    ("guides", "problem"),
    [
        ('[wyh]\npt = "Fala da soma."', "there is no exercise wyh. Correct its name."),
        ('[mean]\npt = "Fala da soma."', "nobody reads the answer of mean. Remove its guide."),
        ('why = "Fala da soma."', "why: a guide is a table with a text per language."),
        (
            '[[why.items]]\nid = "a"\ntext = "A"\npoints = 1\n' * 2,
            "why: two items have the id a.",
        ),
        (
            '[[why.items]]\nid = "a"\ntxt = "A"',
            "why.items.a.txt: there is no such field. Did you mean 'text'?",
        ),
    ],
)
def test_a_guide_of_nothing_is_refused(course: Course, guides: str, problem: str) -> None:
    (course.folder / GUIDES).write_text(guides, "utf-8")
    assert problem == refusal(course, GUIDES)
