"""Where a free-text answer begins and ends."""

from __future__ import annotations

import pytest

from grader.assignment import Exercise
from grader.grading.text_answers import TextAnswer, find_answer
from grader.notebook.cells import NotebookCell

PLACEHOLDER = "*Escreva aqui a sua resposta.*"
ASK_MIX = (
    "1. Por que não é possível misturar `Variable` com tensores? "
    "Isso ainda vale na versão que você usa?"
)
ASK_GRAPH = "2. O que acontece com o grafo após o `backward()`?"
QUESTIONS = ("Por que não é possível misturar", "O que acontece com o grafo após", "Aprendizados")


def markdown(source: str) -> NotebookCell:
    return NotebookCell(kind="markdown", source=source)


def code(source: str) -> NotebookCell:
    return NotebookCell(kind="code", source=source)


HANDOUT = (
    markdown("# Exercícios\n## Questões\n\nResponda com suas palavras."),
    markdown(ASK_MIX),
    markdown(PLACEHOLDER),
    markdown(ASK_GRAPH),
    markdown(PLACEHOLDER),
    markdown("## Atividades\n\n1. Execute um passo do gradiente descendente."),
    code("# Atividade 1: um passo"),
    markdown("# Aprendizados\n\nO que você aprendeu?"),
    markdown(PLACEHOLDER),
)
MIX, GRAPH, LEARNT = (
    Exercise(id=f"question-{number}", title="Q", points=1, check="text", question=question)
    for number, question in enumerate(QUESTIONS)
)


def answer(
    exercise: Exercise, *cells: NotebookCell, handout: tuple[NotebookCell, ...] = HANDOUT
) -> TextAnswer:
    return find_answer(cells, handout, exercise, QUESTIONS)


def answer_to_mix(*sources: str) -> str:
    return answer(MIX, *map(markdown, sources)).text


@pytest.mark.parametrize("exercise", [MIX, GRAPH, LEARNT])
def test_the_handout_as_it_was_answers_nothing(exercise):
    found = answer(exercise, *HANDOUT)
    assert ("", True) == (found.text, found.found)


def test_an_answer_in_place_of_the_placeholder_is_found_with_its_cell():
    cells = (*HANDOUT[:2], markdown("Porque sim."), *HANDOUT[3:])
    assert TextAnswer("Porque sim.", 2, True) == answer(MIX, *cells)


def test_an_answer_to_one_question_is_no_answer_to_the_next():
    cells = (*HANDOUT[:2], markdown("Porque sim."), *HANDOUT[3:])
    assert TextAnswer("", 3, True) == answer(GRAPH, *cells)


def test_an_answer_after_the_placeholder_in_its_paragraph_is_the_rest():
    assert "Porque sim." == answer_to_mix(ASK_MIX, f"{PLACEHOLDER} Porque sim.")


def test_an_answer_typed_inside_the_placeholders_emphasis_is_found():
    assert "Porque sim.*" == answer_to_mix(ASK_MIX, "*Escreva aqui a sua resposta. Porque sim.*")


def test_an_answer_under_the_placeholder_in_the_same_cell_is_found():
    assert "Porque sim." == answer_to_mix(ASK_MIX, f"{PLACEHOLDER}\nPorque sim.")


def test_an_answer_in_the_questions_own_paragraph_is_the_rest():
    assert "Porque sim." == answer_to_mix(f"{ASK_MIX} Porque sim.")


def test_an_answer_may_begin_with_code_marks():
    assert "`Variable` tem histórico." == answer_to_mix(f"{ASK_MIX} `Variable` tem histórico.")


def test_a_question_is_found_without_case_accents_emphasis_and_number():
    assert "Sim." == answer_to_mix(
        "**POR QUE nao e\npossivel misturar** variable com tensores?\n\nSim."
    )


def test_a_question_with_decomposed_accents_is_found():
    assert "Sim." == answer_to_mix(
        "Por que na\u0303o e\u0301 possi\u0301vel misturar tensores?\n\nSim."
    )


def test_a_reworded_question_ends_at_its_question_mark():
    assert "Por causa do grafo." == answer_to_mix(
        "Por que não é possível misturar os dois? Por causa do grafo."
    )


def test_a_sentence_of_the_question_that_a_student_left_as_it_was_is_no_answer():
    asked = "1. Por que não é possível misturar os dois? Isso ainda vale na versão que você usa?"
    assert "" == answer_to_mix(asked)


def test_a_short_answer_with_words_of_the_question_is_an_answer():
    assert "Não." == answer_to_mix("Por que não é possível misturar os dois? Não.")


def test_questions_as_a_list_in_one_cell_have_their_own_answers():
    cell = markdown(f"## Questões\n\n{ASK_MIX}\n\nPorque sim.\n\nE mais.\n\n{ASK_GRAPH}\n\nSome.")
    assert ["Porque sim.\n\nE mais.", "Some."] == [answer(MIX, cell).text, answer(GRAPH, cell).text]


def test_questions_and_answers_on_lines_without_gaps_are_told_apart():
    cell = markdown(f"{ASK_MIX}\nPorque sim.\n{ASK_GRAPH}\nSome.")
    assert ["Porque sim.", "Some."] == [answer(MIX, cell).text, answer(GRAPH, cell).text]


