"""What the terminal shows: the class at several widths, one student for two readers."""

from __future__ import annotations

import io
import math
import unicodedata

import pytest
from rich.console import Console

from grader.authoring.validation.findings import Margin, ValidationFinding
from grader.authoring.validation.view import validation_view
from grader.outputs.safe_text import plain
from grader.outputs.terminal.regrade import regrade_view
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import class_table, make_console
from grader.report import Execution, Message
from tests.support.reports import (
    NOTE,
    ZEROED,
    exercise,
    not_graded,
    report,
    submission,
    typed_in,
    unsealed,
    zeroed,
)

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m[bold red]A[/]\u202egnp\u2066\x00\r\n:smile:\ud800"


def shown(renderable, width=100, **console):
    out = io.StringIO()
    Console(file=out, width=width, markup=False, highlight=False, **console).print(renderable)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def table(width=100, language="pt"):
    return shown(class_table(report(), language), width).split("\n\n")[0]


def margin(exercise_id, *, spread=0.0347, nearest="lr-001", distance=1234.5):
    return Margin(
        exercise=exercise_id,
        rtol=1e-4,
        atol=1e-6,
        spread=spread,
        nearest=nearest,
        distance=distance,
    )


GOLDEN = """\
PyTorch: Variable, gradientes e grafo computacional
                                  gradient-  loss-     resnet18-
aluno             pontos  w-grad  step       decrease  graph      perguntas  observações
────────────────────────────────────────────────────────────────────────────────────────────────────
Ana Exemplo       10/12   ✓ 2     ✓ 3        ✓ 2       ✓ 3        2 a ler
Gabriela Exemplo  7/12    ✓ 2     ◐ 1,5      ◐ 0,5     ✓ 3        1 a ler    gradiente zerado antes
                                                                             do passo
João Exemplo      7/12    ✓ 2     ✓ 3        ✓ 2       ✗ 0        2 a ler    36 convoluções, não 20
Lucas Exemplo     7/12    ✓ 2     ✗ 0        ✓ 2       ✓ 3        2 a ler    não segue os dados
Marina Exemplo    5/12    ✓ 2     ✓ 3        –         –          2 a ler    tempo esgotado, célula
                                                                             14
Olívia Exemplo    –                                                          ilegível: conflito do
                                                                             git, linha 212
Paulo Exemplo     –                                                          arquivo errado: outra
                                                                             atividade
Quitéria Exemplo  –                                                          sem alterações"""


def test_a_class_fits_a_hundred_columns():
    assert GOLDEN == table(100)


@pytest.mark.parametrize("width", [30, 40, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width):
    assert [] == [
        line for line in shown(class_table(report(), "pt"), width).split("\n") if len(line) > width
    ]


def test_a_wide_terminal_shows_the_ids_of_the_exercises():
    head = "aluno pontos w-grad gradient-step loss-decrease resnet18-graph perguntas observações"
    assert head == " ".join(table(140).split("\n")[1].split())


def test_a_narrow_terminal_numbers_the_exercises_and_says_which_is_which():
    lines = table(80).split("\n")
    assert ["aluno             pontos  1    2      3      4    perguntas  observações"] == lines[
        1:2
    ]
    assert "1 w-grad · 2 gradient-step · 3 loss-decrease · 4 resnet18-graph" == lines[-1]


def test_a_terminal_without_room_for_columns_shows_results_and_notes_below_each_name():
    lines = [line.rstrip() for line in table(40).split("\n")]
    start = lines.index("Gabriela Exemplo")
    expected = ["Gabriela Exemplo", "  7/12    ✓  ◐  ◐  ✓  1 a ler"]
    assert expected == lines[start : start + 2]
    assert "  gradiente zerado antes do passo" == lines[start + 2]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 200])
def test_a_dumb_terminal_is_as_wide_as_it_says(monkeypatch, columns):
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", str(columns))
    assert columns == make_console(Terminal()).width


def test_the_class_is_summed_up_in_one_line():
    text = " ".join(shown(class_table(report(), "pt")).split())
    assert (
        "8 entregas · média 6 de 12 · 1 ilegível · 1 arquivo errado · 1 sem alterações · "
        "9 respostas à espera de uma pessoa · 12 s"
    ) in text


def test_the_words_follow_the_language():
    assert "student           points" == table(140, "en").split("\n")[1][:24]


