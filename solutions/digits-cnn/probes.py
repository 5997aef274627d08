"""Medem uma rede treinada nos 497 dígitos que nenhum aluno tem."""

import numpy as np
import torch

RETIDOS = np.load(DATA / "retidos.npz")  # noqa: F821 (DATA: a pasta held_out)


def acuracia(modelo):
    """A fração dos dígitos retidos que a rede lê certo.

    Quem esqueceu de dividir por 16 perde os pontos disso no exercício dos tensores. A rede foi
    treinada de 0 a 16, e é nessa escala que ela é medida: vale a melhor das duas.
    """
    imagens = torch.tensor(RETIDOS["imagens"], dtype=torch.float32).unsqueeze(1)
    rotulos = torch.tensor(RETIDOS["rotulos"], dtype=torch.int64)
    return max(acertos(modelo, imagens / 16, rotulos), acertos(modelo, imagens, rotulos))


def acertos(modelo, imagens, rotulos):
    """A fração dos rótulos que têm o maior dos números que a rede dá."""
    return (modelo(imagens).argmax(1) == rotulos).float().mean().item()
