"""In the shape of an Italian laboratory: "Esercizio 1 [3 punti]", questions, optional tasks."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="italian-lab",
    cells=(
        text(
            "# Laboratorio 4: regressione logistica\n\nCompletate le celle. Consegna: venerdì. "
            "Il punteggio è indicato accanto a ogni esercizio."
        ),
        code(
            """
            import torch
            import torch.nn as nn

            X = torch.tensor([[0.5, 1.0], [1.5, -0.5], [-1.0, 0.3], [-0.2, -1.1]])
            y = torch.tensor([1.0, 1.0, 0.0, 0.0])
            w = torch.tensor([0.4, -0.3])
            """
        ),
        text(
            "## Esercizio 1: la sigmoide [2 punti]\n\nScrivete una funzione `sigmoide(z)`, senza "
            "usare `torch.sigmoid`."
        ),
        answer(
            "def sigmoide(z):\n    return 1 / (1 + torch.exp(-z))",
            "def sigmoide(z):\n    # INSERIRE IL CODICE QUI\n    pass",
            other="def sigmoide(z):\n    e = torch.exp(z)\n    return e / (e + 1)",
            typed="def sigmoide(z):\n    return torch.tensor(0.5)",
        ),
        text(
            "## Esercizio 2: la perdita [3 punti]\n\nCalcolate l'entropia incrociata media di `w` "
            "sui dati e salvatela in `perdita`."
        ),
        answer(
            "p = sigmoide(X @ w)\n"
            "perdita = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()\nprint(perdita)",
            "# INSERIRE IL CODICE QUI\n",
            other="perdita = nn.BCEWithLogitsLoss()(X.mv(w), y)\nperdita",
            typed="perdita = torch.tensor(0.5512)",
        ),
        text("## Domanda 3 [1 punto]\n\nPerché la perdita non è mai negativa?"),
        reply(
            "**Risposta:** perché il logaritmo di una probabilità è al massimo zero.",
            "**Risposta:**",
            "**Risposta:** log p è al massimo 0.",
        ),
        text(
            "## Esercizio 4: il gradiente [3 punti]\n\nCalcolate con autograd il gradiente della "
            "perdita rispetto ai pesi. Chiamatelo `gradiente`."
        ),
        answer(
            """
            v = w.clone().requires_grad_(True)
            nn.functional.binary_cross_entropy_with_logits(X @ v, y).backward()
            gradiente = v.grad
            print(gradiente)
            """,
            "# INSERIRE IL CODICE QUI\n",
            other="p = sigmoide(X @ w)\ngradiente = X.T @ (p - y) / len(y)",
            typed="gradiente = torch.tensor([-0.29, 0.02])",
        ),
        text(
            "## Esercizio 5 (facoltativo) [1 punto]\n\nFate un passo di discesa del gradiente con "
            "passo 0.1: i nuovi pesi sono `w_nuovo`."
        ),
        answer(
            "w_nuovo = w - 0.1 * gradiente\nw_nuovo",
            "# INSERIRE IL CODICE QUI\n",
            other="w_nuovo = torch.sub(w, gradiente, alpha=0.1)",
            typed="w_nuovo = torch.tensor([0.43, -0.30])",
        ),
    ),
    tasks=(
        TaughtTask("Esercizio 1", ("function",), 2),
        TaughtTask("Esercizio 2", ("value",), 3),
        TaughtTask("Domanda 3", ("text", "manual"), 1),
        TaughtTask("Esercizio 4", ("value",), 3),
        TaughtTask("Esercizio 5", ("value",), 1),
    ),
)
