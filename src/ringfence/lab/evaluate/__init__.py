"""How good the detection is: attacks planted in populations and replayed in time."""

from ringfence.lab.evaluate.document import document
from ringfence.lab.evaluate.evaluation import Curve, Evaluation, evaluate
from ringfence.lab.evaluate.null import Null
from ringfence.lab.evaluate.outcome import Outcome
from ringfence.lab.evaluate.page import write_page
from ringfence.lab.evaluate.population import Population, open_population
from ringfence.lab.evaluate.replay import Every, every_named
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.lab.evaluate.summary import Estimate, Summary, most, summaries

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
