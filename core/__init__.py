"""HealthyTwin without its window: opening, imaging, models, inference, training, reporting. Knows no Qt."""

__version__ = "0.1.0"

RESEARCH_USE = "Research use only. Not for diagnosis."
"""Stands in the window, in every report and in every picture that leaves the program."""
