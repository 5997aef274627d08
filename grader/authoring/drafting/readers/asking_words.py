"""Know the words by which notebooks call an exercise one, in several languages. Pure."""

from __future__ import annotations

import re

from grader.authoring.drafting.names import strip_points

_STRONG = (
    r"exerc[ií]cios?|exercises?|exercices?|ejercicios?|esercizi[o]?|aufgaben?|[üu]bung(?:en)?"
    r"|упражнени[ея]|задани[ея]|задач[аи]|άσκηση|ασκήσεις|练习|練習|作业|作業|習題|习题|演習|課題"
    r"|任务|任務|思考[题題]|実習"
    r"|연습|과제|(?:ال)?تمرين|تمارين|sua vez|your turn|tu turno|[àa] vous(?: de jouer)?|a ti"
    r"|fa[çc]a voc[êe]|hands[- ]on|try it(?: yourself| out)?|try this|you try|jetzt sie"
    r"|[ćc]wiczeni[ae]|zadani[ae]|al[ıi]şt[ıi]rma|bài tập|cvičení|úkol|feladat|opgave|oppgave"
    r"|övning|uppgift|harjoitus|tehtävä|oefening|opdracht|latihan|exerci[țt]iu|вправа|завдання"
    r"|अभ्यास|แบบฝึกหัด|תרגיל|تمرین"
    r"|questionnaires?|quiz(?:zes)?|question[áa]rios?|cuestionarios?"
)
"""Words that mean an exercise at the beginning of any text."""
_WEAK = (
    r"atividades?|activit(?:y|ies|é|és)|actividad(?:es)?|tarefas?|tareas?|tasks?|bonus"
    r"|quest(?:ão|ões|ions?)|perguntas?|preguntas?|fragen?|domand[ae]|вопросы?|ερώτηση"
    r"|cuesti[óo]n(?:es)?|apartado|inciso|probl[eèé]m(?:as?|s|es?)?|desaf[ií]os?|d[ée]fis?|challenges?|practices?"
    r"|pr[áa]c?ticas?|practice problems?|checkpoints?|homework"
    r"|问题|問題|题目|문제|(?:ال)?سؤال|第\s*\w{1,3}\s*[问問题題]|問い?|题|題|to[- ]?do|ex\.?|q"
)
"""Words that mean one with a number, a colon or nothing behind them."""
_LEAD = (
    r"(?:(?:\d+(?:\.\d+)*[.):]?|coding|graded|inline|programming|interactive|bonus|optional|extra"
    r"|practice|think|mini|conceptual|final|written|theory|first|second|third|last)\W+){0,3}"
)
_NUMBER = r"(?:n[ºo°.]*\s*)?(?:\d|[IVX]+\b|[a-hA-H]\b)"
_NO_EXERCISE = (
    r"(?!\W+(?:notebook|sheet|book|template|caderno|notes|session|overview|solutions?)\b)"
)

