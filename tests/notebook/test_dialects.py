"""Cells as other tools write them."""

from __future__ import annotations

import pytest

from grader.notebook.cells import NotebookCell
from grader.notebook.dialects import split_cell


def split(source: str) -> list[tuple[str, str]]:
    cells = split_cell(NotebookCell(kind="code", source=source))
    return [(cell.kind, cell.source) for cell in cells]


@pytest.mark.parametrize("magic", ["%md", "%md-sandbox", "%%markdown", "%%md", " %md"])
def test_a_cell_with_a_magic_for_markdown_is_markdown(magic):
    assert [("markdown", "# Title\ntext")] == split(f"{magic}\n# Title\ntext")


def test_the_text_may_stand_in_the_magics_line():
    assert [("markdown", "## Title")] == split("%md ## Title")


@pytest.mark.parametrize("source", ["%mdx", "%matplotlib inline", "x % md", "%%mdx\n1"])
def test_another_magic_stays_code(source):
    assert [("code", source)] == split(source)


@pytest.mark.parametrize(
    "title", ["# %% [markdown]", "#%% [md]", "#%% md", "# %% Title [markdown]", "# <markdowncell>"]
)
def test_a_script_in_one_cell_becomes_its_cells(title):
    code = "# <codecell>" if "<" in title else "# %%"
    script = f"{title}\n# # Heading\n#\n# text\n\n{code}\nx = 1\n\n{code}\ny = x"
    assert [
        ("markdown", "# Heading\n\ntext"),
        ("code", "x = 1"),
        ("code", "y = x"),
    ] == split(script)


def test_markdown_may_stand_there_as_a_string():
    script = 'x = 1\n# %% [markdown]\n"""\n## Heading\n"""\n# %%\ny = 1'
    assert [("code", "x = 1"), ("markdown", "## Heading"), ("code", "y = 1")] == split(script)


def test_the_source_of_a_databricks_notebook_becomes_its_cells():
    script = (
        "# Databricks notebook source\n# MAGIC %md\n# MAGIC ## Heading\n"
        "# COMMAND ----------\nx = 1\n# COMMAND ----------\n# MAGIC %sh ls"
    )
    assert [
        ("markdown", "## Heading"),
        ("code", "x = 1"),
        ("code", "# MAGIC %sh ls"),
    ] == split(script)


def test_a_script_with_magics_is_split_too():
    script = "%matplotlib inline\n# %% [markdown]\n# text\n# %%\nx = 1"
    assert ["code", "markdown", "code"] == [kind for kind, _ in split(script)]


@pytest.mark.parametrize(
    "source",
    [
        "# %%\nx = 1\n# %%\ny = 1",
        'text = """\n# %% [markdown]\n# x\n# %%\n"""\nx = 1',
        "for i in range(3):\n    pass\n# no marker",
    ],
)
def test_ordinary_code_stays_one_cell(source):
    assert [("code", source)] == split(source)


def test_markdown_stays_as_it_is():
    cell = NotebookCell(kind="markdown", source="%md\n# %% [markdown]")
    assert (cell,) == split_cell(cell)
