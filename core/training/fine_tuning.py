"""What a run that starts from a parent model does otherwise (models.md 7.9). A run from scratch: nothing.

The critic learns alone at first, for it must know the new films before it teaches; the first layers wait,
since edges and ribs look alike everywhere; all weights are held near the parent's (L2-SP, arXiv 1802.01483).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from core.training.config import TrainingConfig

_FEWEST_PARTS = 5  # the critic is alone for no more than a fifth of a stage


class FineTuning:
    """Holds networks near the weights that they have now: those of the parent.

    `networks`: what is held; `first`: their first layers, which wait. Call `at` before each step.
    """

    def __init__(
        self, config: TrainingConfig, networks: Iterable[nn.Module], first: Iterable[nn.Module]
    ) -> None:
        self._config = config
        self._start = [
            (weight, weight.detach().clone()) for network in networks for weight in network.parameters()
        ]
        self._first = [weight for layer in first for weight in layer.parameters()]
        self._waits = True

    def at(self, done: float) -> None:
        """Tell the done share of the whole run, in [0, 1]."""
        self._waits = done < self._config.tune_frozen

    def critic_alone(self, step: int, steps: int) -> bool:
        """Whether only the critic learns in step `step` (from 0) of `steps` of a stage with a critic."""
        return step < min(self._config.tune_critic_steps, steps // _FEWEST_PARTS)

    @torch.no_grad()
    def adjust_gradients(self) -> None:
        """Add the slope of pull / 2 |w - w_parent|^2 to the gradients, and take those of what waits away."""
        for weight, start in self._start:
            if weight.grad is not None:
                weight.grad.add_(weight - start, alpha=self._config.tune_pull)
        if self._waits:
            for weight in self._first:
                weight.grad = None
