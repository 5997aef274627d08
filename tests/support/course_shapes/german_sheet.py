"""In the shape of a German sheet: "Aufgabe 1.1 (3 P.)", parts a) and b), a bonus, a discussion."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="german-sheet",
    cells=(
        text(
            "# Übungsblatt 5: Faltungen\n\nAbgabe bis Montag, 12 Uhr. Insgesamt 12 Punkte und 2 "
            "Bonuspunkte."
        ),
        code(
            """
            import torch
            import torch.nn as nn
            import torch.nn.functional as F

            bild = torch.tensor([[0., 0, 1, 1], [0, 0, 1, 1], [2, 2, 0, 0], [2, 2, 0, 0]])
            kern = torch.tensor([[1., -1], [1, -1]])
            """
        ),
        text(
            "## Aufgabe 1: Faltung von Hand (6 P.)\n\n**a)** (4 P.) Schreiben Sie eine Funktion "
            "`falte(bild, kern)`, die ohne `conv2d` die Korrelation ohne Rand berechnet."
        ),
        answer(
            """
            def falte(bild, kern):
                h, b = kern.shape
                zeilen = bild.shape[0] - h + 1
                spalten = bild.shape[1] - b + 1
                ergebnis = torch.zeros(zeilen, spalten)
                for i in range(zeilen):
                    for j in range(spalten):
                        ergebnis[i, j] = (bild[i:i + h, j:j + b] * kern).sum()
                return ergebnis
            """,
            "def falte(bild, kern):\n    # Ihr Code hier\n    pass",
            other="""
            def falte(bild, kern):
                fenster = bild.unfold(0, kern.shape[0], 1).unfold(1, kern.shape[1], 1)
                return torch.einsum("ijkl,kl->ij", fenster, kern)
            """,
            typed="def falte(bild, kern):\n    return torch.zeros(3, 3)",
        ),
        text("**b)** (2 P.) Wenden Sie `falte` auf `bild` und `kern` an: `kanten`."),
        answer(
            "kanten = falte(bild, kern)\nkanten",
            "kanten = None  # Ihr Code hier",
            other="kanten = F.conv2d(bild[None, None], kern[None, None])[0, 0]",
            typed="kanten = torch.zeros(3, 3)",
        ),
        text(
            "## Aufgabe 2: Parameter zählen (3 P.)\n\nWie viele Parameter hat eine Faltung von 3 "
            "auf 8 Kanäle mit Kernen der Größe 5? Berechnen Sie es mit PyTorch: `anzahl`."
        ),
        answer(
            "schicht = nn.Conv2d(3, 8, 5)\nanzahl = sum(p.numel() for p in schicht.parameters())\n"
            "print(anzahl)",
            "anzahl = None  # Ihr Code hier",
            other="conv = nn.Conv2d(3, 8, kernel_size=(5, 5))\n"
            "anzahl = conv.weight.numel() + conv.bias.numel()",
            typed="anzahl = 608",
        ),
        text("## Aufgabe 3: Diskussion (3 P.)\n\nWas bewirkt ein größerer `stride`?"),
        reply(
            "Die Ausgabe wird kleiner, da weniger Positionen berechnet werden.",
            "*Ihre Antwort hier*",
            "Weniger Positionen, kleinere Ausgabe.",
        ),
        text("## Bonusaufgabe (2 P.)\n\nBerechnen Sie den Mittelwert jedes 2x2-Blocks von `bild`."),
        answer(
            "mittel = F.avg_pool2d(bild[None, None], 2)[0, 0]\nmittel",
            "mittel = None  # Ihr Code hier",
            other="mittel = bild.reshape(2, 2, 2, 2).mean(dim=(1, 3))",
            typed="mittel = torch.tensor([[0.0, 1.0], [2.0, 0.0]])",
        ),
    ),
    tasks=(
        TaughtTask("Faltung von Hand", ("function",), 4),
        TaughtTask("Wenden Sie", ("value",), 2),
        TaughtTask("Parameter zählen", ("value", "test"), 3, typed=1),
        TaughtTask("Aufgabe 3", ("text", "manual"), 3),
        TaughtTask("Bonusaufgabe", ("value",), 2),
    ),
)
