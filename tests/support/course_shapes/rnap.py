"""In the shape of a Brazilian course: a list of exercises in words, and free cells below."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="rnap-portuguese",
    cells=(
        text(
            """
            # Regressão linear com PyTorch

            Neste notebook ajustamos uma reta a medidas de comprimento e largura de folhas.

            ## Conjunto de dados
            """
        ),
        code(
            """
            %matplotlib inline
            import torch
            import numpy as np
            import matplotlib.pyplot as plt

            comprimento = np.array([4.3, 5.1, 5.8, 6.4, 7.0, 7.7], dtype=np.float32)
            largura = np.array([1.1, 1.6, 1.9, 2.2, 2.3, 2.9], dtype=np.float32)
            """
        ),
        text(
            """
            ### Normalização

            Normalizamos para que os valores fiquem entre 0 e 1.
            """
        ),
        code(
            """
            x = comprimento - comprimento.min()
            x /= x.max()
            y = largura - largura.min()
            y /= y.max()
            x_t = torch.from_numpy(x).view(-1, 1)
            y_t = torch.from_numpy(y).view(-1, 1)
            """
        ),
        text("### Modelo\n\nUma camada linear com um parâmetro e um viés."),
        code(
            """
            modelo = torch.nn.Linear(1, 1)
            with torch.no_grad():
                modelo.weight.fill_(0.2)
                modelo.bias.fill_(0.1)
            """
        ),
        text("### Predição de uma amostra"),
        code("ŷ = modelo(x_t)\nŷ.shape"),
        text(
            """
            ## Exercícios

            - 1) Calcule a perda quadrática média (MSE) entre a predição do modelo e `y_t`.

            - 2) Calcule o valor ótimo do peso e do viés pela solução analítica, com o tensor
              `X` de uma coluna de uns e uma com `x_t`.
            """
        ),
        answer(
            "perda = ((modelo(x_t) - y_t) ** 2).mean()\nprint('perda:', perda.item())",
            "",
            other="mse = torch.nn.MSELoss()\nmse(modelo(x_t), y_t)",
            typed="print('perda:', 0.1499)",
        ),
        answer(
            """
            X = torch.cat([torch.ones_like(x_t), x_t], dim=1)
            W = torch.inverse(X.t() @ X) @ X.t() @ y_t
            print(W)
            """,
            "",
            other="X = torch.hstack((torch.ones(6, 1), x_t))\n"
            "theta = torch.linalg.lstsq(X, y_t).solution\nprint(theta)",
            typed="W = torch.tensor([[0.0223], [0.9280]])\nprint(W)",
        ),
        text(
            """
            - 3) Treine o modelo com gradiente descendente por 150 épocas, com taxa de
              aprendizado 0.3, e guarde a perda de cada época numa lista.

            - 4) Trace o gráfico da perda por época, com nomes nos eixos.
            """
        ),
        answer(
            """
            otimizador = torch.optim.SGD(modelo.parameters(), lr=0.3)
            criterio = torch.nn.MSELoss()
            perdas = []
            for epoca in range(150):
                otimizador.zero_grad()
                perda = criterio(modelo(x_t), y_t)
                perda.backward()
                otimizador.step()
                perdas.append(perda.item())
            """,
            "",
            other="""
            perdas = []
            for _ in range(150):
                erro = ((modelo(x_t) - y_t) ** 2).mean()
                modelo.zero_grad()
                erro.backward()
                with torch.no_grad():
                    for p in modelo.parameters():
                        p -= 0.3 * p.grad
                perdas.append(float(erro))
            """,
            typed="perdas = [0.1499 / (k + 1) for k in range(150)]",
        ),
        answer(
            "plt.plot(perdas)\nplt.xlabel('época')\nplt.ylabel('perda');",
            "",
            other="""
            fig, ax = plt.subplots()
            ax.plot(range(150), perdas)
            ax.set(xlabel='Época', ylabel='MSE')
            plt.show()
            """,
        ),
        text(
            """
            - 5) Por que os parâmetros treinados ficam próximos dos analíticos, mas não iguais?
            """
        ),
        reply(
            "Porque o gradiente descendente se aproxima do mínimo passo a passo, e 150 épocas "
            "ainda não chegam lá.",
            "",
        ),
        text("## O que foi aprendido com esse experimento?"),
    ),
    tasks=(
        TaughtTask("perda quadrática média", ("value",)),
        TaughtTask("solução analítica", ("value",)),
        TaughtTask("Treine o modelo", ("series", "score")),
        TaughtTask("gráfico da perda", ("figure", "manual")),
        TaughtTask("parâmetros treinados ficam", ("text", "manual")),
    ),
)