def test_who_needs_a_look_is_listed_with_the_line_that_says_why():
    text = " ".join(shown(class_table(report(), "pt")).split())
    assert "w_new = 3.8 (em “Atividades” · célula 25, linha 1)" in text


def test_the_instructor_reads_the_notes_on_exercises():
    assert NOTE in " ".join(shown(class_table(report(), "pt")).split())


def test_a_class_without_trouble_has_no_list_of_trouble():
    assert "Precisam" not in shown(class_table(report(submission("Ana")), "pt"))


def test_a_class_of_nobody_is_a_line():
    one = report(submission("Ana")).model_copy(update={"submissions": ()})
    assert "entrega" in shown(class_table(one, "pt"))


def test_submissions_of_no_assignment_stand_in_a_table_of_their_own_beside_several():
    lost = not_graded("Paulo", "wrong_file", "wrong-file.other-assignment", line=1)
    lost = lost.model_copy(update={"assignment": ""})
    one = report(submission("Ana"), lost)
    second = one.assignments[0].model_copy(update={"name": "other"})
    several = one.model_copy(update={"assignments": (*one.assignments, second)})
    assert "Sem atividade\n" in shown(class_table(several, "pt"))


def test_a_pipe_gets_a_hundred_columns_and_no_colours():
    out = io.StringIO()
    make_console(out).print(class_table(report(), "pt"))
    lines = out.getvalue().split("\n")
    assert (100, False) == (max(map(len, lines)), "\x1b" in out.getvalue())


def test_a_terminal_gets_colours():
    assert "\x1b[32m✓" in shown(
        class_table(report(), "pt"), force_terminal=True, color_system="standard"
    )


WARNING = {
    "pt": "Sem isolamento: estes notebooks foram executados com os seus direitos.",
    "en": "Not sandboxed: these notebooks ran with your rights.",
}


@pytest.mark.parametrize("language", WARNING)
def test_an_unsealed_run_stands_above_the_class(language):
    text = shown(class_table(report(sandbox="none"), language))
    assert (WARNING[language], "", "PyTorch: Variable,") == (
        *text.split("\n")[:2],
        text.split("\n")[2][:18],
    )


@pytest.mark.parametrize("sandbox", ["bwrap", "bwrap-cold", ""])
def test_a_sealed_run_and_one_that_ran_nothing_have_no_warning(sandbox):
    assert WARNING["pt"] not in shown(class_table(report(sandbox=sandbox), "pt"))


def test_the_warning_is_red_on_a_terminal_only():
    warned = class_table(report(sandbox="none"), "en")
    red = shown(warned, force_terminal=True, color_system="standard")
    assert (True, False) == (red.startswith("\x1b[1;31mNot sandboxed"), "\x1b" in shown(warned))


def test_an_unsealed_run_stands_above_one_student_for_the_instructor():
    text = shown(submission_view(unsealed("Ana"), "pt", "instructor", title="Autograd"))
    assert [WARNING["pt"], "", "Autograd", "Ana"] == text.split("\n")[:4]


def test_a_student_is_not_warned_of_their_own_notebook():
    assert WARNING["pt"] not in student_view(unsealed("Ana"))


LIMITS = ["limit.memory", "limit.disk", "limit.processes", "limit.open-files"]


def met(limit):
    """A submission of which a cell met a limit."""
    note = Message(id=limit, params={"cell": 13})
    late = exercise("loss-decrease", "missing", 0.0, message=Message(id="value.absent"))
    return submission("Ana", late, execution=Execution(notes=(note,)))


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize(("language", "cell"), [("pt", "célula 14"), ("en", "cell 14")])
def test_a_limit_that_was_met_is_told_in_the_class_and_to_the_student(limit, language, cell):
    row = " ".join(shown(class_table(report(met(limit)), language), 200).split("\n")[3].split())
    text = " ".join(shown(submission_view(met(limit), language, "student")).split())
    assert [True, True] == [cell in row, cell in text.lower()]


def test_a_limit_comes_before_what_it_may_be_the_reason_of():
    row = shown(class_table(report(met("limit.memory")), "pt"), 200).split("\n")[3]
    assert "limite de memória, célula 14; resposta não encontrada" in row


