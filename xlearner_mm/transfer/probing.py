"""A linear probe from its config: features, cached, then the sweep."""
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import MODELS

from ..apis import load_pretrained
from ..datasets import dead_workers_explained
from ..evaluation.linear_probe import (ProbeDataset, ProbeResult, cached,
                                       digest_dataset, digest_weights,
                                       pooled_features, sweep)


@dead_workers_explained()
def probe(cfg: Config,
          cache: Path,
          device: str | None = None,
          amp: str | None = None,
          num_workers: int = 0) -> ProbeResult | None:
    """Probe a backbone on one dataset (paper Sec. 4.2).

    In a distributed run, all processes extract features and the first one
    fits.

    Args:
        cfg: A config of `configs/downstream/linear_probe`, which names the
            backbone's file.
        cache: Folder of the features.
        device: Where to compute; the accelerator where there is one.
        amp: 'float16' or 'bfloat16' for features in mixed precision.
        num_workers: Loader processes.

    Returns:
        The result; None in all processes but the first.

    Raises:
        UserError: Data are missing, the weights do not fit the backbone, or
            a loader's worker was killed.
    """
    device = torch.device(device or get_device())
    dataset = ProbeDataset.from_config(cfg)
    scope = dict(_scope_='mmpretrain')
    backbone = MODELS.build(dict(cfg.backbone, **scope))
    load_pretrained(backbone, cfg.checkpoint)
    preprocessor = MODELS.build(dict(cfg.data_preprocessor, **scope))
    backbone, preprocessor = backbone.to(device), preprocessor.to(device)
    weights = digest_weights(backbone)
    features = {}
    for split in dataset.splits:
        images = dataset.build(split)
        features[split] = cached(
            cache, f'{dataset.name}-{split}',
            dict(
                weights=weights,
                backbone={
                    k: v
                    for k, v in cfg.backbone.items() if k != 'init_cfg'
                },
                preprocessor=cfg.data_preprocessor,
                dataset=dataset.splits[split],
                images=digest_dataset(images),
                amp=amp),
            lambda: pooled_features(backbone, preprocessor, images, cfg.
                                    batch_size, num_workers, amp))
    if any(value is None for value in features.values()):
        return None
    result = sweep(
        **dataset.arrange(features), metric=dataset.metric, device=device)
    torch.cuda.empty_cache()  # for trainings that follow, in other processes
    return result
