"""In the shape of a French practical: questions in bold with points, cells to complete."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

_TO_DO = "# À compléter\n"

COURSE = TaughtCourse(
    name="french",
    cells=(
        text(
            """
            # TP 3 : Descente de gradient

            Nom :
            Prénom :

            Dans ce TP, nous ajustons une parabole à des mesures.
            """
        ),
        code(
            """
            import torch

            temps = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0])
            hauteur = torch.tensor([10.0, 8.7, 5.2, -1.1, -9.7])
            """
        ),
        text(
            "## Partie 1 : le modèle\n\n**Question 1 (2 points).** Écrire une fonction "
            "`modele(t, a, b)` qui calcule $a t^2 + b$."
        ),
        answer(
            "def modele(t, a, b):\n    return a * t ** 2 + b\n\nmodele(temps, -5., 10.)",
            "def modele(t, a, b):\n    # À compléter\n    pass\n\nmodele(temps, -5., 10.)",
            other="def modele(t, a, b):\n    return b + a * t * t\n\nmodele(temps, -5., 10.)",
            typed="def modele(t, a, b):\n    return torch.tensor([10., 8.75, 5., -1.25, -10.])",
        ),
        text(
            "**Question 2 (1 point).** Calculer l'erreur quadratique moyenne pour `a = -4` et "
            "`b = 9`."
        ),
        answer(
            "erreur = ((modele(temps, -4., 9.) - hauteur) ** 2).mean()\nprint(erreur)",
            _TO_DO,
            other="ecarts = hauteur - (9 - 4 * temps ** 2)\n(ecarts @ ecarts) / 5",
            typed="erreur = torch.tensor(2.0060)\nprint(erreur)",
        ),
        text(
            "## Partie 2 : le gradient\n\n**Question 3 (3 points).** Avec autograd, calculer le "
            "gradient de l'erreur par rapport à `a` et à `b`, en `a = -4` et `b = 9`."
        ),
        answer(
            """
            a = torch.tensor(-4.0, requires_grad=True)
            b = torch.tensor(9.0, requires_grad=True)
            perte = ((modele(temps, a, b) - hauteur) ** 2).mean()
            perte.backward()
            print(a.grad, b.grad)
            """,
            _TO_DO,
            other="""
            p = torch.tensor([-4.0, 9.0], requires_grad=True)
            J = ((p[0] * temps ** 2 + p[1] - hauteur) ** 2).mean()
            (g,) = torch.autograd.grad(J, p)
            print(g[0], g[1])
            """,
            typed="print(torch.tensor(5.1600), torch.tensor(0.7600))",
        ),
        text("**Question 4 (1 point).** Pourquoi faut-il un pas petit ?"),
        reply(
            "Un pas trop grand dépasse le minimum, et la perte augmente.",
            "*Votre réponse ici*",
            "Sinon on saute par-dessus le minimum.",
        ),
    ),
    tasks=(
        TaughtTask("Question 1", ("function",), points=2),
        TaughtTask("Question 2", ("value",), points=1),
        TaughtTask("Question 3", ("value",), points=3),
        TaughtTask("Question 4", ("text", "manual"), points=1),
    ),
)
