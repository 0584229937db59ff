"""The same networks, made ready for this processor: fewer and faster steps, the same answer. Imports torch.

On the CPU every convolution is packed once in the form that oneDNN computes in, instead of at each call,
takes the activation behind it along, and hands its result on channels last; the last convolution of
SR-AnoGAN reads sub-pixels where they lie. All of it is exact algebra in float32: only the order of
additions differs.
"""

from __future__ import annotations

import copy
import logging
from contextlib import AbstractContextManager, nullcontext
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from core.imaging.residuals import FloatImage
from core.models.anomaly_model import AnomalyModel
from core.models.sr_anogan import SrResNet

_log = logging.getLogger(__name__)

LARGEST_DIFFERENCE = 1e-4
"""By how much a twin, in [0, 1], may differ from the plain network's; realism likewise, relative above 1."""


def prepared(network: AnomalyModel, device: torch.device, probe: FloatImage | None = None) -> AnomalyModel:
    """The network as fast as this processor can compute it; the network itself where nothing is gained.

    `probe`: a film of the model's grid, `(size, size)` in [0, 1], on which the answers are compared; None
    takes one made of noise. Where they differ by more than `LARGEST_DIFFERENCE`, or this build of torch
    lacks a part, the network itself comes back and the log says so. The weights are shared, not doubled.
    Takes three runs of the network. For inference only: a latent search asks for gradients, which packed
    layers have none of. Raises what the network raises.
    """
    if device.type != "cpu" or not torch.backends.mkldnn.is_available() or searches(network):
        return network
    batch = _probe(network, probe)
    expected = _answers(network, batch)
    try:
        fast = _packed(network, batch)
        differences = [_apart(*pair) for pair in zip(expected, _answers(fast, batch), strict=True)]
    except (RuntimeError, AttributeError, TypeError) as error:
        _log.warning("%s runs as it is, not packed for this processor: %s", network.card.name, error)
        return network
    if not all(difference <= LARGEST_DIFFERENCE for difference in differences):
        words = " and ".join(f"{difference:.2g}" for difference in differences)
        _log.warning("%s runs as it is: packed for this processor it is off by %s.", network.card.name, words)
        return network
    return fast


def exact(device: torch.device) -> AbstractContextManager[None]:
    """Inside, convolutions on a graphics card keep all of float32; elsewhere they do anyway.

    By default cuDNN rounds their inputs to TF32, 10 bits of mantissa: differences of 1e-3, which would move
    every figure that was calibrated in float32.
    """
    if device.type != "cuda":
        return nullcontext()
    return cast(
        "AbstractContextManager[None]",
        torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=False, allow_tf32=False),
    )


class PackedConvolution(nn.Module):
    """A convolution with its weights in oneDNN's own form and the leaky ReLU of a slope behind it."""

    def __init__(self, layer: nn.Conv2d, input_shape: tuple[int, ...], slope: float | None) -> None:
        super().__init__()
        place = (
            [int(side) for side in layer.padding],
            list(layer.stride),
            list(layer.dilation),
            layer.groups,
        )
        weight = layer.weight.detach().contiguous(memory_format=torch.channels_last).to_mkldnn()
        packed = torch.ops.aten.mkldnn_reorder_conv2d_weight.default(weight, *place, list(input_shape))
        activation: tuple[str, list[float]] = ("none", []) if slope is None else ("leaky_relu", [slope])
        self._arguments = (packed, layer.bias, *place, *activation, "")
        # What torch.compile itself calls on a CPU, but no compiler is needed at run time for it.
        self._convolve = torch.ops.mkldnn._convolution_pointwise.default

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """`(n, channels, h, w)`, as the layer itself would answer."""
        result: torch.Tensor = self._convolve(images, *self._arguments)
        return result


CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d, PackedConvolution)
"""Where nearly all of a network's time goes, plain or prepared."""


def searches(network: AnomalyModel) -> bool:
    """Whether it looks for its answer by gradients: many seconds, and through layers that pass them on."""
    return network.card.network.get("core") == "dcgan"


def _probe(network: AnomalyModel, probe: FloatImage | None) -> torch.Tensor:
    if probe is not None:
        return torch.from_numpy(probe.copy())[None, None]
    size = network.card.input_spec.size
    return torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))


