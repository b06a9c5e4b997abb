"""Features for a linear probe (paper Sec. 4.2)."""
import numpy as np
import torch
from mmengine.dataset import DefaultSampler, pseudo_collate
from mmengine.dist import collect_results, is_main_process
from mmengine.utils import ProgressBar
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

#: Types that `amp` may name.
AMP_TYPES = dict(float16=torch.float16, bfloat16=torch.bfloat16)


@torch.no_grad()
def pooled_features(backbone: nn.Module,
                    preprocessor: nn.Module,
                    dataset: Dataset,
                    batch_size: int = 64,
                    num_workers: int = 0,
                    amp: str | None = None) -> tuple[Tensor, Tensor] | None:
    """Extract features of the last stage, averaged over positions.

    In a distributed run every process takes a share of the images.

    Args:
        backbone: From images (n, 3, H, W) to a tuple of features, (n, C, h, w)
            or (n, C); put into evaluation mode. Its parameters say on which
            device to compute.
        preprocessor: An mmpretrain data preprocessor, on the same device.
        dataset: Gives `{'inputs', 'data_samples'}`, as mmpretrain's do.
        batch_size: Images per process and step.
        num_workers: Loader processes.
        amp: 'float16' or 'bfloat16' for mixed precision.

    Returns:
        Features (N, C), float32, and labels (N,), int64, on the CPU, in the
        order of the dataset; None in all processes but the first.
    """
    loader = DataLoader(
        dataset,
        batch_size,
        sampler=DefaultSampler(dataset, shuffle=False),
        num_workers=num_workers,
        collate_fn=pseudo_collate)
    device = next(backbone.parameters()).device
    backbone.eval()
    bar = ProgressBar(len(loader)) if is_main_process() else None
    rows = []
    for batch in loader:
        data = preprocessor(batch, False)
        with torch.autocast(
                device.type, AMP_TYPES.get(amp), enabled=amp is not None):
            feature = backbone(data['inputs'])[-1].float()
        if feature.ndim == 4:
            feature = feature.mean((2, 3))
        # NumPy: a row of a tensor would be sent with its whole batch.
        rows += zip(feature.cpu().numpy(),
                    (int(s.gt_label) for s in batch['data_samples']))
        if bar:
            bar.update()
    if bar:
        bar.file.write('\n')
    rows = collect_results(rows, len(dataset), device='cpu')
    if rows is None:
        return None
    features, labels = zip(*rows)
    return torch.from_numpy(np.stack(features)), torch.tensor(labels)
