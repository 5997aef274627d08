"""Compute one assignment's expected answers when needed, and store them by content.

Answers of the reference come first. Known mistakes run only once a submission fails something, and
several mistakes together only if no single one explains a failure.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.grading.checks.registry import check_of
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Given, Knowledge
from grader.grading.mistakes import WrongWay
from grader.grading.rerun_plan import (
    given_values,
    lacks_an_answer,
    plausible_combinations,
    unexplained,
)
from grader.grading.search import Values
from grader.job import VariedInput
from grader.notebook.deadline import within
from grader.reference.class_seed import ClassSeed, class_seed
from grader.reference.combinations import combinable
from grader.reference.files import ReferenceFiles
from grader.reference.kernels import ReferenceKernels
from grader.reference.knowledge import KnowledgeBuilder
from grader.reference.records import (
    Answers,
    StoredCombinations,
    StoredGiven,
    StoredMistake,
    StoredMistakes,
    StoredReference,
    StoredSeeds,
)
from grader.reference.seeds import SeededReference
from grader.running.session import Launch
from grader.store.store import Store
from grader.trace import BASE, Array

SEARCHING_S = 5.0
"""Most processor time for each search of a submission's values."""

KINDS = ("reference", "mistakes", "combinations", "given", "seeds")
"""Kinds of stored records of a reference."""

R = TypeVar("R", StoredReference, StoredMistakes, StoredCombinations, StoredGiven, StoredSeeds)


