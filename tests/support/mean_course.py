"""Write a course of one small assignment, `media`, that needs no torch in a student's kernel."""

from __future__ import annotations

from pathlib import Path

from tests.support.courses import Course, write_course

MEAN_DATA = "dados = [2.0, 4.5, 7.25, 1.0]"
MEAN_STEP = "media = sum(dados) / len(dados)"
SPREAD_STEP = "amplitude = max(dados) - media"

MEAN = "3.6875"
SPREAD = "3.5625"
"""The answers, in figures that stand nowhere else."""

RIGHT_CELLS = (MEAN_DATA, MEAN_STEP, SPREAD_STEP)
"""A notebook that is right."""

_FILES = {
    "exercises/media/assignment.toml": """
        title = "Média e amplitude"
        language = "pt"
        handout = "media.ipynb"

        [run]
        cell_timeout_s = 10

        [[exercises]]
        id = "mean"
        title = "Média"
        points = 2
        check = "value"

        [[exercises]]
        id = "spread"
        title = "Do maior à média"
        points = 3
        check = "value"

        [[exercises]]
        id = "why"
        title = "Por quê"
        points = 1
        check = "text"
        question = "Por que a média muda com um único dado"
        """,
    "solutions/media/variants.toml": """
        [[inputs]]
        name = "dados"
        from = "dados"
        variants = ["[1., 3., 2., 7.]", "[.37, 1.19, 2.53, 8.41]"]
        practice = ["[2., 5., 1., 6.]", "[.53, 1.71, 2.29, 7.13]"]
        """,
    "solutions/media/mistakes.toml": """
        [mistakes.sum-only]
        name = { pt = "soma em vez de média", en = "sum instead of mean" }
        hint = { pt = "Falta dividir pelo número de dados.", en = "Divide by how many there are." }
        credit = { mean = 0.5 }

        [mistakes.from-the-least]
        name = { pt = "a partir do menor", en = "from the least" }
        hint = { pt = "Aqui se mede até a média.", en = "Measure to the mean here." }
        credit = {}
        """,
}
_HANDOUT = (
    "#!# Média e amplitude",
    MEAN_DATA,
    "#!Calcule a média dos dados, e quanto o maior deles passa dela.",
    "# Sua vez: a média",
    "#!**Por que a média muda com um único dado?**",
)
_REFERENCE = (
    MEAN_DATA,
    f"{MEAN_STEP}  # wrong(sum-only): media = sum(dados)\n# grade: mean = media",
    f"{SPREAD_STEP}  # wrong(from-the-least): amplitude = max(dados) - min(dados)\n"
    "# grade: spread = amplitude",
)


def write_mean_course(folder: Path) -> Course:
    """Write the exercises and solutions of the assignment `media`."""
    return write_course(folder, "media", _FILES, _HANDOUT, _REFERENCE)
