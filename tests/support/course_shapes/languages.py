"""Courses in languages that the grader has no words for: German, and Greek in its own script."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

GERMAN = TaughtCourse(
    name="german",
    cells=(
        text("# Übungsblatt 4\n\nAbgabe bis Freitag. Bitte alle Aufgaben bearbeiten."),
        code(
            """
            import torch
            from torch import nn

            messwerte = torch.tensor([[2.0, 1.0], [0.5, 3.0], [4.0, 2.5], [1.5, 0.5]])
            ziel = torch.tensor([1.0, 0.0, 1.0, 0.0])
            """
        ),
        text("## Aufgabe 1 (2 Punkte)\n\nZentrieren Sie die Spalten von `messwerte`."),
        answer(
            "zentriert = messwerte - messwerte.mean(dim=0)\nzentriert",
            "# Ihr Code hier\n",
            other="mittel = messwerte.sum(0) / 4\nprint(messwerte - mittel)",
            typed="zentriert = torch.tensor([[0., -.75], [-1.5, 1.25], [2., .75], [-.5, -1.25]])",
        ),
        text(
            "## Aufgabe 2 (3 Punkte)\n\nBerechnen Sie die binäre Kreuzentropie zwischen `ziel` und "
            "der Sigmoidfunktion der ersten Spalte von `messwerte`."
        ),
        answer(
            "p = torch.sigmoid(messwerte[:, 0])\n"
            "verlust = nn.functional.binary_cross_entropy(p, ziel)\nprint(verlust)",
            "# Ihr Code hier\n",
            other="nn.BCEWithLogitsLoss()(messwerte[:, 0], ziel)",
            typed="verlust = torch.tensor(0.7051)\nprint(verlust)",
        ),
        text("## Aufgabe 3 (1 Punkt)\n\nWarum darf man hier nicht die Genauigkeit ableiten?"),
        reply(
            "Sie ist stückweise konstant, ihre Ableitung ist fast überall null.",
            "*Ihre Antwort*",
            "Weil die Ableitung überall 0 ist.",
        ),
    ),
    tasks=(
        TaughtTask("Aufgabe 1", ("value",), points=2),
        TaughtTask("Aufgabe 2", ("value",), points=3),
        TaughtTask("Aufgabe 3", ("text", "manual"), points=1),
    ),
)

GREEK = TaughtCourse(
    name="greek",
    cells=(
        text("# Εργαστήριο 2: τανυστές\n\nΣυμπληρώστε τα κελιά."),
        code("import torch\n\nx = torch.tensor([1.0, 4.0, 9.0, 16.0])"),
        text("## Άσκηση 1\n\nΥπολογίστε τη ρίζα κάθε στοιχείου του `x`."),
        answer(
            "ρίζες = x.sqrt()\nρίζες",
            "# ο κώδικάς σας\n",
            other="roots = x ** 0.5\nprint(roots)",
            typed="ρίζες = torch.tensor([1., 2., 3., 4.])",
        ),
        text(
            "## Άσκηση 2\n\nΓράψτε μια συνάρτηση `νόρμα(v)` που επιστρέφει το μήκος ενός "
            "διανύσματος."
        ),
        answer(
            "def νόρμα(v):\n    return (v * v).sum().sqrt()\n\nνόρμα(x)",
            "def νόρμα(v):\n    ...\n\nνόρμα(x)",
            other="def νόρμα(v):\n    return torch.linalg.norm(v)\n\nprint(νόρμα(x))",
            typed="def νόρμα(v):\n    return torch.tensor(18.8149)",
        ),
    ),
    tasks=(
        TaughtTask("Άσκηση 1", ("value",)),
        TaughtTask("Άσκηση 2", ("function",)),
    ),
)
