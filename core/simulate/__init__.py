"""A study drawn from a seed: the same recipe and seed give the same files, byte for byte.

How often and how much stands in ``simulation.toml`` of a study folder; what is planned, and how markers are called, in
its ``study.toml``. A subject's latent frailty ties adverse events to cycles received; a marker's change is known
exactly and written to ``truth.csv``, so that what the application estimates can be held against it.
"""

from core.simulate.drawn import Drawn, draw
from core.simulate.files import simulate
from core.simulate.recipe import RECIPE, read, recipes

__all__ = ["RECIPE", "Drawn", "draw", "read", "recipes", "simulate"]
