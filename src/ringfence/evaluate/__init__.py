"""How good the detection is: attacks planted in populations and replayed in time."""

from ringfence.evaluate.document import document
from ringfence.evaluate.evaluation import Curve, Evaluation, evaluate
from ringfence.evaluate.null import Null
from ringfence.evaluate.outcome import Outcome
from ringfence.evaluate.page import write_page
from ringfence.evaluate.population import Population, open_population
from ringfence.evaluate.replay import Every, every_named
from ringfence.evaluate.snapshot import Snapshot
from ringfence.evaluate.summary import Estimate, Summary, most, summaries

__all__ = [
    "Curve",
    "Estimate",
    "Evaluation",
    "Every",
    "Null",
    "Outcome",
    "Population",
    "Snapshot",
    "Summary",
    "document",
    "evaluate",
    "every_named",
    "most",
    "open_population",
    "summaries",
    "write_page",
]