CHECKED = """\
Autograd
Gabriela Exemplo
gabriela-exemplo.ipynb · 7 de 12 pontos · 1 ponto à espera de uma pessoa

✓ Gradiente de J em relação a w  2/2
    Certo: o seu código calcula o que se pede.

◐ Um passo do gradiente descendente  1,5/3
    O gradiente foi zerado antes de ser usado.
      w.data = w.data - lr * w.grad.data
      em “Atividades” · célula 26, linha 18

◐ Mudança da perda depois do passo  0,5/2
    O gradiente foi zerado antes de ser usado.
    Este exercício parte do resultado de “Um passo do gradiente descendente”: acerte aquele primeiro
    e execute este de novo.
    A perda pode subir.

✓ Grafo computacional da resnet18  3/3
    Certo: o seu código calcula o que se pede.

– Questão 2  0/1
    Ainda sem resposta. Escreva a sua logo abaixo da pergunta.

… 1 pergunta: uma pessoa lê

Células que falharam (isso, por si, não tira pontos):
    célula 7 · NameError: name 'z'
Comandos pulados, sem tirar pontos: !pip install graphviz, %pip install torchvision
"""


def student_view(result):
    notes = {"loss-decrease": "A perda pode subir."}
    return shown(submission_view(result, "pt", "student", title="Autograd", notes=notes))


def test_a_student_reads_marks_hints_and_their_own_lines():
    assert CHECKED == student_view(zeroed())


@pytest.mark.parametrize(
    "secret", ["1.0000042", "encontrado", "Erro conhecido", "gradiente zerado antes do"]
)
def test_a_student_reads_no_value_found_and_no_name_of_a_mistake(secret):
    assert secret not in student_view(zeroed())


def test_a_student_reads_no_flag():
    assert "⚑" not in student_view(typed_in())


@pytest.mark.parametrize(
    "fact", ["encontrado: w = 1.0000042", "Erro conhecido: gradiente zerado antes do passo."]
)
def test_the_instructor_reads_the_value_found_and_the_name_of_a_mistake(fact):
    assert fact in shown(submission_view(zeroed(), "pt", "instructor"))


def test_the_instructor_reads_flags():
    text = "⚑ O valor não acompanha os dados. Veja a linha e decida."
    assert text in shown(submission_view(typed_in(), "pt", "instructor"))


def test_a_hint_that_is_not_there_in_the_language_is_shown_in_another():
    one = ZEROED.model_copy(update={"hint": {"en": "", "pt": "O gradiente foi zerado."}})
    step = exercise(
        "gradient-step", "partial", 0.5, message=Message(id="value.absent"), mistakes=(one,)
    )
    assert "O gradiente foi zerado." in shown(
        submission_view(submission("A", step), "en", "student")
    )


def test_a_student_is_told_no_mistake_where_others_explain_as_much():
    one = zeroed()
    mistake = one.exercises[1].mistakes[0].model_copy(update={"also": ("lr-1",)})
    tied = one.exercises[1].model_copy(update={"mistakes": (mistake,)})
    text = student_view(one.model_copy(update={"exercises": (tied,)}))
    assert "O gradiente foi zerado" in student_view(one)
    assert "O gradiente foi zerado" not in text
    assert "lr-1" not in text


def test_a_submission_that_cannot_be_read_says_why_and_what_to_do():
    text = shown(
        submission_view(not_graded("Olívia", "unreadable", "unreadable.empty"), "pt", "student")
    )
    assert [
        "Olívia",
        "olívia.ipynb · ilegível",
        "O arquivo está vazio. Salve o notebook no Jupyter ou no Colab, confira se ele abre e "
        "entregue de",
        "novo.",
        "",
    ] == text.split("\n")


def test_cells_that_run_again_are_counted_from_one():
    one = submission("Ana")
    again = one.model_copy(update={"execution": one.execution.model_copy(update={"again": (3, 9)})})
    assert "células 4, 10." in shown(submission_view(again, "pt", "instructor"))


def test_what_a_student_wrote_cannot_steer_the_terminal():
    assert "[bold red]A[/]gnp  :smile:�" == plain(HOSTILE)


@pytest.mark.parametrize("code", ["losses[0] = {'a': [1, 2]}", "[x for x in y]", "a = 'ção ◐ 漢'"])
def test_ordinary_code_is_shown_as_it_is(code):
    assert code == plain(code)


def hostile():
    return submission(HOSTILE, file=HOSTILE, exercises=(exercise("w-grad", title=HOSTILE),))


