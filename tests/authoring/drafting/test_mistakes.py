"""Mistakes that are proposed: which line becomes which."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.mistake_rules import RULES
from grader.authoring.drafting.mistakes import (
    ProposedMistake,
    mistakes_in_time,
    propose_mistakes,
)
from grader.authoring.drafting.solved import DraftCell, DraftLine
from grader.messages import LANGUAGES, word


def changed_lines(source: str, kind: str) -> list[str]:
    """The lines that a kind of mistake makes of those of a cell."""
    cell = DraftCell(
        "code", tuple(DraftLine(line, in_handout=False) for line in source.split("\n"))
    )
    return [
        edit.instead
        for mistake in propose_mistakes([cell], [0])
        if mistake.kind == kind
        for edit in mistake.edits
    ]


@pytest.mark.parametrize(
    ("kind", "source", "line"),
    [
        ("plus-sign", "w = w - lr * w.grad", "w = w + lr * w.grad"),
        ("plus-sign", "w.data -= lr * w.grad", "w.data += lr * w.grad"),
        ("plus-sign", "novo = w - 0.1 * dw", "novo = w + 0.1 * dw"),
        ("zeroed-first", "w = w - lr * w.grad", "w.grad.zero_(); w = w - lr * w.grad"),
        ("zeroed-first", "opt.step()", "opt.zero_grad(); opt.step()"),
        ("gradient-kept", "for i in x:\n    w.grad.zero_()", "pass"),
        ("gradient-kept", "for i in x:\n    w.grad = None", "pass"),
        ("mean-for-sum", "J = (e ** 2).sum()", "J = (e ** 2).mean()"),
        ("mean-for-sum", "J = torch.sum(e, dim=0)", "J = torch.mean(e, dim=0)"),
        ("sum-for-mean", "J = e.mean()", "J = e.sum()"),
        ("sum-for-mean", "J = F.mse_loss(a, b)", "J = F.mse_loss(a, b, reduction='sum')"),
        ("sum-for-mean", "c = nn.MSELoss(reduction='mean')", "c = nn.MSELoss(reduction='sum')"),
        ("no-square", "J = ((a - b) ** 2).mean()", "J = (a - b).mean()"),
        ("no-square", "J = (e ** 2).mean()", "J = e.mean()"),
        ("no-square", "J = e.pow(2).sum()", "J = e.sum()"),
        ("absolute-error", "J = (e ** 2).mean()", "J = (abs(e)).mean()"),
        ("no-transpose", "g = A.T @ r", "g = A @ r"),
        ("elementwise", "y = A @ w", "y = A * w"),
        ("not-divided", "m = x.sum() / len(x)", "m = x.sum()"),
        ("other-axis", "m = x.sum(dim=0)", "m = x.sum(dim=1)"),
        ("minus-left-out", "J = -p.log()", "J = p.log()"),
        ("log-left-out", "J = -p.log()", "J = -p"),
        ("no-bias", "y = w * x + b", "y = (w * x)"),
        ("rate-tenfold", "lr = 0.1", "lr = 1.0"),
        ("rate-tenth", "opt = SGD([w], lr=0.1)", "opt = SGD([w], lr=0.01)"),
        ("rate-tenth", "w = w - 0.1 * w.grad", "w = w - 0.01 * w.grad"),
        ("factor-left-out", "g = 2 * x * e", "g = x * e"),
        ("backward-twice", "J.backward()", "J.backward(retain_graph=True); J.backward()"),
        ("one-pass-less", "for i in range(10):\n    w = w + i", "for i in range(10 - 1):"),
        ("no-gradient", "y = model(x)", "with torch.no_grad(): y = model(x)"),
        ("least-for-most", "k = p.argmax()", "k = p.argmin()"),
    ],
)
def test_a_line_becomes_another(kind, source, line):
    assert [line] == changed_lines(source, kind)


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("plus-sign", "e = y - x * w"),
        ("gradient-kept", "w.grad.zero_()"),
        ("minus-left-out", "x = -3"),
        ("backward-twice", "for i in x:\n    J.backward()"),
        ("not-divided", "h = x / 2"),
        ("rate-tenfold", "threshold = 0.1"),
    ],
)
def test_a_line_stays_where_the_mistake_makes_no_sense(kind, source):
    assert [] == changed_lines(source, kind)


def test_every_place_on_a_line_is_changed():
    assert ["J = a.mean() + b.mean()"] == changed_lines("J = a.sum() + b.sum()", "mean-for-sum")


def test_accents_before_a_place_do_not_move_it():
    assert ["J = f('é').mean() # média"] == changed_lines(
        "J = f('é').sum() # média", "mean-for-sum"
    )


def test_lines_that_students_get_stay_as_they_are():
    cell = DraftCell("code", (DraftLine("J = e.sum()"), DraftLine("K = 2 * e", in_handout=False)))
    assert ["factor-left-out"] == [mistake.kind for mistake in propose_mistakes([cell], [0])]


def test_a_line_that_goes_on_behind_a_backslash_stays_as_it_is():
    assert [] == changed_lines("J = e.sum() \\\n    + 1", "mean-for-sum")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", RULES)
def test_every_kind_has_a_name_and_a_hint_without_numbers(kind, language):
    text = word(f"draft-mistake-{kind}", language) + word(f"draft-hint-{kind}", language)
    assert text
    assert not any(character.isdigit() for character in text)


@pytest.mark.parametrize(("run_s", "count"), [(0.0, 30), (5.0, 12), (15.0, 4)])
def test_of_a_long_notebook_fewer_mistakes_are_tried(run_s, count):
    proposed = [ProposedMistake(f"mistake-{number}", ()) for number in range(30)]
    assert proposed[:count] == mistakes_in_time(proposed, run_s)
