"""PyTorch's ONNX exporters: the one of torch.export, and the one before."""
import importlib.util
import inspect
import io
from collections.abc import Sequence

import torch
from torch import nn

from ..errors import UserError

#: Their axes of images and maps are free.
_AXES = {0: 'batch', 2: 'height', 3: 'width'}


def to_onnx(net: nn.Module, names: Sequence[str]) -> bytes:
    """Turn a backbone into an ONNX model, of free batch and image size.

    With the exporter of torch.export where PyTorch has it for that (2.5 and
    later), else by tracing.

    Args:
        net: A backbone in evaluation mode.
        names: Names for its outputs.

    Raises:
        UserError: A package is missing.
    """
    newer = 'dynamic_shapes' in inspect.signature(torch.onnx.export).parameters
    _check_packages(['onnx', 'onnxruntime', *['onnxscript'] * newer])
    image = torch.randn(2, 3, 96, 128)
    common = dict(input_names=['image'], output_names=list(names))
    if newer:
        free = torch.export.Dim.DYNAMIC
        program = torch.onnx.export(
            net, (image, ),
            dynamo=True,
            dynamic_shapes=({
                axis: free
                for axis in _AXES
            }, ),
            verbose=False,
            **common)
        return program.model_proto.SerializeToString()
    stream = io.BytesIO()
    torch.onnx.export(
        net,
        image,
        stream,
        dynamic_axes={name: _AXES
                      for name in ('image', *names)},
        **common)
    return stream.getvalue()


def _check_packages(names: Sequence[str]) -> None:
    missing = [n for n in names if importlib.util.find_spec(n) is None]
    if missing:
        raise UserError(f'export to ONNX needs {" and ".join(missing)}: '
                        f'pip install {" ".join(names)}')
