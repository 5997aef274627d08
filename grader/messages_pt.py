"""The messages in Portuguese. A text serves both readers, or each has their own; an empty one is not said."""

from __future__ import annotations

_LOOK = (
    "A conferência automática não chegou a uma conclusão, e uma pessoa vai olhar este exercício. "
    "Você não precisa fazer nada."
)
_RESEND = "Salve o notebook no Jupyter ou no Colab, confira se ele abre e entregue de novo."
_ASK = "Peça uma nova entrega."


def _instructor(text: str) -> dict[str, str]:
    return {"student": "", "instructor": text}


TEXTS: dict[str, str | dict[str, str]] = {
    "value.passed": {
        "student": "Certo: o seu código calcula o que se pede.",
        "instructor": "O valor pedido foi calculado e acompanha os dados.",
    },
    "value.partial-answer": {
        "student": "O seu notebook mostra uma parte do que se pede, que vale {credit:%} dos pontos. "
        "Leia de novo o enunciado e calcule também o que falta.",
        "instructor": "Mostra só uma parte da resposta, que vale {credit:%} dos pontos.",
    },
    "value.absent": {
        "student": "Nenhum valor calculado no seu notebook é o que se pede. "
        "Refaça a conta passo a passo, com os dados do enunciado, e execute tudo de novo.",
        "instructor": "Nenhum valor calculado no notebook é o que se pede.",
    },
    "value.missing": {
        "student": "Ainda não há código seu que responda a este exercício. Escreva a conta em uma célula e execute.",
        "instructor": "Não há código próprio que responda a este exercício.",
    },
    "value.no-gradient": {
        "student": "O autograd ainda não calculou nenhum gradiente no seu notebook. Chame backward() na perda.",
        "instructor": "O autograd não calculou nenhum gradiente nas células do aluno.",
    },
    "value.told": {"student": "", "instructor": "Valores no notebook: {values}."},
    "value.depends": {
        "student": "Este exercício parte do resultado de “{needs}”: acerte aquele primeiro e execute este de novo.",
        "instructor": "Depende de “{needs}”, que também não passou.",
    },
    "value.does-not-follow-data": {
        "student": "O valor precisa ser calculado a partir dos dados: números digitados não contam. "
        "Escreva a conta com as variáveis do notebook.",
        "instructor": "O valor continua o mesmo quando os dados mudam: foi digitado, não calculado.",
    },
    "value.only-here": {
        "student": "O seu código só serve para estes dados: com outros, chega a um "
        "resultado que não é o pedido. "
        "Compare cada passo da conta com o enunciado.",
        "instructor": "Só coincide com os dados do enunciado: com outros dados, "
        "o código chega a um valor diferente do da referência.",
    },
    "unverified.input-not-seen": {
        "student": _LOOK,
        "instructor": "O valor está certo, mas os dados do enunciado não aparecem "
        "no notebook e não puderam ser "
        "trocados. Veja se ele foi calculado.",
    },
    "unverified.raises-only-in-variant": {
        "student": _LOOK,
        "instructor": "O valor está certo, mas com outros dados uma célula termina em {error}. "
        "Veja se ele foi calculado.",
    },
    "unverified.nothing-moved": {
        "student": _LOOK,
        "instructor": "O valor está certo, mas não mudou quando os dados mudaram, "
        "embora nada tenha sido digitado. "
        "Veja se ele foi calculado.",
    },
    "unverified.variant-not-run": {
        "student": _LOOK,
        "instructor": "O valor está certo, mas o notebook não pôde ser executado com outros dados. "
        "Veja se ele foi calculado.",
    },
    "not-run.kernel-ended": {
        "student": "A execução parou na altura da célula {cell}, antes deste exercício. "
        "Conserte o que a fez parar e execute de novo.",
        "instructor": "Não foi executado: o kernel parou na altura da célula {cell}.",
    },
    "mistake": {"student": "{hint}", "instructor": "Erro conhecido: {name}."},
    "mistake.tie": _instructor("Mais de um erro conhecido explica o valor: {names}."),
    "graph.passed": {
        "student": "Certo: o grafo é o que se pede.",
        "instructor": "O grafo é igual ao da referência.",
    },
    "graph.passed-below": {
        "student": "Certo: o grafo que se pede está inteiro no seu, abaixo de mais uma operação ({operation}).",
        "instructor": "O grafo da referência está inteiro neste, abaixo de mais uma operação ({operation}).",
    },
    "graph.differs": {
        "student": "O seu grafo tem {found}, e o que se pede tem outra quantidade. Confira qual rede você criou.",
        "instructor": "O grafo tem {found} onde o da referência tem {expected}.",
    },
    "graph.shape-differs": {
        "student": "As operações são as que se pedem, mas com outros formatos ou ligadas de outro modo. "
        "Confira com que argumentos você criou a rede.",
        "instructor": "As operações são as da referência, mas com outros formatos ou ligadas de outro modo.",
    },
    "graph.no-gradient": {
        "student": "O seu grafo não tem operações. Gere-o fora de torch.no_grad(), a partir da saída da rede.",
        "instructor": "O grafo não tem operações: foi gerado sob no_grad ou a partir de algo sem gradiente.",
    },
    "graph.missing": {
        "student": "Ainda não há um grafo no seu notebook. Aplique a rede a uma entrada e passe a saída a make_dot.",
        "instructor": "Nenhum grafo foi gerado.",
    },
    "text.answered": {
        "student": "Uma pessoa lê esta resposta.",
        "instructor": "Respondida ({words:palavra|palavras}); falta uma pessoa ler.",
    },
    "text.blank": {
        "student": "Ainda sem resposta. Escreva a sua logo abaixo da pergunta.",
        "instructor": "Sem resposta.",
    },
    "text.question-not-found": {
        "student": "A pergunta não está no seu notebook. Copie-a de volta e escreva a resposta logo abaixo.",
        "instructor": "A pergunta não foi encontrada: deve ter sido apagada ou reescrita.",
    },
    "unreadable.empty": {
        "student": f"O arquivo está vazio. {_RESEND}",
        "instructor": f"O arquivo está vazio. {_ASK}",
    },
    "unreadable.not-json": {
        "student": f"O arquivo está danificado a partir da linha {{line}}. {_RESEND}",
        "instructor": f"O arquivo não é JSON: está danificado na linha {{line}}. {_ASK}",
    },
    "unreadable.git-conflict": {
        "student": "O arquivo tem um conflito do git por resolver, na linha {line}. "
        "Resolva-o, confira se o notebook abre e entregue de novo.",
        "instructor": f"O arquivo tem um conflito do git por resolver, na linha {{line}}. {_ASK}",
    },
    "unreadable.not-text": {
        "student": f"O arquivo não é um notebook (.ipynb). {_RESEND}",
        "instructor": f"O arquivo não é texto, e um notebook é. {_ASK}",
    },
    "unreadable.too-large": {
        "student": "O arquivo tem {mib} MiB, grande demais para um notebook. Limpe as "
        "saídas, salve e entregue de novo.",
        "instructor": f"O arquivo tem {{mib}} MiB, grande demais para um notebook. {_ASK}",
    },
    "unreadable.format": {
        "student": f"O formato do notebook ({{version}}) não é conhecido. {_RESEND}",
        "instructor": f"O formato do notebook ({{version}}) não é conhecido. {_ASK}",
    },
    "unreadable.no-access": {
        "student": "O arquivo não pôde ser aberto. Confira as permissões de leitura e tente de novo.",
        "instructor": "O arquivo não pôde ser aberto. Confira as permissões de leitura e execute de novo.",
    },
    "wrong-file.not-a-notebook": {
        "student": "Este arquivo não é um notebook. Entregue o arquivo .ipynb da atividade.",
        "instructor": f"O arquivo é JSON, mas não é um notebook. {_ASK}",
    },
    "wrong-file.no-cells": {
        "student": f"O notebook não tem nenhuma célula. {_RESEND}",
        "instructor": f"O notebook não tem nenhuma célula. {_ASK}",
    },
    "wrong-file.language": {
        "student": "O notebook está em {language}, e a atividade é em Python. Entregue o notebook da atividade.",
        "instructor": f"O notebook está em {{language}}, não em Python. {_ASK}",
    },
    "wrong-file.other-assignment": {
        "student": "Este notebook parece ser de outra atividade. Confira qual arquivo você escolheu.",
        "instructor": "Nada em comum com o notebook distribuído, e nenhuma resposta: "
        "parece ser de outra atividade. "
        f"{_ASK}",
    },
    "unchanged": {
        "student": "Este é o notebook como foi distribuído, sem nada seu. "
        "Confira se você salvou o seu trabalho e escolheu o arquivo certo.",
        "instructor": "É o notebook como foi distribuído, sem alterações.",
    },
    "ended.died": {
        "student": "O kernel terminou na célula {cell}. O que veio antes foi corrigido; "
        "conserte a célula e execute de novo.",
        "instructor": "O kernel terminou na célula {cell}; o que veio antes foi corrigido.",
    },
    "ended.timeout": {
        "student": "A célula {cell} foi encerrada depois de {seconds:segundo|segundos}, no limite de tempo. "
        "Procure nela um laço que não termina.",
        "instructor": "A célula {cell} foi encerrada depois de "
        "{seconds:segundo|segundos}, no limite de tempo; "
        "o que veio antes foi corrigido.",
    },
    "ended.notebook-timeout": {
        "student": "O notebook foi encerrado na célula {cell}, no seu limite de tempo, depois de "
        "{seconds:segundo|segundos}. "
        "Diminua o que demora e execute de novo.",
        "instructor": "O notebook foi encerrado na célula {cell}, no seu limite de tempo, depois de "
        "{seconds:segundo|segundos}; "
        "o que veio antes foi corrigido.",
    },
    "ended.flooded": {
        "student": "A célula {cell} escreveu saída demais e foi encerrada. Procure nela um print dentro de um laço.",
        "instructor": "A célula {cell} escreveu saída demais e foi encerrada.",
    },
    "ended.memory": {
        "student": "A célula {cell} usou mais memória do que um notebook pode ter, e a execução parou ali. "
        "O que veio antes foi corrigido. Procure na célula dados que não param de crescer e execute de novo.",
        "instructor": "O kernel foi encerrado na célula {cell}, por usar mais memória do que o permitido; "
        "o que veio antes foi corrigido.",
    },
    "limit.memory": {
        "student": "A célula {cell} pediu mais memória do que um notebook pode ter e parou com um erro; "
        "as células seguintes foram executadas. Procure nela um tensor ou uma lista maior do que precisa ser.",
        "instructor": "A célula {cell} chegou ao limite de memória e terminou em erro; o resto foi executado.",
    },
    "limit.disk": {
        "student": "A célula {cell} gravou em arquivos mais do que um notebook pode e parou com um erro; "
        "as células seguintes foram executadas. Grave menos nela, ou só o que a atividade pede.",
        "instructor": "A célula {cell} chegou ao limite de espaço em disco e terminou em erro; o resto foi executado.",
    },
    "limit.processes": {
        "student": "A célula {cell} iniciou coisas demais ao mesmo tempo e parou com um erro; "
        "as células seguintes foram executadas. Inicie menos nela: um DataLoader, por exemplo, "
        "também funciona com num_workers=0.",
        "instructor": "A célula {cell} chegou ao limite de processos e threads e terminou em erro; "
        "o resto foi executado.",
    },
    "limit.open-files": {
        "student": "A célula {cell} abriu arquivos demais ao mesmo tempo e parou com um erro; "
        "as células seguintes foram executadas. Feche cada arquivo depois de ler: abra-o num bloco with.",
        "instructor": "A célula {cell} chegou ao limite de arquivos abertos e terminou em erro; o resto foi executado.",
    },
    "ungradable.kernel": {
        "student": "O notebook não pôde ser executado por um problema do corretor, não seu. Tente de novo.",
        "instructor": "Não pôde ser executado, por um problema do corretor ({problem}). Execute de novo.",
    },
    "note.random-weights": "Os pesos pré-treinados não foram baixados: a rede ficou com pesos aleatórios, "
    "o que não tira pontos.",
    "note.skipped": "{count:comando não foi executado|comandos não foram executados}; isso não tira pontos.",
    "note.again": {
        "student": "Executadas de novo no fim, pois usam nomes que só aparecem depois: células {cells}. "
        "Ponha-as em ordem, para que o notebook rode de cima a baixo.",
        "instructor": "Executadas de novo no fim, pois usam nomes que só aparecem depois: células {cells}.",
    },
    "note.truncated": {
        "student": "O notebook faz mais do que o corretor consegue anotar, e o fim pode não ter sido visto. "
        "Tire dele o que não faz parte da atividade.",
        "instructor": "As anotações da execução chegaram ao limite: o que veio depois não foi visto.",
    },
    "flag.does-not-follow-data": _instructor("O valor não acompanha os dados. Veja a linha e decida."),
    "flag.unverified": _instructor("O valor não pôde ser conferido com outros dados. Veja o código e decida."),
    "flag.not-reproducible": {
        "student": "O arquivo guarda resultados que uma nova execução não repete. "
        "Reinicie o kernel, execute tudo e salve antes de entregar.",
        "instructor": "O arquivo guarda {saved}, mas uma nova execução dá {fresh}.",
    },
    "flag.forged-events": _instructor(
        "O notebook escreveu no canal de anotações do corretor ({count:mensagem|mensagens}). Leia o código."
    ),
    "validate.reference-earns-all": _instructor(
        "A referência ganha todos os {points:ponto|pontos}, com os dados do enunciado e com cada variante."
    ),
    "validate.reference-loses": _instructor("A referência não passa em {exercise}: {run}. Corrija-a."),
    "validate.mistake-ok": _instructor("{mistake}: perde o que declara e é reconhecido; sobram {credit:ponto|pontos}."),
    "validate.mistake-changes-nothing": _instructor(
        "{mistake}: não muda nenhum valor. Corrija a edição ou retire o erro."
    ),
    "validate.mistake-earns": _instructor(
        "{mistake}: ganha {earned:%} de {exercise}, mas mistakes.toml declara {declared:%}."
    ),
    "validate.mistake-not-recognised": _instructor("{mistake}: não é reconhecido como ele mesmo, e sim: {found}."),
    "validate.handout-earns-nothing": _instructor("O notebook distribuído não ganha nenhum ponto."),
    "validate.handout-earns": _instructor(
        "O notebook distribuído já ganha pontos em {exercise}. Tire dele a resposta."
    ),
    "validate.handout-raises": _instructor("A célula {cell} do notebook distribuído termina em {error}."),
    "validate.no-leak": _instructor("Nenhuma mensagem para alunos contém um valor esperado."),
    "validate.leak": _instructor("{where}: “{text}” mostra um valor esperado ao aluno. Reescreva o texto."),
}

