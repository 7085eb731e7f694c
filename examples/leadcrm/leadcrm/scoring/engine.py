"""Combines the rules into one score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leadcrm.scoring.rules import DEFAULT_RULES, LeadSnapshot, Rule
from leadcrm.scoring.weights import DEFAULT_WEIGHTS, Weights

GRADES = ((75, "A"), (50, "B"), (25, "C"), (0, "D"))


def grade_for(score: int) -> str:
    """Translate a score from 0 to 100 into a grade."""
    if not 0 <= score <= 100:
        raise ValueError("a score lies between 0 and 100")
    return next(grade for limit, grade in GRADES if score >= limit)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one rule added to the score."""

    rule: str
    weight: float
    value: float
    reason: str

    @property
    def points(self) -> float:
        return 100 * self.weight * self.value

    @property
    def lost_points(self) -> float:
        return 100 * self.weight * (1 - self.value)


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A score and how it came about."""

    score: int
    contributions: tuple[Contribution, ...]

    @property
    def grade(self) -> str:
        return grade_for(self.score)

    def weakest(self) -> Contribution:
        """The rule with the most room for improvement."""
        return max(self.contributions, key=lambda item: (item.lost_points, item.rule))


class ScoringEngine:
    """Applies weighted rules to snapshots of leads."""

    def __init__(
        self,
        rules: Mapping[str, Rule] = DEFAULT_RULES,
        weights: Weights = DEFAULT_WEIGHTS,
    ) -> None:
        weights.require(rules)
        self._rules = dict(rules)
        self._weights = weights

    def score(self, lead: LeadSnapshot) -> ScoreResult:
        contributions = []
        for name, rule in self._rules.items():
            finding = rule(lead)
            if not 0 <= finding.value <= 1:
                raise ValueError(f"rule {name} returned {finding.value}, expected 0 to 1")
            contributions.append(
                Contribution(name, self._weights[name], finding.value, finding.reason)
            )
        total = sum(item.points for item in contributions)
        return ScoreResult(min(100, round(total)), tuple(contributions))
