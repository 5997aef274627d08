"""Names of exercises: in kebab case, after what the notebook calls them."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.names import choose_name, is_kebab, kebab, split_points, strip_number


@pytest.mark.parametrize(
    ("name", "is_kebab_case"),
    [("lab-1", True), ("a", True), ("Lab", False), ("a--b", False), ("", False)],
)
def test_a_name_is_in_kebab_case_or_is_not(name, is_kebab_case):
    assert is_kebab_case == is_kebab(name)


def test_accents_and_underscores_go():
    assert "regressao-linear-2" == kebab("Regressão_linear (2)")


@pytest.mark.parametrize(
    ("heading", "rest"),
    [
        ("Exercise 2: gradient step", "gradient step"),
        ("Exercício 3 – a perda", "a perda"),
        ("Sua vez: produto interno", "produto interno"),
        ("Question 4", ""),
        ("Least squares", "Least squares"),
        ("b) the mean", "the mean"),
        ("1.2 The mean", "The mean"),
        ("Q1.b) The mean", "The mean"),
        ("Q2.b", ""),
    ],
)
def test_the_number_of_a_heading_goes(heading, rest):
    assert rest == strip_number(heading)


@pytest.mark.parametrize(
    ("said", "heading", "variable", "name"),
    [
        ("q1", "Question 1: the loss", "loss", "q1"),
        ("", "Exercício 2: o gradiente da perda", "w.grad", "gradiente-perda"),
        ("", "Exercise 2", "w_new", "exercise-2"),
        ("", "", "w_new", "w-new"),
        ("", "", "", "exercise"),
        ("", "Write a function share that gives the share of each row", "share", "share"),
        ("", "Question 3. Find how far the points are from the line", "d", "question-3"),
        ("", "Q3: find how far the points are from the line", "d", "q3"),
    ],
)
def test_a_name_comes_from_what_says_most(said, heading, variable, name):
    assert name == choose_name(said, heading, variable, ())


def test_no_two_exercises_have_one_name():
    assert ["loss", "j", "loss-2"] == [
        choose_name("", "The loss", "J", taken)
        for taken in ((), ("loss", "the-loss"), ("loss", "the-loss", "j"))
    ]


@pytest.mark.parametrize(
    ("heading", "rest", "points"),
    [
        ("Problem 1 (3 points)", "Problem 1", 3.0),
        ("Questão 2 [1,5 pontos]: a perda", "Questão 2: a perda", 1.5),
        ("Task 4 (2 pts.)", "Task 4", 2.0),
        ("Points in the plane", "Points in the plane", None),
        ("Ejercicio 2 (2 puntos)", "Ejercicio 2", 2.0),
        ("Aufgabe 1 [3 Punkte]", "Aufgabe 1", 3.0),
        ("Exercise (worth 3 points)", "Exercise", 3.0),
        ("Task 2: 5 points", "Task 2: 5 points", 5.0),
        ("Zadanie 4 (2 pkt dodatkowe)", "Zadanie 4", 2.0),
        ("Task ★ (+2p)", "Task ★", 2.0),
        ("Task 3 (bonus, 2 points)", "Task 3", 2.0),
        ("Task 3 (2 bonus points)", "Task 3", 2.0),
        ("Task 3 [Code: 2 pts]", "Task 3", 2.0),
        ("Task 3 (2 points, by hand)", "Task 3", 2.0),
        ("Task 3 [__/4]", "Task 3 [__/4]", 4.0),
        ("Task 3 (out of 4 points)", "Task 3 (out of 4 points)", 4.0),
        ("Take 5 rows (out of 50)", "Take 5 rows (out of 50)", None),
        ("Task 3 (10 points in total)", "Task 3", 10.0),
        ("Tarefa 3 (10 pontos no total)", "Tarefa 3", 10.0),
        ("Task 3 (max. 4 points)", "Task 3", 4.0),
        ("Task 3 (2 points each)", "Task 3", 2.0),
        ("Tarefa 3 (2 pontos cada)", "Tarefa 3", 2.0),
        ("Task 3 (2 pts per part)", "Task 3", 2.0),
        ("Part 2 (30%)", "Part 2 (30%)", 30.0),
        ("Part 2 (30 % of the grade)", "Part 2 (30 % of the grade)", 30.0),
        ("Dropout with 30%", "Dropout with 30%", None),
        ("السؤال 2 (درجتان)", "السؤال 2", 2.0),
        ("rubric={autograde:3}", "rubric={autograde:3}", 3.0),
        ("**Points:** 4", "**Points:** 4", 4.0),
        ("A tensor of shape (2, 3)", "A tensor of shape (2, 3)", None),
        ("Plot (x - 3 p)", "Plot (x - 3 p)", None),
    ],
)
def test_points_that_a_heading_says_are_taken(heading, rest, points):
    assert (rest, points) == split_points(heading)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Ćwiczenie 1: Łączny błąd", "cwiczenie-1-laczny-blad"),
        ("Exercise 1: the œuvre of naïve \ufb01tting", "oeuvre-naive-fitting"),
        ("Alıştırma 1: kayıp", "alistirma-1-kayip"),
        ("Bài tập 1: Đạo hàm", "bai-tap-1-dao-ham"),
        ("练习 1：损失", "exercise-1"),
        ("演習1：損失", "exercise-1"),
        ("Άσκηση 1: απώλεια", "apoleia"),
        ("تمرين 1: الخسارة", "exercise-1"),
        ("Упражнение 1: потери", "poteri"),
        ("연습 1: 손실", "exercise-1"),
        ("Œuvre: naïve \ufb01tting", "oeuvre-naive-fitting"),
        ("Alıştırma: kayıp", "alistirma-kayip"),
        ("Đạo hàm", "dao-ham"),
        ("練習 2：勾配", "exercise-2"),
        ("Άσκηση: η κλίση", "i-klisi"),
        ("Задание 2: шаг щётки", "shag-shchetki"),
        ("التمرين", "w"),
    ],
)
def test_a_heading_in_any_script_gives_a_valid_name(heading: str, name: str) -> None:
    chosen = choose_name("", heading, "w", ())
    assert (name, True) == (chosen, is_kebab(chosen))