RUNS = {"base": "com os dados do enunciado", "variant": "na variante"}
"""Labels of runs."""

WORDS: dict[str, str] = {
    "unsealed": "Sem isolamento: estes notebooks foram executados com os seus direitos.",
    "stage-starting": "preparando kernels isolados",
    "stage-grading": "corrigindo",
    "stage-checking": "conferindo",
    "stage-regrading": "corrigindo de novo",
    "student": "aluno",
    "points": "pontos",
    "questions": "perguntas",
    "what": "o que saber",
    "to-read": "{count} a ler",
    "passed": "certo",
    "partial": "em parte",
    "failed": "errado",
    "pending": "à espera de uma pessoa",
    "missing": "sem resposta",
    "not_run": "não executado",
    "ungradable": "não corrigido",
    "graded": "corrigido",
    "unreadable": "ilegível",
    "wrong_file": "arquivo errado",
    "unchanged": "sem alterações",
    "submissions": "{count:entrega|entregas}",
    "mean": "média {mean}",
    "mean-of": "média {mean} de {points}",
    "count-unreadable": "{count:ilegível|ilegíveis}",
    "count-wrong_file": "{count:arquivo errado|arquivos errados}",
    "count-unchanged": "{count:sem alterações|sem alterações}",
    "count-ungradable": "{count:não corrigida|não corrigidas}",
    "count-pending": "{count:resposta|respostas} à espera de uma pessoa",
    "look": "Precisam de um olhar",
    "about": "Sobre os exercícios",
    "no-assignment": "Sem atividade",
    "of-points": "{earned} de {possible:ponto|pontos}",
    "pending-points": "{points:ponto|pontos} à espera de uma pessoa",
    "read-by-a-person": "{count:pergunta|perguntas}: uma pessoa lê",
    "under": "em “{heading}”",
    "cell": "célula {cell}",
    "line": "célula {cell}, linha {line}",
    "found": "encontrado: {value}",
    "or": " ou ",
    "perhaps": "Uma causa possível: {hint}",
    "explains": "explica: {exercises}",
    "flag": "aviso",
    "note": "nota",
    "cells-failed": "Células que não terminaram bem (isso, por si, não tira pontos):",
    "cell-error": "erro",
    "cell-timeout": "tempo esgotado",
    "cell-died": "o kernel terminou aqui",
    "cell-flooded": "saída demais",
    "cell-not_run": "não executada",
    "cells-not-run": "{count:célula não foi executada|células não foram executadas} depois disso.",
    "skipped": "Comandos pulados, sem tirar pontos: {commands}",
    "more": "mais {count}",
    "all-right": "Tudo certo no que é corrigido automaticamente. Salve e entregue.",
    "again": "Mude o que falta, salve e confira de novo com o mesmo comando.",
    "report": "Relatório: {file}",
    "next-show": "um aluno por inteiro: grade show {folder} NOME",
    "reused": "{count:entrega|entregas} com a execução guardada",
    "rerun": "{count:executada|executadas} de novo: {students}",
    "no-change": "Nenhuma pontuação mudou.",
    "changes": "{count:pontuação mudou|pontuações mudaram}:",
    "valid": "{name}: tudo certo ({count:conferência|conferências})",
    "invalid": "{name}: {failed:conferência falhou|conferências falharam}, de {count}",
}
"""Words and phrases of the screen."""