def test_the_next_number_ends_an_answer_where_the_next_question_was_reworded():
    assert "Porque sim." == answer_to_mix(f"{ASK_MIX}\n\nPorque sim.\n\n2. E o grafo?\n\nSome.")


def test_an_answer_may_be_a_numbered_list():
    assert "1. um\n2. dois\n3. três" == answer_to_mix(ASK_MIX, "1. um\n2. dois\n3. três")


def test_a_decimal_number_is_no_list_item():
    assert "Perda:\n2.5 no fim" == answer_to_mix(ASK_MIX, "Perda:\n2.5 no fim")


def test_an_answer_may_have_headings_of_its_own():
    assert "### Minha resposta\nPorque sim." == answer_to_mix(
        ASK_MIX, "### Minha resposta\nPorque sim."
    )


def test_a_heading_of_the_handout_ends_an_answer():
    assert (
        "Some." == answer(GRAPH, markdown(f"{ASK_GRAPH}\n\nSome.\n## Atividades\nFiz tudo.")).text
    )


def test_an_answer_heading_of_the_handout_does_not_end_an_answer():
    handout = (markdown(ASK_MIX), markdown("### Resposta"), markdown(PLACEHOLDER))
    cells = (*handout[:2], markdown("Porque sim."))
    assert "Porque sim." == answer(MIX, *cells, handout=handout).text


def test_the_words_of_another_question_inside_an_answer_do_not_end_it():
    text = "Um dos aprendizados com isso foi o grafo."
    assert text == answer_to_mix(ASK_MIX, text)


def test_an_answer_goes_on_over_cells():
    assert "Porque sim.\n\nE mais." == answer_to_mix(ASK_MIX, "Porque sim.", PLACEHOLDER, "E mais.")


def test_a_heading_can_be_the_question():
    cells = (markdown("# Aprendizados"), markdown("Aprendi muito."))
    assert TextAnswer("Aprendi muito.", 1, True) == answer(LEARNT, *cells)


def test_where_a_question_stands_twice_the_answered_one_counts():
    assert "Porque sim." == answer_to_mix(
        ASK_MIX, ASK_GRAPH, "## Atividades", f"{ASK_MIX}\n\nPorque sim."
    )


@pytest.mark.parametrize(
    "source",
    [
        "# Porque sim.",
        '"""Porque sim."""',
        "'Porque sim.'",
        'print("Porque sim.")',
        "\n#  Porque sim.\n\n",
    ],
)
def test_a_comment_or_a_string_in_a_code_cell_is_an_answer(source):
    assert "Porque sim." == answer(MIX, markdown(ASK_MIX), code(source)).text


def test_prose_in_a_code_cell_is_an_answer():
    assert (
        "O grafo é destruído depois."
        == answer(MIX, markdown(ASK_MIX), code("O grafo é destruído depois.")).text
    )


@pytest.mark.parametrize(
    "source",
    [
        "w = 1  # Porque sim",
        "# nota\nw.grad",
        "!pip install -q torch graphviz x",
        "pip install a b c d",
        "w = = 1 2 3 4",
    ],
)
def test_code_is_no_answer(source):
    assert "" == answer(MIX, markdown(ASK_MIX), code(source)).text


def test_a_comment_of_the_handout_is_no_answer():
    assert "" == answer(GRAPH, markdown(ASK_GRAPH), code("#  Atividade 1: um passo")).text


def test_an_odd_escape_in_a_code_cell_does_not_warn():
    assert r"\d" == answer(MIX, markdown(ASK_MIX), code(r"'\d'")).text


@pytest.mark.parametrize(
    "text",
    [
        "Resposta:",
        "Respuesta:",
        "**R:**",
        "Answer: ...",
        "...",
        "—",
        "<br>",
        "<!-- aqui -->",
        "&nbsp;",
    ],
)
def test_a_label_dots_or_markup_alone_are_no_answer(text):
    assert "" == answer_to_mix(ASK_MIX, text)


@pytest.mark.parametrize(
    "text", ["a", "7", "![foto](attachment:foto.png)", '<img src="foto.png">', "Resposta: sim"]
)
def test_little_is_an_answer_too(text):
    assert text == answer_to_mix(ASK_MIX, text)


def test_an_answer_keeps_its_lines():
    text = "Veja:\n\n- um\n- dois\n\n```\nw.grad\n\n1. não é item\n```\n\nFim."
    assert text == answer_to_mix(ASK_MIX, text)


def test_a_question_that_is_not_there_is_not_found():
    assert TextAnswer("", None, False) == answer(MIX, markdown("Oi."))


def test_a_phrase_may_have_the_questions_number():
    numbered = MIX.model_copy(update={"question": "1. Por que não é possível misturar"})
    assert "Sim." == find_answer([markdown(f"{ASK_MIX}\n\nSim.")], HANDOUT, numbered).text


@pytest.mark.parametrize(
    "text",
    ["<!--" * 40_000, "1.\n2.\n" * 50_000, f"{ASK_MIX}\n\n" * 1_500, "# " + " " * 190_000 + "x"],
)
def test_a_hostile_text_is_read_in_linear_time(text):
    assert answer(MIX, markdown(ASK_MIX), markdown(text)).found
