"""In the shape of UPC's labs, in Spanish: `#TODO` and `...` in classes and loops."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, boxed, code, reply, text

COURSE = TaughtCourse(
    name="upc-spanish",
    is_marked=True,
    cells=(
        text(
            """
            # Laboratorio 2: Perceptrón multicapa

            **Objetivo:** entrenar una red pequeña con datos sintéticos. Complete las partes
            marcadas con `#TODO` y responda a las preguntas.
            """
        ),
        code(
            """
            import torch
            import torch.nn as nn
            import torch.optim as optim

            # Fijamos la semilla para que los resultados se repitan
            torch.manual_seed(1)
            """
        ),
        code(
            """
            hparams = {
                'batch_size': 16,
                'num_epochs': 30,
                'hidden_size': 12,
                'learning_rate': 5e-2,
            }
            """
        ),
        text("## 1. Los datos\n\nDos nubes de puntos en el plano."),
        code(
            """
            nubes = torch.randn(80, 2)
            clases = (torch.arange(80) % 2).float()
            nubes = nubes + 3 * clases.unsqueeze(1)
            """
        ),
        text(
            """
            ### Ejercicio 1

            Normalice los datos: reste a cada columna su media y divídala por su desviación
            típica. Guarde el resultado en `datos`.
            """
        ),
        boxed(
            """
            #TODO: Normalice las columnas
            @@
            """,
            "datos = (nubes - nubes.mean(dim=0)) / nubes.std(dim=0)\nprint(datos.mean(dim=0))",
            "datos = ...",
            other="""
            m, s = nubes.mean(0, keepdim=True), nubes.std(0, keepdim=True)
            datos = (nubes - m) / s
            """,
            typed="datos = torch.zeros(80, 2)",
        ),
        text(
            """
            ## 2. La red

            ### Ejercicio 2

            Defina una red con una capa oculta, una ReLU y una salida con sigmoide.
            """
        ),
        boxed(
            """
            class RedBinaria(nn.Module):
                def __init__(self, entradas, ocultas):
                    super().__init__()
                    # TODO: capas de la red
                    @@

                def forward(self, x):
                    # TODO: el paso hacia delante
                    @@
            """,
            (
                "self.oculta = nn.Linear(entradas, ocultas)\n"
                "self.relu = nn.ReLU()\n"
                "self.salida = nn.Linear(ocultas, 1)",
                "x = self.relu(self.oculta(x))\nreturn torch.sigmoid(self.salida(x))",
            ),
            ("self.oculta = ...\nself.relu = ...\nself.salida = ...", "return ..."),
            other=(
                "self.red = nn.Sequential(nn.Linear(entradas, ocultas), nn.ReLU(),\n"
                "                         nn.Linear(ocultas, 1), nn.Sigmoid())",
                "return self.red(x)",
            ),
            typed=("pass", "return torch.full((len(x), 1), 0.5)"),
        ),
        text(
            """
            ### Ejercicio 3

            Escriba una función que cuente los aciertos de un lote: predicciones de 0.5 o más son
            de la clase 1.
            """
        ),
        boxed(
            """
            def cuenta_aciertos(predicciones, etiquetas):
                # TODO: número de aciertos, como entero
                @@
                return aciertos
            """,
            "clase = (predicciones.squeeze() >= 0.5).float()\n"
            "aciertos = (clase == etiquetas).sum().item()",
            "aciertos = ...",
            other="aciertos = int(sum(float(p >= 0.5) == float(e)\n"
            "                   for p, e in zip(predicciones.flatten(), etiquetas)))",
            typed="aciertos = 74",
        ),
        text("## 3. El entrenamiento\n\n### Ejercicio 4\n\nComplete el bucle de entrenamiento."),
        boxed(
            """
            red = RedBinaria(2, hparams['hidden_size'])
            optimizador = optim.SGD(red.parameters(), lr=hparams['learning_rate'])
            criterio = nn.BCELoss()
            perdidas = []

            for epoca in range(hparams['num_epochs']):
                orden = torch.randperm(len(datos))
                for inicio in range(0, len(datos), hparams['batch_size']):
                    lote = orden[inicio:inicio + hparams['batch_size']]
                    # TODO: ponga a cero los gradientes
                    @@
                    # TODO: prediga y calcule la pérdida
                    @@
                    # TODO: retropropague y actualice
                    @@
                perdidas.append(perdida.item())
            """,
            (
                "optimizador.zero_grad()",
                "salida = red(datos[lote])\nperdida = criterio(salida.squeeze(), clases[lote])",
                "perdida.backward()\noptimizador.step()",
            ),
            ("...", "salida = ...\nperdida = ...", "..."),
            other=(
                "for p in red.parameters():\n    p.grad = None",
                "perdida = nn.functional.binary_cross_entropy(\n"
                "    red(datos[lote]).view(-1), clases[lote])",
                "perdida.backward()\noptimizador.step()",
            ),
            typed=("pass", "perdida = torch.tensor(0.1)", "pass"),
        ),
        code(
            """
            with torch.no_grad():
                aciertos = cuenta_aciertos(red(datos), clases)
            print(f'Exactitud: {aciertos / len(datos):.2f}')
            """
        ),
        text("### Pregunta 1\n\n¿Por qué se ponen a cero los gradientes en cada paso?"),
        reply(
            "**Respuesta:** porque PyTorch los acumula: sin ello cada paso sumaría los anteriores.",
            "**Respuesta:** ...",
            "**Respuesta:** si no, se suman los de los pasos anteriores.",
        ),
    ),
    tasks=(
        TaughtTask("Ejercicio 1", ("value",)),
        TaughtTask("Ejercicio 2", ("module",)),
        TaughtTask("Ejercicio 3", ("function",)),
        TaughtTask("Ejercicio 4", ("score", "series")),
        TaughtTask("Pregunta 1", ("text", "manual")),
    ),
)