SHORT: dict[str, str] = {
    "value.partial-answer": "parte da resposta",
    "value.absent": "resposta não encontrada",
    "value.missing": "sem código próprio",
    "value.no-gradient": "sem gradiente",
    "value.does-not-follow-data": "não segue os dados",
    "value.only-here": "só vale para estes dados",
    "graph.differs": "{found}, não {expected}",
    "graph.shape-differs": "grafo de outros formatos",
    "graph.no-gradient": "grafo sem operações",
    "graph.missing": "sem grafo",
    "unreadable.empty": "vazio",
    "unreadable.not-json": "danificado, linha {line}",
    "unreadable.git-conflict": "conflito do git, linha {line}",
    "unreadable.not-text": "não é texto",
    "unreadable.too-large": "{mib} MiB",
    "unreadable.format": "formato {version}",
    "unreadable.no-access": "sem permissão de leitura",
    "wrong-file.not-a-notebook": "não é notebook",
    "wrong-file.no-cells": "sem células",
    "wrong-file.language": "em {language}",
    "wrong-file.other-assignment": "outra atividade",
    "ended.died": "kernel terminou, célula {cell}",
    "ended.timeout": "tempo esgotado, célula {cell}",
    "ended.notebook-timeout": "tempo esgotado, célula {cell}",
    "ended.flooded": "saída demais, célula {cell}",
    "ended.memory": "memória esgotada, célula {cell}",
    "limit.memory": "limite de memória, célula {cell}",
    "limit.disk": "limite de disco, célula {cell}",
    "limit.processes": "limite de processos, célula {cell}",
    "limit.open-files": "limite de arquivos abertos, célula {cell}",
    "flag.does-not-follow-data": "não segue os dados",
    "flag.unverified": "a conferir",
    "flag.not-reproducible": "saídas antigas",
    "flag.forged-events": "escreveu no canal do corretor",
}
"""Messages in a few words, for a narrow column; one that is not here is not said there."""