_OPENS_STRONG = re.compile(rf"^\W*{_LEAD}(?:{_STRONG})(?!\w){_NO_EXERCISE}", re.IGNORECASE)
_OPENS_WEAK = re.compile(
    rf"^\W*{_LEAD}(?:{_WEAK})(?![^\W\d])(?:\s*(?:{_NUMBER}|[:：.–—)!\]]|$)|\s+-|\W*$)",
    re.IGNORECASE,
)
_HAS_STRONG = re.compile(rf"(?<!\w)(?:{_STRONG})(?![^\W\d])(?:\s*{_NUMBER}|\W*$)", re.IGNORECASE)
_IN_SENTENCE = re.compile(r"\b(your turn|sua vez|tu turno)\b", re.IGNORECASE)
_OPENS_LINE = re.compile(
    rf"^\W*{_LEAD}(?:{_STRONG}|{_WEAK})(?![^\W\d])\s*(?:{_NUMBER}[^:.)–—-]{{0,12}})?\W*(?:[:：.)–—!-]|$)",
    re.IGNORECASE,
)
_POINTED = re.compile(r"^\W*[→➡👉▶✏✍📝🖊💻🛠🔨🧪🎯❓❔🤔]")
"""A sign before a course's request."""
MAX_SENTENCE = 120
"""Most characters of a line that says "your turn" about the text right below it."""
_SEVERAL = re.compile(
    r"^\W*(exerc[ií]cios|exercises|exercices|ejercicios|esercizi|aufgaben|[üu]bungen|atividades"
    r"|activities|activités|actividades|cuestiones|apartados|tarefas|tareas|tasks|quest(ões|ions)|preguntas|perguntas"
    r"|problem(as|s)|problèmes|desafios|desafíos|challenges"
    r"|questionnaires?|quiz(zes)?|question[áa]rios?|cuestionarios?)\W*$",
    re.IGNORECASE,
)
_VERBS = (
    # Portuguese and Spanish
    r"calcul[ea]|implement[ea]|encontre|encuentr[ea]|determine|mostre|muestr[ea]"
    r"|execute|ejecut[ea]|treine|entren[ea]|estim[ea]|crie|cre[ea]|escreva|escrib[ea]|ajust[ea]"
    r"|avalie|eval[úu][ea]|faça|haga|haz|derive|repita|defin[ea]|complete|completa|normalic[ea]"
    r"|construa|constru(?:ye|ya)|explique|explica|justifica|justifique|hall[ea]|obt[ée]n|obtenga|obtenha"
    r"|programe|programa|define|dibuja|grafica|resuelv[ea]|resolva|compare|trace|desenhe|dibuj[ea]|grafique|verifique"
    # French, German and Italian
    r"|calculez|implémentez|trouvez|montrez|entraînez|estimez|créez|écrivez|ajustez|évaluez"
    r"|faites|répétez|définissez|complétez|construisez|expliquez|comparez|tracez|affichez"
    r"|berechnen?|schreiben?|zeigen?|trainieren?|erstellen?|implementieren?|erklären?|bestimmen?"
    r"|calcola(?:te)?|scrivi|scrivete|mostra(?:te)?|crea(?:te)?|implementa(?:te)?"
    # English
    r"|compute|calculate|implement|find|show|train|estimate|create|write|fit|evaluate|repeat|use"
    r"|build|make|define|construct|plot|draw|print|explain|describe|modify|change|add|set|convert"
    r"|reshape|initiali[sz]e|generate|sample|load|split|normali[sz]e|standardi[sz]e|assign|give"
    r"|apply|solve|prove|verify|check|replace|fill|divide|multiply|perform|instantiate|monte|get"
    r"|turn|take|return|save|run|measure|draw|concatenate|stack|sort|count|index|select"
    r"|differentiate|derive|predict|classify|complete|choose|pick|scale|rescale|flatten|permute"
    r"|transpose|sum|subtract|cast|extract|encode|decode|tokeni[sz]e|pad|extend"
    r"|rewrite|determine|obtain|identify|remove|drop|filter|mask|slice|combine|merge|freeze"
    r"|minimi[sz]e|maximi[sz]e|optimi[sz]e|simulate|wrap|put it"
    r"|fine-?tune|design|answer"
)
_VERB = re.compile(
    rf"^\W*(?:(?:now|then|next|finally|first|please|agora|depois|ent[ãa]o|ahora|luego|por favor"
    rf"|maintenant|puis|ensuite|nun|also|let us|let's)\b\W*(?:you\s+)?){{0,2}}(?:{_VERBS})\b",
    re.IGNORECASE,
)
_MUST = re.compile(
    # English
    r"\b(?:you|students)(?:\s+(?:now|also|then))?\s+(?:(?:will|are going to)\s+)?(?:now\s+)?"
    r"(?:(?:need|have|are asked|are required)\s+to|must|should)\s+(?:now\s+)?"
    r"(?:code|implement|write|complete|fill|program|train|compute|calculate)\b"
    r"|\b(?:your|the)\s+(?:task|job|goal|assignment|mission)\s+(?:here\s+|now\s+)?is\s+to\s+"
    r"(?:code|implement|write|complete|fill|program|train|compute|calculate|build|create)\b"
    # Portuguese and Spanish
    r"|\b(?:você|vocês|deve(?:rá)?|devem|precisa|debes|deber[áa]s|debe(?:r[áa])?|deben|hay)\s+"
    r"(?:(?:deve|precisa|ter[áa]|tem|que|de|agora|ahora)\s+){0,3}"
    r"(?:implementar|escrever|completar|calcular|treinar|programar|escribir|entrenar)\b"
    r"|\b(?:tienes?|tiene|tem|ten[ée]is)\s+que\s+"
    r"(?:implementar|escrever|completar|calcular|treinar|programar|escribir|entrenar)\b"
    # French, Italian and German
    r"|\b(?:vous devez|vous allez devoir|il faut|il s'agit d[e'’]|à vous d[e'’]"
    r"|on vous demande d[e'’])\s*(?:maintenant\s+)?"
    r"(?:implémenter|coder|écrire|compléter|calculer|entraîner|programmer)\b"
    r"|\b(?:dovete|devi|occorre|bisogna)\s+(?:ora\s+)?"
    r"(?:implementare|scrivere|completare|calcolare|addestrare|programmare)\b"
    r"|\b(?:sollen|müssen|sollst|musst|sollt|müsst)\b.{0,80}?\b"
    r"(?:implementieren|schreiben|vervollständigen|berechnen|trainieren|programmieren)\b",
    re.IGNORECASE,
)
"""A sentence that asks for code, with its verb after "you need to" or the like."""
_MAKES = re.compile(
    r"\b(creat(e|ing)|make|build|construct|defin(e|a|ir)|initiali[sz]e|instantiate|generate|set"
    r"|read|load|leia|carregue|lea|cargue|lisez|chargez"
    r"|crie|criar|cre[ea]|construa|constru(ye|ya)|inicialize|inicialic[ea]|gere|gener[ea]"
    r"|créez|définissez|construisez|initialisez|générez|erstellen?|definieren?)\b",
    re.IGNORECASE,
)
_SETUP = re.compile(
    r"^\W*(?:\d+[.)]?\s*)?(imports?|importa[çc][õo]es|importaciones|set[- ]?up|installs?"
    r"|installation|instala[çc][ãa]o|instalaci[óo]n|libraries|bibliotecas|librer[ií]as|packages"
    r"|requirements|prepara[çc][ãa]o|preparation|preparaci[óo]n|configura[çc][ãa]o|configuration"
    r"|configuraci[óo]n|helper functions?|helpers?|utilities|utils|fun[çc][õo]es auxiliares"
    r"|funciones auxiliares|references?|refer[êe]ncias|importazioni|pr[ée]paration)\b",
    re.IGNORECASE,
)


