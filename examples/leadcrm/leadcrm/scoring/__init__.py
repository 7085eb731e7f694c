"""Lead scoring: rules, weights, decay and an explanation of every score."""

from leadcrm.scoring.decay import decay_factor, decayed_total
from leadcrm.scoring.engine import Contribution, ScoreResult, ScoringEngine, grade_for
from leadcrm.scoring.rules import DEFAULT_RULES, Finding, LeadSnapshot, Rule
from leadcrm.scoring.weights import DEFAULT_WEIGHTS, Weights

__all__ = [
    "DEFAULT_RULES",
    "DEFAULT_WEIGHTS",
    "Contribution",
    "Finding",
    "LeadSnapshot",
    "Rule",
    "ScoreResult",
    "ScoringEngine",
    "Weights",
    "decay_factor",
    "decayed_total",
    "grade_for",
]
