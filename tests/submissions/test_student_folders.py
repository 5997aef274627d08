"""Which folders are one student's each, where nothing but their contents says so."""

from __future__ import annotations

from grader.submissions.student_folders import folders_of_students


def students(*paths: str) -> list[str]:
    return [
        "/".join(parts) for parts in folders_of_students([tuple(path.split("/")) for path in paths])
    ]


def test_folders_with_a_notebook_each_are_students():
    assert ["ana", "bruno"] == students("ana/one.ipynb", "ana/data.csv", "bruno/other.ipynb")


def test_a_folder_without_a_notebook_beside_them_is_a_students_too():
    assert ["ana", "bruno", "caio"] == students("ana/hw.ipynb", "bruno/hw.ipynb", "caio/hw.pdf")


def test_folders_in_which_a_notebook_of_the_same_name_lies_are_students_whatever_else_does():
    assert ["ana", "bruno"] == students(
        "ana/hw.ipynb", "ana/try.ipynb", "bruno/hw.ipynb", "bruno/old.ipynb"
    )


def test_folders_of_many_notebooks_of_other_names_are_nobodys():
    assert [] == students("week1/a.ipynb", "week1/b.ipynb", "week2/c.ipynb", "week2/d.ipynb")


def test_notebooks_side_by_side_are_in_no_students_folder():
    assert [] == students("ana.ipynb", "bruno.ipynb")


def test_a_single_folder_that_holds_everything_is_looked_into():
    assert ["class/ana", "class/bruno"] == students("class/ana/hw.ipynb", "class/bruno/hw.ipynb")


def test_folders_that_hold_students_folders_are_sections():
    paths = (
        f"{section}/{name}/{name}.ipynb"
        for section, name in (("a", "x"), ("a", "y"), ("b", "z"), ("b", "w"))
    )
    assert ["a/x", "a/y", "b/z", "b/w"] == students(*paths)


def test_a_folder_per_assignment_in_each_is_one_students():
    assert ["ana", "bruno"] == students(
        "ana/hw1/a.ipynb", "ana/hw2/b.ipynb", "bruno/hw1/a.ipynb", "bruno/hw2/b.ipynb"
    )


def test_of_nothing_there_are_no_students():
    assert [] == students()


def test_a_folder_with_two_notebooks_beside_one_with_a_single_one_is_a_students():
    assert ["ana", "bia"] == students("ana/one.ipynb", "ana/two.ipynb", "bia/work.ipynb")
