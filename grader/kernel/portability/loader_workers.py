"""Let data loaders do without processes once many have been started. Runs in the student's kernel.

A loader starts its workers anew in each epoch, and each costs 0.1 s of the notebook's time: with
two loaders, 100 epochs reach the limit of a cell. The first workers are processes, as at home.
Later ones take turns in the notebook's process, with the seeds, batches and exceptions that
processes have.
"""

from __future__ import annotations

import _random
import collections
import functools
import importlib
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.recorder import Recorder
from grader.kernel.variants.start_modes import put_back, saved_modes

MAX_PROCESSES = 32
"""Workers that are processes; as many as loaders with 1 to 7 workers need to be compared."""

Note = Callable[[], None]


def install(recorder: Recorder) -> None:
    """Watch the loaders that start workers, now or when torch is imported."""

    @functools.cache
    def note() -> None:
        recorder.note("workers num_workers")

    hook = functools.partial(_watch_loaders, note)
    when_imported("torch.utils.data.dataloader", hook)


def _watch_loaders(note: Note, module: Any) -> None:
    loader_class = module.DataLoader
    plain = loader_class._get_iterator
    iterator_class = _make_iterator_class(module)
    started = 0

    @functools.wraps(plain)
    def get_iterator(loader: Any) -> Any:
        nonlocal started
        if not _may_do_without_processes(module, loader):
            return plain(loader)
        started += loader.num_workers
        if started <= MAX_PROCESSES:
            return plain(loader)
        note()
        loader.check_worker_number_rationality()
        return iterator_class(loader)

    loader_class._get_iterator = get_iterator


def _may_do_without_processes(module: Any, loader: Any) -> bool:
    """Return whether a loader starts workers in each epoch that give the same batches here.

    Persistent workers start once. Streams may end in one worker before another.
    """
    kinds = module._DatasetKind
    pipes = importlib.import_module("torch.utils.data")
    plain_workers = loader.num_workers > 0 and not loader.persistent_workers
    plain_context = loader.multiprocessing_context is None and getattr(loader, "in_order", True)
    plain_data = loader._dataset_kind == kinds.Map
    is_pipe = isinstance(loader.dataset, pipes.MapDataPipe)
    return plain_workers and plain_context and plain_data and not is_pipe


def _make_iterator_class(module: Any) -> Any:
    base = module._BaseDataLoaderIter

    class TakingTurns(base):  # type: ignore[misc, valid-type]
        """Iterates over the batches of workers that take turns in this process."""

        def __init__(self, loader: Any) -> None:
            super().__init__(loader)
            numbers = range(loader.num_workers)
            workers = [_Worker(module, loader, self._base_seed, number) for number in numbers]
            self._turns: Iterator[_Worker] = itertools.cycle(workers)

            # Workers are given batches in advance: a sampler draws its numbers that early.
            super()._reset(loader)
            ahead = loader.prefetch_factor * loader.num_workers
            indices = itertools.islice(self._sampler_iter, ahead)
            self._indices = collections.deque(indices)

        def _next_data(self) -> Any:
            if not self._indices:
                raise StopIteration
            index = self._indices.popleft()
            worker = next(self._turns)
            batch = worker.fetch(index)

            following = itertools.islice(self._sampler_iter, 1)
            self._indices.extend(following)
            if isinstance(batch, worker.failure):
                batch.reraise()
            return batch

    return TakingTurns


class _Worker:
    """Loads batches with its own random states."""

    def __init__(self, module: Any, loader: Any, base_seed: int, number: int) -> None:
        self.utils = module._utils
        self.failure = module.ExceptionWrapper
        self.where = f"in DataLoader worker process {number}"
        info = self.utils.worker.WorkerInfo
        self.info = info(
            id=number,
            num_workers=loader.num_workers,
            seed=base_seed + number,
            dataset=loader.dataset,
        )
        outside = saved_modes()
        self._seed(base_seed)
        self.modes = saved_modes()
        put_back(outside)

        start = functools.partial(self._start, module, loader)
        self.fetcher = self._run(start)

    def _seed(self, base_seed: int) -> None:
        """Set the seeds of a worker; the hooks of seeds that a notebook sets do not see it."""
        words = _random.Random(self.info.seed).getstate()
        random.setstate((random.Random.VERSION, words, None))
        torch = importlib.import_module("torch")
        torch.default_generator.manual_seed(self.info.seed)

        if self.utils.worker.HAS_NUMPY:
            numpy = importlib.import_module("numpy")
            numpy_seed = self.utils.worker._generate_state(base_seed, self.info.id)
            numpy.random.mtrand._rand.seed(numpy_seed)

    def _start(self, module: Any, loader: Any) -> Any:
        if loader.worker_init_fn is not None:
            loader.worker_init_fn(self.info.id)
        kind = loader._dataset_kind
        collation = (loader._auto_collation, loader.collate_fn, loader.drop_last)
        return module._DatasetKind.create_fetcher(kind, loader.dataset, *collation)

    def fetch(self, index: Any) -> Any:
        """Load a batch; return the wrapped exception if it fails."""
        if isinstance(self.fetcher, self.failure):
            return self.fetcher
        return self._run(lambda: self.fetcher.fetch(index))

    def _run(self, function: Callable[[], Any]) -> Any:
        """Call a function as this worker; return what it gives, or its exception, wrapped."""
        outside = saved_modes()
        worker_module = self.utils.worker
        info_outside = worker_module._worker_info
        put_back(self.modes)
        worker_module._worker_info = self.info
        try:
            return function()
        except Exception:  # noqa: BLE001 - a worker passes any exception on
            return self.failure(where=self.where)
        finally:
            self.modes = saved_modes()
            put_back(outside)
            worker_module._worker_info = info_outside
