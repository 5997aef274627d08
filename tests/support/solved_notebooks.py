"""Made-up solved notebooks: in Portuguese and English, for nbgrader and otter, of old formats."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

Cell = dict[str, Any]


def text(source: str, **more: Any) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": dedent(source).strip("\n"), **more}


def code(source: str, *, metadata: dict[str, Any] | None = None, shown: str = "") -> Cell:
    outputs = [{"output_type": "stream", "name": "stdout", "text": shown}] if shown else []
    return {
        "cell_type": "code",
        "metadata": metadata or {},
        "execution_count": 7,
        "outputs": outputs,
        "source": dedent(source).strip("\n"),
    }


def raw(source: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": dedent(source).strip("\n")}


def nbgrader(grade_id: str, **more: Any) -> dict[str, Any]:
    metadata = {
        "schema_version": 3,
        "grade_id": grade_id,
        "locked": False,
        "grade": False,
        "solution": False,
        "task": False,
    }
    return {"nbgrader": metadata | more, "deletable": False}


def notebook(cells: list[Cell], **more: Any) -> dict[str, Any]:
    python = {
        "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
        "colab": {"name": "x"},
    }
    return {"cells": cells, "metadata": python, "nbformat": 4, "nbformat_minor": 4, **more}


def write(folder: Path, content: dict[str, Any], name: str = "resolvido.ipynb") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content), "utf-8")
    return folder / name


PORTUGUESE = notebook(
    [
        text(
            "# Regressão com um parâmetro\n\nNesta aula ajustamos uma reta que passa pela origem."
        ),
        code("import torch"),
        text("## Dados\n\nHoras de estudo e nota de cada aluno."),
        code(
            """
            horas = torch.tensor([1., 2., 4., 5., 7.])
            nota = torch.tensor([1.5, 2.5, 5.5, 6., 9.])
            """
        ),
        text(
            "## Exercício 1: a perda\n\nCalcule o erro quadrático médio da reta com "
            "inclinação `a` = 1."
        ),
        code(
            """
            a = torch.tensor(1.0, requires_grad=True)
            # a previsão, o erro e a média dos quadrados
            previsao = a * horas
            erro = previsao - nota
            perda = (erro ** 2).mean()
            print('perda:', perda.item())
            """,
            shown="perda: 0.9500\n",
        ),
        text(
            "## Exercício 2: o gradiente\n\nCalcule a derivada da perda em relação a `a` com "
            "o autograd."
        ),
        code("perda.backward()\na.grad", shown="tensor(-8.2000)\n"),
        text(
            "## Exercício 3: um passo\n\nFaça um passo do gradiente descendente com fator de "
            "aprendizado 0.01."
        ),
        code(
            """
            lr = 0.01
            with torch.no_grad():
                a_novo = a - lr * a.grad
            a_novo
            """
        ),
        text("## Questão 4\n\nPor que o gradiente é negativo neste ponto?"),
        text("Porque a inclinação ainda é pequena: aumentar `a` diminui a perda."),
    ]
)

ENGLISH = notebook(
    [
        text(
            "# Least squares\n\nWe fit a line to eight measurements, first in closed form "
            "and then step by step."
        ),
        code("import torch\nimport matplotlib.pyplot as plt\n%matplotlib inline"),
        code(
            """
            x = torch.linspace(0, 7, 8)
            y = 1.5 * x + 2
            y = y + torch.tensor([0.3, -0.2, 0.1, 0.4, -0.5, 0.2, -0.1, 0.05])
            """
        ),
        text(
            "## Task 1: design matrix\n\nBuild the matrix with a column of ones and a column "
            "with x."
        ),
        code("A = torch.stack([torch.ones_like(x), x], dim=1)\nA"),
        text(
            "## Task 2: normal equations\n\nSolve them for the coefficients.\n\n"
            "<details>\n<summary>ReferenceFiles</summary>\n\nUse `torch.linalg.solve(A.T @ "
            "A, A.T @ y)`.\n\n</details>"
        ),
        code("theta = torch.linalg.solve(A.T @ A, A.T @ y)\nprint(theta)"),
        text(
            "## Task 3: gradient descent\n\nTake 40 steps with step size 0.02 from zero, "
            "without autograd."
        ),
        code(
            """
            w = torch.zeros(2)
            losses = []
            for step in range(40):
                residual = A @ w - y
                losses.append((residual ** 2).mean().item())
                gradient = 2 * A.T @ residual / len(y)
                w = w - 0.02 * gradient
            print(f"after 40 steps: {w}, loss {losses[-1]:.4f}")
            """
        ),
        text("The curve of the losses:"),
        code("plt.plot(losses)\nplt.xlabel('step');"),
    ]
)

NBGRADER = notebook(
    [
        text(
            "# Homework 2\n\nPlease use the given names.", metadata=nbgrader("intro", locked=True)
        ),
        code(
            "import torch\n\nx = torch.tensor([0.5, 1.0, 2.5, 4.0])\nt = torch.tensor([1.0, "
            "3.0, 4.5, 9.0])"
        ),
        text("## Part A\n\nWrite a function that computes the mean squared error."),
        code(
            '''
            def mse(prediction, target):
                """The mean of the squared differences."""
                ### BEGIN SOLUTION
                difference = prediction - target
                return (difference ** 2).mean()
                ### END SOLUTION
            ''',
            metadata=nbgrader("mse", solution=True),
        ),
        code("loss = mse(2 * x, t)\nloss"),
        code(
            """
            assert abs(mse(x, x)) < 1e-6
            ### BEGIN HIDDEN TESTS
            assert mse(x, t) > 3
            ### END HIDDEN TESTS
            """,
            metadata=nbgrader("mse-tests", grade=True, locked=True, points=3),
        ),
        text("## Part B\n\nTake the gradient of the loss with respect to `w`, at w = 2."),
        code(
            """
            w = torch.tensor(2.0, requires_grad=True)
            # YOUR CODE HERE
            ### BEGIN SOLUTION
            mse(w * x, t).backward()
            slope = w.grad
            ### END SOLUTION
            print(slope)
            """,
            metadata=nbgrader("slope", solution=True),
        ),
        code(
            "assert slope.shape == ()",
            metadata=nbgrader("slope-tests", grade=True, locked=True, points=2),
        ),
        text("## Part C\n\nWhat does the sign of the slope tell you?"),
        text(
            "It is negative, so a larger w makes the loss smaller.",
            metadata=nbgrader("sign", grade=True, solution=True, points=2),
        ),
    ]
)

OTTER = notebook(
    [
        raw(
            "# ASSIGNMENT CONFIG\nname: lab04\nrequirements: requirements.txt\nsolutions_pdf: false"
        ),
        code("import otter\ngrader = otter.Notebook()"),
        code("import torch\nrain = torch.tensor([3., 0., 12., 7., 1., 5.])"),
        raw("# BEGIN QUESTION\nname: q1\npoints: 2"),
        text("**Question 1.** Assign `wettest` to the largest amount of rain, less the mean."),
        raw("# BEGIN SOLUTION"),
        code("wettest = rain.max() - rain.mean() # SOLUTION\nwettest"),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        code(">>> bool(wettest > 7)\nTrue"),
        raw("# END TESTS"),
        raw("# END QUESTION"),
        raw("# BEGIN QUESTION\nname: standardize\npoints: 4"),
        text("**Question 2.** Standardize the amounts: mean 0, standard deviation 1."),
        raw("# BEGIN SOLUTION"),
        code(
            '''
            # BEGIN SOLUTION NO PROMPT
            centered = rain - rain.mean()
            standard = centered / rain.std()
            # END SOLUTION
            """ # BEGIN PROMPT
            standard = ...
            """ # END PROMPT
            standard
            '''
        ),
        raw("# END SOLUTION"),
        raw("# END QUESTION"),
        raw("# BEGIN QUESTION\nname: q3\nmanual: true\npoints: 1"),
        text("**Question 3.** Why does the mean of the standardized amounts vanish?"),
        raw("# BEGIN SOLUTION"),
        text("Because the mean was taken off each of them."),
        raw("# END SOLUTION"),
        raw("# END QUESTION"),
        code("grader.check_all()"),
    ]
)

OWN = notebook(
    [
        text("# Uma camada linear"),
        code(
            """
            import torch
            entrada = torch.tensor([[1., 2.], [3., 5.], [0., 4.]])
            pesos = torch.tensor([[1.5], [-0.5]])
            """
        ),
        text("## Saída da camada\n\nCalcule o produto da entrada pelos pesos."),
        code(
            """
            saida = entrada @ pesos
            # grade: layer-output = saida
            saida
            """
        ),
        text("## Ativação\n\nAplique a função ReLU com o sinal trocado."),
        code(
            """
            ativada = torch.relu(-saida)  # wrong(sign-kept): ativada = torch.relu(saida)
            # grade: activation = ativada
            # grade(0.5): activation = -saida
            ativada.sum()
            """
        ),
    ]
)

OLD = {
    "metadata": {"name": "pratica"},
    "nbformat": 3,
    "nbformat_minor": 0,
    "worksheets": [
        {
            "metadata": {},
            "cells": [
                {
                    "cell_type": "heading",
                    "level": 1,
                    "metadata": {},
                    "source": ["Prática de álgebra com tensores"],
                },
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "language": "python",
                    "metadata": {},
                    "prompt_number": 1,
                    "outputs": [],
                    "input": [
                        "import torch\n",
                        "u = torch.tensor([2., -1., 3.])\n",
                        "v = torch.tensor([4., 0.5, -2.])",
                    ],
                },
                {
                    "cell_type": "heading",
                    "level": 2,
                    "metadata": {},
                    "source": ["Sua vez: produto interno"],
                },
                {
                    "cell_type": "markdown",
                    "metadata": {},
                    "source": ["Calcule o produto interno de u e v."],
                },
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "language": "python",
                    "metadata": {},
                    "prompt_number": 2,
                    "outputs": [
                        {"output_type": "pyout", "prompt_number": 2, "text": ["tensor(1.5000)"]}
                    ],
                    "input": ["interno = (u * v).sum()\n", "interno"],
                },
                {
                    "cell_type": "heading",
                    "level": 2,
                    "metadata": {},
                    "source": ["Sua vez: cosseno do ângulo"],
                },
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "language": "python",
                    "metadata": {},
                    "prompt_number": 3,
                    "outputs": [],
                    "input": ["cosseno = interno / (u.norm() * v.norm())\n", "print(cosseno)"],
                },
            ],
        }
    ],
}

EVERY = {
    "portuguese": PORTUGUESE,
    "english": ENGLISH,
    "nbgrader": NBGRADER,
    "otter": OTTER,
    "own": OWN,
    "old": OLD,
}