@pytest.mark.parametrize(
    "view",
    [
        class_table(report(hostile()), "pt"),
        submission_view(hostile(), "pt", "student", title=HOSTILE, notes={"w-grad": HOSTILE}),
        submission_view(hostile(), "pt", "instructor"),
        submission_view(
            not_graded("A", "wrong_file", "wrong-file.language", language=HOSTILE), "pt", "student"
        ),
        validation_view(
            HOSTILE,
            [
                ValidationFinding(
                    False,
                    Message(id=HOSTILE),
                    (Message(id=HOSTILE),),
                    (margin(HOSTILE, nearest=HOSTILE),),
                )
            ],
            "pt",
        ),
        regrade_view(
            1, (HOSTILE,), (HOSTILE,), ((HOSTILE, HOSTILE, 1.0, 2.0),), "pt", report=report()
        ),
    ],
)
def test_a_hostile_name_is_harmless_in_every_view(view):
    text = shown(view)
    odd = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert ([], True) == (odd, "[bold red]A" in text)


def test_a_validation_ends_with_how_many_checks_failed():
    findings = [
        ValidationFinding(True, Message(id="validate.no-leak")),
        ValidationFinding(
            False, Message(id="validate.handout-earns", params={"exercise": "w-grad"})
        ),
    ]
    text = shown(validation_view("autograd", findings, "en"))
    assert (
        "✓ No message to a student contains an expected value.\n"
        "✗ The handout already earns points for w-grad. Remove the answer from its cells.\n"
        "autograd: 1 check of 2 failed\n"
    ) == text


def test_what_a_finding_has_to_add_stands_below_it():
    survivor = {"cell": 4, "before": "n = 2", "after": "n = 3", "exercises": "mean"}
    details = (Message(id="validate.survivor", params=survivor),)
    text = shown(
        validation_view(
            "mean", [ValidationFinding(True, Message(id="validate.no-leak"), details)], "pt"
        )
    )
    assert "  Célula 5: n = 2 → n = 3 ainda ganha tudo em mean." == text.splitlines()[1]


def test_margins_stand_in_a_table_in_tolerances():
    margins = (margin("w-grad"), margin("step", spread=math.inf, nearest="", distance=math.inf))
    text = shown(
        validation_view(
            "mean",
            [ValidationFinding(False, Message(id="validate.no-leak"), margins=margins)],
            "en",
        )
    )
    assert [
        "  exercise  tolerance             spread  distance  nearest mistake",
        "  w-grad    0.0001 · |x| + 1e-06  0.035   1200      lr-001",
        "  step      0.0001 · |x| + 1e-06  ∞       ∞         –",
    ] == [line.rstrip() for line in text.splitlines()[1:4]]


@pytest.mark.parametrize(
    ("found", "red"),
    [({}, 0), ({"spread": 1.1}, 1), ({"distance": 0.5}, 1), ({"spread": 2.0, "distance": 0.0}, 2)],
)
def test_figures_are_red_where_right_and_wrong_overlap(found, red):
    finding = ValidationFinding(
        True, Message(id="validate.no-leak"), margins=(margin("w", **found),)
    )
    view = validation_view("mean", [finding], "en")
    assert red == shown(view, force_terminal=True, color_system="standard").count("\x1b[1;31m")


def test_a_regrade_says_whose_score_changed_and_by_how_much():
    changes = (("Ana", "Passo", 3.0, 1.5), ("Bia", "Grafo", 0.0, 3.0))
    text = shown(
        regrade_view(7, ("Bia",), ("resnet18-graph mudou",), changes, "pt", report=report())
    )
    assert (
        "7 entregas com a execução guardada · 1 executada de novo: Bia\n"
        "    resnet18-graph mudou\n"
        "2 pontuações mudaram:\n"
        "Ana  Passo  3 → 1,5  −1,5\n"
        "Bia  Grafo  0 → 3    +3\n"
    ) == text


def test_a_regrade_that_changes_nothing_says_so():
    text = shown(regrade_view(7, (), (), (), "en", report=report()))
    assert "7 submissions from a stored run\nNo score changed.\n" == text


def test_an_exercise_without_points_shows_none():
    text = (
        submission("Ana").exercises[-1].model_copy(update={"max_points": 0.0, "status": "missing"})
    )
    one = submission("Ana").model_copy(update={"exercises": (text,)})
    assert "– Questão 2\n" in shown(submission_view(one, "pt", "student"))


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (150.2, "2 min 30 s")])
def test_the_time_of_a_run_is_told_in_minutes_and_seconds(seconds, text):
    one = report(submission("Ana")).model_copy(update={"seconds": seconds})
    assert f"· {text}\n" in shown(class_table(one, "pt"))
