"""Old activity counts less than new activity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

SECONDS_PER_DAY = 86_400


def decay_factor(age_days: float, half_life_days: float) -> float:
    """Exponential decay: 1 now, 0.5 after one half-life; the future counts as now."""
    if half_life_days <= 0:
        raise ValueError("half_life_days must be greater than zero")
    return 1.0 if age_days <= 0 else 0.5 ** (age_days / half_life_days)


def decayed_total(
    events: Iterable[tuple[float, datetime]], now: datetime, half_life_days: float
) -> float:
    """Sum the points of (points, time) events, each reduced by its age."""
    return sum(
        points * decay_factor((now - when).total_seconds() / SECONDS_PER_DAY, half_life_days)
        for points, when in events
    )
