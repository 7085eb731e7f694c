"""How much each rule counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping


class Weights(Mapping[str, float]):
    """Validated weights, scaled so that they add up to 1."""

    def __init__(self, raw: Mapping[str, float]) -> None:
        for name, value in raw.items():
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"the weight of {name} must be a number from 0 upwards")
        total = sum(raw.values())
        if total <= 0:
            raise ValueError("at least one weight must be greater than zero")
        self._values = {name: value / total for name, value in raw.items()}

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def adjusted(self, **changes: float) -> Weights:
        """A copy with some weights replaced (relative to a total of 1)."""
        unknown = set(changes) - set(self._values)
        if unknown:
            raise KeyError(f"unknown rules: {', '.join(sorted(unknown))}")
        return Weights({**self._values, **changes})

    def require(self, names: Iterable[str]) -> None:
        """Raise unless there is exactly one weight for each rule name."""
        wanted = set(names)
        if wanted != set(self._values):
            difference = ", ".join(sorted(wanted ^ set(self._values)))
            raise ValueError(f"weights and rules do not match: {difference}")


DEFAULT_WEIGHTS = Weights(
    {
        "engagement": 30,
        "seniority": 20,
        "company_size": 15,
        "email_quality": 15,
        "industry": 8,
        "source": 7,
        "completeness": 5,
    }
)
