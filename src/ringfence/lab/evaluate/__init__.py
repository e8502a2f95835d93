"""Measure how good detection is: plant attacks in populations and replay them in time."""

from ringfence.lab.evaluate.document import document, situations_document
from ringfence.lab.evaluate.evaluation import Evaluation, ExtractionCurve, evaluate
from ringfence.lab.evaluate.outcome import AttackOutcome
from ringfence.lab.evaluate.page import write_page, write_situations_page
from ringfence.lab.evaluate.population import Population, open_population
from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.lab.evaluate.situation_summary import (
    SituationResults,
    SituationSummary,
    summarize_situations,
)
from ringfence.lab.evaluate.situations import (
    SITUATIONS,
    SituationOutcome,
    judge_situation,
    measure_situation,
    measure_situations,
    named_situations,
)
from ringfence.lab.evaluate.summary import Estimate, Summary, summarize, upper_bound
from ringfence.lab.evaluate.users_alone import UsersAlone
from ringfence.lab.evaluate.verdict_times import VerdictInterval, parse_interval

__all__ = [
    "SITUATIONS",
    "AttackOutcome",
    "Estimate",
    "Evaluation",
    "ExtractionCurve",
    "Population",
    "ScoredLedger",
    "SituationOutcome",
    "SituationResults",
    "SituationSummary",
    "Summary",
    "UsersAlone",
    "VerdictInterval",
    "document",
    "evaluate",
    "judge_situation",
    "measure_situation",
    "measure_situations",
    "named_situations",
    "open_population",
    "parse_interval",
    "situations_document",
    "summarize",
    "summarize_situations",
    "upper_bound",
    "write_page",
    "write_situations_page",
]
