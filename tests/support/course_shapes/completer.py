"""In the shape of a French practical with code to complete: `# À COMPLÉTER` and dots in lines."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="completer",
    cells=(
        text(
            """
            # TP 4 - Réseaux convolutifs

            **Consigne :** complétez les cellules marquées `# À COMPLÉTER` et répondez aux questions
            en gras. Barème indicatif entre parenthèses.
            """
        ),
        code(
            """
            import torch
            import torch.nn as nn
            import torch.nn.functional as F
            import matplotlib.pyplot as plt

            torch.manual_seed(0)

            def faire_images(n):
                # deux classes : barre horizontale ou barre verticale, avec du bruit
                etiquettes = torch.randint(0, 2, (n,))
                images = 0.3 * torch.randn(n, 1, 8, 8)
                for i, e in enumerate(etiquettes):
                    k = int(torch.randint(1, 7, (1,)))
                    if e == 0:
                        images[i, 0, k] += 1.5
                    else:
                        images[i, 0, :, k] += 1.5
                return images, etiquettes

            x_app, y_app = faire_images(300)
            x_test, y_test = faire_images(200)
            """
        ),
        text(
            """
            ## 1. Convolution à la main (3 pts)

            Écrivez `convolution(image, noyau)` : la corrélation croisée d'une image 2D par un
            noyau, sans bourrage ni pas.
            """
        ),
        boxed(
            """
            def convolution(image, noyau):
                h, l = noyau.shape
                sortie = torch.zeros(image.shape[0] - h + 1, image.shape[1] - l + 1)
                # À COMPLÉTER
                @@
                # FIN
                return sortie
            """,
            solved="""
            for i in range(sortie.shape[0]):
                for j in range(sortie.shape[1]):
                    sortie[i, j] = (image[i:i + h, j:j + l] * noyau).sum()
            """,
            blank="",
            other="""
            patchs = image.unfold(0, h, 1).unfold(1, l, 1)
            sortie = (patchs * noyau).sum(dim=(-1, -2))
            """,
            typed="",
        ),
        text(
            """
            ## 2. Le réseau (4 pts)

            Complétez la classe `PetitCNN` : une convolution 3x3 à 4 canaux (sans bourrage), ReLU,
            max-pooling 2x2, puis une couche linéaire à 2 sorties.
            """
        ),
        boxed(
            """
            class PetitCNN(nn.Module):
                def __init__(self):
                    super().__init__()
                    # À COMPLÉTER
                    @@

                def forward(self, x):
                    # À COMPLÉTER
                    @@
            """,
            solved=(
                "self.conv = nn.Conv2d(1, 4, kernel_size=3)\nself.fc = nn.Linear(4 * 3 * 3, 2)",
                "h = F.max_pool2d(F.relu(self.conv(x)), 2)\nreturn self.fc(h.flatten(1))",
            ),
            blank=("...", "..."),
            other=(
                """
                self.suite = nn.Sequential(
                    nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2)
                )
                """,
                "return self.suite(x)",
            ),
            typed=("self.fc = nn.Linear(64, 2)", "return self.fc(x.flatten(1))"),
        ),
        text(
            """
            **Question :** combien de paramètres apprenables possède ce réseau ? Mettez le résultat
            dans `n_parametres`. (1 pt)
            """
        ),
        answer(
            "n_parametres = sum(p.numel() for p in PetitCNN().parameters())\nprint(n_parametres)",
            "n_parametres = ...  # À COMPLÉTER",
            other="n_parametres = 0\nfor p in PetitCNN().parameters():\n"
            "    n_parametres += p.flatten().shape[0]",
            typed="n_parametres = 100",
        ),
        text(
            """
            ## 3. Apprentissage (4 pts)

            Entraînez le réseau `cnn` pendant 15 époques avec Adam. On attend une précision d'au
            moins 90 % sur l'ensemble de test.
            """
        ),
        boxed(
            """
            cnn = PetitCNN()
            optimiseur = torch.optim.Adam(cnn.parameters(), lr=0.01)
            pertes = []
            for epoque in range(15):
                # À COMPLÉTER
                @@
            """,
            solved="""
            for lot in torch.randperm(300).split(30):
                optimiseur.zero_grad()
                perte = F.cross_entropy(cnn(x_app[lot]), y_app[lot])
                perte.backward()
                optimiseur.step()
            pertes.append(perte.item())
            """,
            blank="pass",
            other="""
            total = 0.0
            for debut in range(0, 300, 25):
                sorties = cnn(x_app[debut:debut + 25])
                cout = nn.CrossEntropyLoss()(sorties, y_app[debut:debut + 25])
                cnn.zero_grad()
                cout.backward()
                optimiseur.step()
                total += cout.item()
            pertes.append(total / 12)
            """,
            typed="pertes.append(1.0 / (epoque + 1))",
        ),
        text(
            """
            ## 4. Courbe (1 pt)

            Tracez la courbe des pertes, avec un titre et des axes légendés, et commentez-la.
            """
        ),
        answer(
            """
            plt.plot(pertes)
            plt.title("Apprentissage")
            plt.xlabel("époque")
            plt.ylabel("perte")
            plt.show()
            """,
            "# À COMPLÉTER",
            other="""
            fig, ax = plt.subplots()
            ax.plot(range(len(pertes)), pertes, marker="o")
            ax.set(title="Perte", xlabel="Époque", ylabel="Entropie croisée")
            """,
        ),
        reply(
            "La perte baisse vite, puis oscille un peu à cause des petits lots.",
            "*Votre commentaire ici*",
            "Elle descend puis se stabilise.",
        ),
        text(
            """
            **Question :** pourquoi la convolution a-t-elle moins de paramètres qu'une
            couche dense ? (1 pt)
            """
        ),
        reply(
            "Parce que le même noyau sert à toutes les positions de l'image.",
            "*Votre réponse ici*",
            "Les poids sont partagés.",
        ),
    ),
    tasks=(
        TaughtTask("Convolution à la main", ("function",), points=3),
        TaughtTask("Le réseau (4 pts)", ("module",), points=4),
        TaughtTask("combien de paramètres", ("value", "test"), points=1),
        TaughtTask("Apprentissage", ("score",), points=4),
        TaughtTask("Courbe", ("figure",), points=1),
        TaughtTask("moins de paramètres", ("text", "manual"), points=1),
    ),
)
