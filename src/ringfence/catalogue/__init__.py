"""The catalogue: items, groups and popularity, and how much of it a holding covers."""

from ringfence.catalogue.catalogue import Catalogue, coverage_curve, load_catalogue
from ringfence.catalogue.titles import item_titles

__all__ = ["Catalogue", "coverage_curve", "item_titles", "load_catalogue"]
