"""HealthyTwin without its window: opening, imaging, models, inference, training, reporting. Knows no Qt."""

__version__ = "0.1.0"
