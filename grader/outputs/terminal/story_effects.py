"""Format the effects and decisions of a line of code, for the column beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from grader.messages import Language, word
from grader.outputs import wording
from grader.outputs.safe_text import plain, safe
from grader.outputs.story import wording as story_wording
from grader.outputs.story.lines import CodeLine, Effect, Turns
from grader.outputs.story.story import StoryDecision, StoryLine
from grader.report import ExerciseResult

SEPARATOR = " · "
FLAG_COLOUR = "magenta"


class EffectTexts:
    """Builds the texts beside a line of code or below a cell."""

    def __init__(self, columns: int, language: Language) -> None:
        """Take the width of the column beside the code, and the language of the words."""
        self._columns = columns
        self._language = language

    def notes_on(self, line: StoryLine) -> Iterator[Text]:
        """Show the effects of a line, then its decisions."""
        yield from self._effects(line.line)

        texts = story_wording.texts_beside(line, self._language)
        for decision in line.decisions:
            yield from self.decision(decision, texts)

    def below(self, effect: Effect) -> Iterator[Text]:
        """Show an effect that belongs to no line."""
        if effect.kind == "note":
            note = story_wording.recorder_note(effect, self._language, "instructor")
            yield safe(note, "dim")
        elif effect.kind == "skipped":
            not_run = self._not_run()
            sentence = f"{effect.text}: {not_run}"
            yield safe(sentence, "dim")
        else:
            yield from self._printed(effect)

    def decision(self, decision: StoryDecision, texts: Collection[str]) -> Iterator[Text]:
        """Show an exercise that was decided, its mistakes and its flags.

        Args:
            decision: the decision.
            texts: names and values beside the line: a value that is there is not shown again.
        """
        title = _decision_title(decision)
        if story_wording.needs_value(decision, texts):
            value = wording.value_found(decision.evidence)
            harmless = plain(value)
            title.append(f": {harmless}")
        yield title

        if decision.decides:
            yield from self._mistakes(decision.exercise)
        for flag in decision.flags:
            reason = wording.in_few_words(flag.message, self._language)
            yield _below_title(f"⚑ {reason}", FLAG_COLOUR)

    def _mistakes(self, exercise: ExerciseResult) -> Iterator[Text]:
        _, colour = wording.MARKS[exercise.status]
        for mistake in exercise.mistakes:
            name = wording.mistake_name(mistake, self._language)
            yield _below_title(name, colour)

    # Effects

    def _effects(self, line: CodeLine) -> Iterator[Text]:
        for key, group in groupby(line.effects, key=_group_key):
            turns, group_kind = key
            label = self._label(turns)
            if group_kind == "values":
                yield from self._value_rows(group, label)
            elif group_kind == "printed":
                yield from self._printed_rows(group, label)
            else:
                yield Text(self._not_run(), "dim")

        if line.more:
            more = self._more(line.more)
            yield Text(f"… {more}", "dim")

    def _label(self, turns: Turns) -> str:
        """Format the passes that had an effect, with a trailing space."""
        passes = story_wording.passes(turns, self._language)
        if not passes:
            return ""
        return f"{passes} "

    def _value_rows(self, effects: Iterable[Effect], label: str) -> Iterator[Text]:
        """Show values on as few rows as possible, each value whole if it fits."""
        items: list[Text] = []
        for effect in effects:
            items += self._values(effect)

        separator = len(SEPARATOR)
        row = _start_row(label)
        for index, item in enumerate(items):
            if index == 0:
                row.append_text(item)
                continue

            needed = row.cell_len + separator + item.cell_len
            if needed > self._columns:
                yield row
                indent = " " * cell_len(label)
                row = _start_row(indent)
            else:
                row.append(SEPARATOR, "dim")
            row.append_text(item)
        yield row

    def _values(self, effect: Effect) -> Iterator[Text]:
        for path, value in story_wording.values(effect, self._language):
            text = f"{path} = {value}" if path else f"→ {value}"
            yield Text(text)

        if effect.more:
            more = self._more(effect.more)
            yield Text(more, "dim")

    def _printed_rows(self, effects: Iterable[Effect], label: str) -> Iterator[Text]:
        for effect in effects:
            for line in self._printed(effect):
                row = Text()
                row.append(label, "cyan")
                row.append_text(line)
                yield row

    def _printed(self, effect: Effect) -> Iterator[Text]:
        lines = effect.text.split("\n")
        last = len(lines) - 1
        for index, line in enumerate(lines):
            row = Text()
            row.append("» ", "dim")
            row.append(plain(line))
            if index == last and effect.more:
                more = self._more(effect.more)
                row.append(f" … {more}", "dim")
            yield row

    def _not_run(self) -> str:
        return word("not_run", self._language)

    def _more(self, count: int) -> str:
        return word("more", self._language, count=count)


def _group_key(effect: Effect) -> tuple[Turns, str]:
    """Return a key that effects of the same passes and the same form share."""
    if effect.kind in ("printed", "skipped"):
        return effect.turns, effect.kind
    return effect.turns, "values"


def _start_row(label: str) -> Text:
    row = Text(no_wrap=True, overflow="ellipsis")
    row.append(label, "cyan")
    return row


def _decision_title(decision: StoryDecision) -> Text:
    exercise = decision.exercise
    title = plain(exercise.title)
    if decision.decides:
        _, colour = wording.MARKS[exercise.status]
        mark = wording.mark(exercise.status)
        style = f"bold {colour}"
    else:
        mark = Text("⚑", FLAG_COLOUR)
        style = "bold"

    mark.append(f" {title}", style)
    return mark


def _below_title(text: str, style: str) -> Text:
    line = Text("  ")
    line.append_text(safe(text, style))
    return line
