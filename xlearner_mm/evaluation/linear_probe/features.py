"""Features for a linear probe (paper Sec. 4.2)."""
import torch
from mmengine.utils import track_iter_progress
from torch import Tensor, nn
from torch.utils.data import DataLoader


@torch.no_grad()
def pooled_features(backbone: nn.Module, preprocessor: nn.Module,
                    loader: DataLoader) -> tuple[Tensor, Tensor]:
    """Extract globally averaged features of the last stage.

    Args:
        backbone: From images (N, 3, H, W) to a tuple of features; put into
            evaluation mode.
        preprocessor: An mmpretrain data preprocessor.
        loader: Batches of `{'inputs': [...], 'data_samples': [...]}` of an
            mmpretrain dataset, collated by `pseudo_collate`.

    Returns:
        Features (M, C), float32, and labels (M,), int64, on the CPU.
    """
    backbone.eval()
    features, labels = [], []
    for batch in track_iter_progress((loader, len(loader))):
        data = preprocessor(batch, False)
        features.append(backbone(data['inputs'])[-1].mean((2, 3)).cpu())
        labels += [sample.gt_label for sample in batch['data_samples']]
    return torch.cat(features).float(), torch.cat(labels)