def _answers(network: AnomalyModel, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
    realism = network.realism(batch)
    return (network.healthy(batch),) if realism is None else (network.healthy(batch), realism)


def _apart(expected: torch.Tensor, answer: torch.Tensor) -> float:
    # A damaged network that overflows is refused later; here it only has to stay the same.
    same = (expected == answer) | (expected.isnan() & answer.isnan())
    gap = (expected - answer).abs() / expected.abs().clamp_min(1)
    return float(torch.where(same, 0.0, gap).max())


def _packed(network: AnomalyModel, batch: torch.Tensor) -> AnomalyModel:
    # The memo keeps the weights and the card from being copied along.
    shared: list[object] = [weight for one in network.networks for weight in one.parameters()]
    fast = copy.deepcopy(network, {id(one): one for one in (*shared, network.card)})
    for whole in fast.networks:
        for layer in list(whole.modules()):
            if isinstance(layer, SrResNet) and not layer.batch_norm:
                _read_sub_pixels_in_place(layer)
    shapes = _input_shapes(fast, batch)
    for whole in fast.networks:
        for layer in list(whole.modules()):
            _pack_children(layer, shapes)
    return fast


def _input_shapes(network: AnomalyModel, batch: torch.Tensor) -> dict[nn.Module, tuple[int, ...]]:
    """What each convolution that can be packed is given."""
    shapes: dict[nn.Module, tuple[int, ...]] = {}

    def note(layer: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        shapes[layer] = tuple(inputs[0].shape)

    hooks = [
        layer.register_forward_pre_hook(note)
        for whole in network.networks
        for layer in whole.modules()
        if type(layer) is nn.Conv2d and layer.padding_mode == "zeros"
    ]
    _answers(network, batch)
    for hook in hooks:
        hook.remove()
    return shapes


def _pack_children(parent: nn.Module, shapes: dict[nn.Module, tuple[int, ...]]) -> None:
    """Pack the convolutions of one module; in a row of layers they take their activations along."""
    row = list(parent.named_children())
    in_row = isinstance(parent, nn.Sequential)
    for place, (name, layer) in enumerate(row):
        if layer not in shapes:
            if in_row and type(layer) is nn.Identity:
                delattr(parent, name)
            continue
        assert isinstance(layer, nn.Conv2d)  # noqa: S101  # only those were noted
        behind = row[place + 1 :] if in_row else []
        if behind and isinstance(behind[0][1], nn.PixelShuffle):
            behind = behind[1:]  # moves values and changes none: one slope for all may as well come before
        slope = _slope(behind[0][1]) if behind else None
        setattr(parent, name, PackedConvolution(layer, shapes[layer], slope))
        if slope is not None:
            setattr(parent, behind[0][0], nn.Identity())  # taken out when its turn comes


def _slope(layer: nn.Module) -> float | None:
    """Of a leaky ReLU or of a parametric one with a single slope; None for any other layer."""
    if isinstance(layer, nn.LeakyReLU):
        return float(layer.negative_slope)
    if isinstance(layer, nn.PReLU) and layer.weight.numel() == 1:
        return float(layer.weight)
    return None


def _read_sub_pixels_in_place(super_resolution: SrResNet) -> None:
    """Let the head come before the last pixel shuffle, with its kernel unshuffled for each of 4 sub-pixels.

    A single output channel at full size keeps hardly any lane of the processor busy; four at half of the
    side do. Exact, borders included: zeros around the one are zeros around the other.
    """
    rows, head = super_resolution.ups, super_resolution.head
    reach = head.kernel_size[0] // 2  # in pixels of the full size
    coarse = (reach + 1) // 2
    if len(rows) < 3 or head.out_channels != 1:
        return
    before = 2 * coarse - reach
    kernels = [
        functional.pixel_unshuffle(
            functional.pad(head.weight, (before + x, before + 1 - x, before + y, before + 1 - y)), 2
        )
        for y in (0, 1)
        for x in (0, 1)
    ]
    joined = nn.Conv2d(4 * head.in_channels, 4, 2 * coarse + 1, 1, coarse)
    joined.weight = nn.Parameter(torch.cat(kernels), requires_grad=False)
    assert head.bias is not None  # noqa: S101  # of SrResNet's own making
    joined.bias = nn.Parameter(head.bias.repeat(4), requires_grad=False)
    convolution, shuffle, activation = rows[-3], rows[-2], rows[-1]
    super_resolution.ups = nn.Sequential(*rows[:-3], convolution, activation)
    super_resolution.add_module("head", nn.Sequential(joined, shuffle))