def is_setup(title: str) -> bool:
    """Return whether a heading names a part that only prepares: "Imports", "Setup"."""
    return bool(_SETUP.match(title))


def is_exercise(text: str) -> bool:
    """Return whether a heading or a comment announces an exercise below it."""
    if _OPENS_STRONG.match(text) or _OPENS_WEAK.match(text):
        return True
    if _HAS_STRONG.search(text):
        return True
    return bool(_IN_SENTENCE.search(text))


def opens_exercise(line: str) -> bool:
    """Return whether a line of a text begins with the word for an exercise, or says "your turn"."""
    is_short = len(line) <= MAX_SENTENCE
    named = strip_points(line, ":")
    if _OPENS_LINE.match(line) or _OPENS_LINE.match(named):
        return True
    if is_pointed_at(line) and asks_with_verb(line):
        return True
    return is_short and bool(_IN_SENTENCE.search(line))


def is_pointed_at(line: str) -> bool:
    """Return whether a line begins with a sign that courses put before requests."""
    return bool(_POINTED.match(line))


def is_several(title: str) -> bool:
    """Return whether a title is that of several exercises: "Exercises", "Questões"."""
    return bool(_SEVERAL.match(title))


def asks_with_verb(line: str) -> bool:
    """Return whether a line begins with a verb that asks for something."""
    return bool(_VERB.match(line))


def says_what_to_code(sentence: str) -> bool:
    """Return whether a sentence says that its reader has to write code: "you need to code"."""
    return bool(_MUST.search(sentence))


def asks_to_make(text: str) -> bool:
    """Return whether a text asks for data or an object, which computes nothing yet."""
    return bool(_MAKES.search(text))
