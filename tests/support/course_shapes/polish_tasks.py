"""In the shape of a Polish class: "Zadanie 1 (2 pkt)", parts a) and b), tasks in several cells."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="polish-tasks",
    cells=(
        text("# Laboratorium 2: sieci neuronowe\n\nImię i nazwisko: ........"),
        code(
            "import torch\nfrom torch import nn\n\ndane = torch.tensor([2.0, 4.0, 4.0, 6.0, 9.0])"
        ),
        text(
            "### Zadanie 1 (2 pkt)\n\nOblicz średnią `m` i odchylenie standardowe `s` (z "
            "dzielnikiem n) danych."
        ),
        answer(
            "m = dane.mean()\ns = dane.std(unbiased=False)\nprint(m, s)",
            "# Twój kod tutaj\n",
            other="m = dane.sum() / 5\ns = ((dane - m) ** 2).mean().sqrt()\nm, s",
            typed="m, s = 5.0, 2.366",
        ),
        text(
            "### Zadanie 2 (5 pkt)\n\nZbuduj sieć `Siec`: warstwa liniowa z 1 do 4, `ReLU`, "
            "warstwa liniowa z 4 do 1."
        ),
        answer(
            """
            class Siec(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.pierwsza = nn.Linear(1, 4)
                    self.druga = nn.Linear(4, 1)

                def forward(self, x):
                    return self.druga(torch.relu(self.pierwsza(x)))
            """,
            "# Twój kod tutaj\n",
            other="""
            class Siec(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.net = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))

                def forward(self, x):
                    return self.net(x)
            """,
            typed="class Siec(nn.Module):\n    pass",
        ),
        text("Następnie policz parametry sieci; wynik zapisz w `ile`."),
        answer(
            "ile = sum(p.numel() for p in Siec().parameters())\nprint(ile)",
            "ile = None  # Twój kod tutaj\n",
            other="siec = Siec()\nile = 0\nfor p in siec.parameters():\n    ile += p.nelement()",
            typed="ile = 13",
        ),
        text("### Zadanie 3 (1 pkt)\n\nDlaczego potrzebna jest funkcja `ReLU`?"),
        reply(
            "*Odpowiedź:* bez niej dwie warstwy są jedną warstwą liniową.",
            "*Odpowiedź:*",
            "*Odpowiedź:* bo inaczej sieć jest liniowa.",
        ),
        text(
            "### Zadanie 4* (2 pkt dodatkowe)\n\nNapisz funkcję `skaluj(x)`, która przenosi "
            "elementy tensora do przedziału od 0 do 1."
        ),
        answer(
            "def skaluj(x):\n    return (x - x.min()) / (x.max() - x.min())\n\nskaluj(dane)",
            "def skaluj(x):\n    ...\n",
            other="def skaluj(x):\n    a, b = torch.aminmax(x)\n    return x.sub(a).div(b - a)",
            typed="def skaluj(x):\n    return torch.tensor([0, 0.2857, 0.2857, 0.5714, 1])",
        ),
    ),
    tasks=(
        TaughtTask("Zadanie 1", ("value", "test"), 2),
        TaughtTask("Zadanie 2", ("module", "value", "test"), 5, typed=1),
        TaughtTask("Zadanie 3", ("text", "manual"), 1),
        TaughtTask("Zadanie 4", ("function",), 2),
    ),
)
