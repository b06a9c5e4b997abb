"""One upstream data preprocessor per source."""
from collections.abc import Mapping
from copy import deepcopy

import torch
from mmengine.model import BaseDataPreprocessor, ModuleDict
from torch import nn

from ...errors import UserError
from ...registry import MODELS


@MODELS.register_module()
class MultiTaskDataPreprocessor(BaseDataPreprocessor):
    """Run each source's images through its own upstream preprocessor.

    The sub-backbones of different tasks see each other's images, so all
    sources must share mean, std and channel order.

    Args:
        preprocessors: Built upstream preprocessors, `{source: module}`.
        channels_last: Whether images, and so all features that convolutions
            make of them, have their channels last in memory, which is faster
            on GPUs in mixed precision. Shapes stay as they are.

    Raises:
        UserError: Two sources normalise their images differently.
    """

    def __init__(self,
                 preprocessors: Mapping[str, nn.Module],
                 channels_last: bool = False) -> None:
        super().__init__()
        self.memory_format = (
            torch.channels_last if channels_last else torch.contiguous_format)
        self.preprocessors = ModuleDict(dict(preprocessors))
        (first, reference), *rest = preprocessors.items()
        for source, module in rest:
            if normalisation(module) != normalisation(reference):
                raise UserError(
                    f"sources '{first}' and '{source}' normalise images "
                    f'differently: {normalisation(reference)} against '
                    f'{normalisation(module)}; give both data_preprocessors '
                    'the same mean, std and channel order')

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepare a batch without changing it.

        Args:
            data: `{source: {'inputs': [...], 'data_samples': [...]}}`; the
                optional key 'phase' is handed on.
            training: Whether batch augmentations may run.

        Returns:
            `{'inputs': {source: (N, 3, H, W)}, 'data_samples': {source:
            [...]}}` and 'phase' where it was given: the keyword arguments of
            a multi-source model's `forward`.
        """
        out: dict = dict(inputs={}, data_samples={})
        if 'phase' in data:
            out['phase'] = data['phase']
        for source, module in self.preprocessors.items():
            if source in data:
                batch = dict(data[source])
                if writes_into_samples(module):
                    batch['data_samples'] = deepcopy(batch['data_samples'])
                batch = module(batch, training)
                out['inputs'][source] = batch['inputs'].contiguous(
                    memory_format=self.memory_format)
                out['data_samples'][source] = batch.get('data_samples')
        return out


def writes_into_samples(preprocessor: nn.Module) -> bool:
    """Tell whether an upstream preprocessor changes the labels it is given.

    Augmentations of whole batches and mmpretrain's one-hot labels do.
    """
    return bool(
        getattr(preprocessor, 'batch_augments', None)
        or getattr(preprocessor, 'to_onehot', False))


def normalisation(preprocessor: nn.Module) -> dict[str, object]:
    """Read what an upstream preprocessor does to pixel values.

    The three packages keep the same facts under different names.
    """
    swap = any(
        getattr(preprocessor, name, False)
        for name in ('to_rgb', '_channel_conversion', 'channel_conversion'))
    values = {key: getattr(preprocessor, key, None) for key in ('mean', 'std')}
    return dict(
        swap_channels=bool(swap),
        **{
            key:
            tuple(value.flatten().tolist())
            if isinstance(value, torch.Tensor) else None
            for key, value in values.items()
        })
