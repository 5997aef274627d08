"""Keep the total time of a notebook's variants within `[run] variants_s`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator


class VariantBudget:
    """The remaining time for variants; a variant that does not fit is not begun."""

    def __init__(
        self,
        limit_s: float,
        expected_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Initialise with the limit, the expected time of a variant, and a clock."""
        self._limit_s = limit_s
        self._expected_s = expected_s
        self._spent_s = 0.0
        self._clock = clock

    @property
    def remaining_s(self) -> float:
        """Remaining seconds."""
        return max(0.0, self._limit_s - self._spent_s)

    @property
    def has_room(self) -> bool:
        """Whether another variant fits, if it takes as long as the longest so far."""
        return self.has_room_for(1)

    def has_room_for(self, count: int) -> bool:
        """Return whether some variants fit, if each takes as long as the longest so far."""
        return 0 < self.remaining_s >= self._expected_s * count

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        """Measure a variant while it runs."""
        began = self._clock()
        try:
            yield
        finally:
            seconds = self._clock() - began
            self._spent_s += seconds
            self._expected_s = max(self._expected_s, seconds)