class ReferenceCache:
    """The expected answers of one assignment."""

    def __init__(
        self,
        solution: ReferenceFiles,
        store: Store | None,
        launch: Launch,
        kernels: int = 1,
        seed: ClassSeed | None = None,
    ) -> None:
        """Initialise with the reference, and how to run and store it.

        Args:
            solution: the reference and its mistakes.
            store: keeps results; None: they are not kept.
            launch: creates the host of each kernel.
            kernels: how many may run mistakes in parallel.
            seed: that of the class; None: the one in the store, or a new one.
        """
        self.solution = solution
        if solution.variants.are_drawn and seed is None:
            seed = class_seed(store)
        self.seed = seed if solution.variants.are_drawn else None
        """Seed of the numbers of its variants; None: none are drawn."""
        self._drawn_from = self.seed.digest if self.seed else ""
        self._kernels = ReferenceKernels(solution, launch, kernels, seed)
        self._store = store
        self._lock = asyncio.Lock()
        self._stored_reference: StoredReference | None = None
        self._stored_mistakes: StoredMistakes | None = None
        self._stored_combinations: StoredCombinations | None = None
        self._stored_given: StoredGiven | None = None
        self._seeded: SeededReference | None = None
        self._base: Knowledge | None = None
        self._whole: Knowledge | None = None
        self._combinations_on_data: tuple[WrongWay, ...] | None = None

    @property
    def record_names(self) -> list[str]:
        """The names of the stored records."""
        return [self._file_name(kind) for kind in KINDS]

    async def inputs(self) -> tuple[VariedInput, ...]:
        """Return the assignment's data, and the numbers of its variants."""
        reference = await self._reference()
        return reference.inputs

    async def numbers(self) -> str:
        """Return a digest of the variants' numbers."""
        reference = await self._reference()
        return version_with("", reference)

    async def answers(self) -> Answers:
        """Return the answers of the reference, by exercise and run."""
        reference = await self._reference()
        return reference.answers

    async def record(self) -> StoredReference:
        """Return the record of the reference."""
        return await self._reference()

    async def base(self) -> Knowledge:
        """Return the knowledge of the reference, without mistakes."""
        reference = await self._reference()
        if self._base is None:
            self._base = self.knowledge_of(reference, {})
        return self._base

    async def whole(self) -> Knowledge:
        """Return the knowledge of the reference and the known mistakes."""
        reference = await self._reference()
        async with self._lock:
            if self._stored_mistakes is None:
                self._stored_mistakes = await self._load_mistakes(reference)
            if self._whole is None:
                self._whole = self.knowledge_of(reference, self._stored_mistakes.mistakes)
        return self._whole

    async def of(self, values: Values) -> Knowledge:
        """Return the knowledge that is needed to decide about a submission.

        Args:
            values: the values of its trace so far.
        """
        assignment = self.solution.assignment
        base = await self.base()
        with within(SEARCHING_S):
            has_all = not lacks_an_answer(values, assignment, base)
        if has_all:
            return base

        knowledge = await self.whole()
        with within(SEARCHING_S):
            is_unexplained = unexplained(values, assignment, knowledge)
        if is_unexplained:
            combinations = await self._plausible_combinations(values, knowledge)
            knowledge = replace(knowledge, combinations=combinations)
        with within(SEARCHING_S):
            given = given_values(values, assignment, knowledge)
        if given:
            expectations = await self._expectations_from(given)
            knowledge = replace(knowledge, given=expectations)
        return await self._with_seeds(knowledge, values)

    # The reference and its mistakes

    async def _reference(self) -> StoredReference:
        async with self._lock:
            if self._stored_reference is None:
                self._stored_reference = await self._load_reference()
            return self._stored_reference

    async def _load_reference(self) -> StoredReference:
        earlier = self._read_record("reference", StoredReference)
        is_of_class = earlier is not None and earlier.drawn_from == self._drawn_from
        if earlier is not None and is_of_class and earlier.key == self.solution.version:
            return earlier
        attempts: list[int] = []
        if earlier is not None and is_of_class:
            attempts = [variant.attempt for variant in earlier.drawn]
        stored = await self._kernels.reference(attempts)
        self._write_record("reference", stored)
        return stored

    async def _load_mistakes(self, reference: StoredReference) -> StoredMistakes:
        version = version_with(self.solution.mistakes_version, reference)
        stored = self._read_version("mistakes", StoredMistakes, version)
        if stored is None:
            mistakes = await self._kernels.mistakes(reference)
            stored = StoredMistakes(key=version, mistakes=mistakes)
            self._write_record("mistakes", stored)
        return stored

    def knowledge_of(
        self, reference: StoredReference, mistakes: Mapping[str, StoredMistake]
    ) -> Knowledge:
        """Build the knowledge from the records of the reference and its mistakes."""
        builder = self._builder(reference, mistakes)
        solution = self.solution
        accepted = {name: way.note for name, way in solution.accepted.items()}
        sources = _sources(solution, reference)
        sections = solution.sections()
        knowledge = builder.knowledge(sources, accepted, sections)
        marked = solution.marked_answers()
        return replace(knowledge, marked=marked)

    def _builder(
        self, reference: StoredReference, mistakes: Mapping[str, StoredMistake]
    ) -> KnowledgeBuilder:
        solution = self.solution
        exercises = {exercise.id: exercise for exercise in solution.assignment.exercises}
        return KnowledgeBuilder(exercises, reference, mistakes, solution.mistakes)

    # Several mistakes together

    async def _plausible_combinations(
        self, values: Values, knowledge: Knowledge
    ) -> tuple[WrongWay, ...]:
        """Return combinations of mistakes that a submission may have made."""
        reference = await self._reference()
        async with self._lock:
            stored = self._stored_combinations
            if stored is None:
                stored = await self._load_combinations(reference)
            builder = self._builder(reference, self._mistakes())
            if self._combinations_on_data is None:
                ways = builder.ways(knowledge.mistakes, stored.base, stored.base)
                self._combinations_on_data = tuple(ways)

            assignment = self.solution.assignment
            with within(SEARCHING_S):
                plausible = plausible_combinations(
                    values, assignment, knowledge, self._combinations_on_data
                )
            names = [way.id for way in plausible]
            stored = await self._with_variants(stored, names, reference)
            self._stored_combinations = stored

        chosen = {name: stored.whole[name] for name in names}
        chosen_ways = builder.ways(knowledge.mistakes, chosen, stored.base)
        return tuple(chosen_ways)

    async def _load_combinations(self, reference: StoredReference) -> StoredCombinations:
        version = version_with(self.solution.mistakes_version, reference)
        stored = self._read_version("combinations", StoredCombinations, version)
        if stored is None:
            names = combinable(self.solution, self._mistakes())
            base = await self._kernels.combinations(names, reference, variants=False)
            stored = StoredCombinations(key=version, base=base, whole={})
            self._write_record("combinations", stored)
        return stored

    async def _with_variants(
        self, stored: StoredCombinations, names: Sequence[str], reference: StoredReference
    ) -> StoredCombinations:
        """Run combinations on the variants, too, unless that was done before."""
        missing = [name for name in names if name not in stored.whole]
        if not missing:
            return stored
        varied = await self._kernels.combinations(missing, reference, variants=True)
        whole = stored.whole | varied
        stored = stored.model_copy(update={"whole": whole})
        self._write_record("combinations", stored)
        return stored

    def _mistakes(self) -> Mapping[str, StoredMistake]:
        stored = self._stored_mistakes
        if stored is None:
            return {}
        return stored.mistakes

    # Exercises that start from a submission's own value

    async def _expectations_from(self, given: Sequence[Given]) -> dict[Given, Expectation]:
        """Return the results of exercises that start from a submission's values; cached."""
        reference = await self._reference()
        async with self._lock:
            stored = await self._with_given(given, reference)
            self._stored_given = stored

        exercises = {exercise.id: exercise for exercise in self.solution.assignment.exercises}
        expectations: dict[Given, Expectation] = {}
        for each in given:
            key = _given_key(each)
            answers = stored.answers[key]
            runs = answers.get(each.exercise)
            if not runs:
                continue
            exercise = exercises[each.exercise]
            check = check_of(exercise)
            tolerance = check.tolerance(exercise)
            expectations[each] = Expectation(runs, tolerance)
        return expectations

    async def _with_given(self, given: Sequence[Given], reference: StoredReference) -> StoredGiven:
        version = version_with(self.solution.mistakes_version, reference)
        stored = self._stored_given or self._read_version("given", StoredGiven, version)
        if stored is None:
            stored = StoredGiven(key=version, answers={})
        missing = [each for each in given if _given_key(each) not in stored.answers]
        if not missing:
            return stored
        results = await self._kernels.given(missing, reference)
        answers = dict(stored.answers)
        for each, result in zip(missing, results, strict=True):
            key = _given_key(each)
            answers[key] = result
        stored = stored.model_copy(update={"answers": answers})
        self._write_record("given", stored)
        return stored

    # Random answers

    async def _with_seeds(self, knowledge: Knowledge, values: Values) -> Knowledge:
        """Add the reference's answers with the seeds that a submission sets."""
        reference = await self._reference()
        async with self._lock:
            seeded = self._seeded or self._load_seeded(reference)
            self._seeded = seeded
            before = seeded.stored
            extended = await seeded.extend(knowledge, values)
            if seeded.stored is not before:
                self._write_record("seeds", seeded.stored)
        return extended

    def _load_seeded(self, reference: StoredReference) -> SeededReference:
        version = version_with(self.solution.version, reference)
        stored = self._read_version("seeds", StoredSeeds, version)
        if stored is None:
            stored = StoredSeeds(key=version)
        return SeededReference(self.solution.assignment, self._kernels, reference, stored)

    # Records of earlier runs

    def _read_version(self, kind: str, model: type[R], version: str) -> R | None:
        """Read a stored record; None if it is of another version of the reference."""
        record = self._read_record(kind, model)
        if record is None or record.key != version:
            return None
        return record

    def _read_record(self, kind: str, model: type[R]) -> R | None:
        """Read a stored record, of any version."""
        if self._store is None:
            return None
        name = self._file_name(kind)
        return self._store.read_private(name, model)

    def _write_record(
        self,
        kind: str,
        record: StoredReference | StoredMistakes | StoredCombinations | StoredGiven | StoredSeeds,
    ) -> None:
        if self._store is not None:
            name = self._file_name(kind)
            self._store.write_private(name, record)

    def _file_name(self, kind: str) -> str:
        return f"{kind}-{self.solution.assignment.name}"


def version_with(version: str, reference: StoredReference) -> str:
    """Return a version that also depends on drawn numbers.

    Args:
        version: of the reference's files.
        reference: its results; results that are stored with them are valid for its numbers only.
    """
    digest = hashlib.sha256(version.encode())
    for varied in reference.inputs:
        text = varied.model_dump_json()
        digest.update(text.encode())
    return digest.hexdigest()[:16]


def _sources(solution: ReferenceFiles, stored: StoredReference) -> dict[str, tuple[str, int]]:
    """By exercise with a given value: the exercise that provides it, and its number of elements."""
    sources: dict[str, tuple[str, int]] = {}
    for exercise in solution.assignment.exercises:
        if not exercise.given:
            continue
        source = solution.asks_for(exercise.given)
        by_run = stored.answers.get(source, {})
        answers = by_run.get(BASE)
        if not source or not answers:
            continue
        value = answers[0].value
        size = value.size if isinstance(value, Array) else 1
        sources[exercise.id] = (source, size)
    return sources


def _given_key(given: Given) -> str:
    parts = [given.exercise, given.values]
    return json.dumps(parts)
