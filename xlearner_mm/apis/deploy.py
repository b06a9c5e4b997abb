"""A plain backbone as an ONNX or TorchScript file, held against PyTorch."""
import importlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import UserError
from ..files import write_whole
from ..models.backbones.families import family_of
from .cli import load_config
from .export import build_plain, extract_backbone
from .onnx_exporter import to_onnx
from .plain import load_pretrained

#: (N, H, W) of the images that are compared, the odd sizes included.
SHAPES = ((1, 224, 224), (2, 97, 65), (3, 64, 160))
#: How much a feature may differ, as a part of the map's largest.
TOLERANCE = 1e-4
Runtime = Callable[[Tensor], Sequence[Tensor]]


class Difference(NamedTuple):
    """How far one output is from PyTorch's, on images of one shape."""

    shape: tuple[int, int, int]
    output: str
    absolute: float
    relative: float


def deploy_backbone(src: str,
                    dst: str,
                    config: str | None = None,
                    task: str | None = None) -> list[Difference]:
    """Write a backbone for a runtime, if that gives PyTorch's features.

    The network reads normalised images (N, 3, H, W) of any N, H and W, and
    gives a map for each of its outputs, named `stage_<i>`.

    Args:
        src: A checkpoint of a run, or an exported file with `config`.
        dst: `.onnx`, or `.torchscript` or `.pt` for TorchScript.
        config: Config whose model has the backbone that `src` holds.
        task: Sub-backbone of an expansion's checkpoint.

    Returns:
        The differences, for each of `SHAPES` and each output.

    Raises:
        UserError: The suffix is another, a package is missing, the file does
            not fit, or features differ by more than `TOLERANCE`; then
            nothing is written.
    """
    if Path(dst).suffix not in _FORMATS:
        raise UserError(f'{dst}: the suffix chooses the format; give one of '
                        f'{list(_FORMATS)}')
    net = read_network(src, config, task)
    serialize, load = _FORMATS[Path(dst).suffix]
    names = [f'stage_{i}' for i in family_of(net).out_stages(net)]
    with torch.no_grad():
        content = serialize(net, names)
        found = differences(net, load(content), names)
    worst = max(found, key=lambda d: d.relative)
    if not worst.relative <= TOLERANCE:  # NaN is worse
        raise UserError(
            f'{dst} is not written: on images of shape {worst.shape} its '
            f'{worst.output} differs from PyTorch\'s by {worst.absolute:.2g}, '
            f'{worst.relative:.2g} of the largest feature; {TOLERANCE:g} is '
            'allowed')
    Path(dst).parent.mkdir(parents=True, exist_ok=True)
    write_whole(Path(dst), content)
    return found


def read_network(src: str,
                 config: str | None = None,
                 task: str | None = None) -> nn.Module:
    """Build a plain backbone with its weights, in evaluation mode.

    Args:
        src: A checkpoint of a run, or an exported file with `config`.
        config: Config of a squeeze (its `student` is taken), or of any
            model with a `backbone`.
        task: Sub-backbone of an expansion's checkpoint.

    Raises:
        UserError: The config has neither, or the file does not fit.
    """
    if config is None:
        backbone = extract_backbone(src, task)
        net = build_plain(backbone.cfg)
        net.load_state_dict(backbone.state_dict)
    else:
        model = load_config(config).model
        cfg = model.get('student') or model.get('backbone')
        if cfg is None:
            raise UserError(f'{config}: its {model.type} has neither student '
                            'nor backbone')
        net = build_plain(cfg)
        load_pretrained(net, src)
    net.eval()  # whose result is None in mmpretrain
    return net


def differences(net: nn.Module, run: Runtime,
                names: Sequence[str]) -> list[Difference]:
    """Compare a runtime's features with PyTorch's on noise.

    Args:
        net: The backbone, in evaluation mode.
        run: The same network in its runtime.
        names: Names of the outputs.

    Raises:
        UserError: The runtime fails on one of `SHAPES`, or gives maps of
            other shapes.
    """
    found = []
    for shape in SHAPES:
        number, *size = shape
        x = torch.randn(
            number, 3, *size, generator=torch.Generator().manual_seed(0))
        expected = net(x)
        outs = _run(run, x, [out.shape for out in expected])
        for name, ours, theirs in zip(names, expected, outs, strict=True):
            worst = (ours - theirs).abs().max().item()
            found.append(
                Difference(shape, name, worst,
                           worst / ours.abs().max().item()))
    return found


def _run(run: Runtime, x: Tensor,
         shapes: Sequence[torch.Size]) -> list[Tensor]:
    """Run a network in its runtime; refuse maps of other shapes."""
    try:
        outs = list(run(x))
        problem = f'it gives maps of shapes {[tuple(o.shape) for o in outs]}'
    except Exception as error:  # a runtime's own, of any kind
        outs, problem = [], f'it fails: {error}'
    if [out.shape for out in outs] != list(shapes):
        raise UserError(
            f'not written, for on images of shape {tuple(x.shape)} {problem}; '
            'a trace (TorchScript, or ONNX before PyTorch 2.5) keeps sizes '
            'that a network computes with as constants')
    return outs


def _to_torchscript(net: nn.Module, names: Sequence[str]) -> bytes:
    stream = io.BytesIO()
    torch.jit.save(torch.jit.trace(net, torch.randn(2, 3, 96, 128)), stream)
    return stream.getvalue()


def _load_torchscript(content: bytes) -> Runtime:
    return torch.jit.load(io.BytesIO(content))


def _load_onnx(content: bytes) -> Runtime:
    runtime = importlib.import_module('onnxruntime')
    session = runtime.InferenceSession(
        content, providers=['CPUExecutionProvider'])

    def run(x: Tensor) -> list[Tensor]:
        outs: list[np.ndarray] = session.run(None, dict(image=x.numpy()))
        return [torch.from_numpy(out) for out in outs]

    return run


_FORMATS = {
    '.onnx': (to_onnx, _load_onnx),
    '.torchscript': (_to_torchscript, _load_torchscript),
    '.pt': (_to_torchscript, _load_torchscript)
}
