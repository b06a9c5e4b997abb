"""Transfer of an exported backbone to the demo's held-out sets."""
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, MODELS
from torch.utils.data import DataLoader

from ..evaluation.linear_probe import linear_probe, pooled_features
from .stages import train


def probe(cfg: Config, backbone_file: str) -> float:
    """Linear probe: top-1 accuracy on classes never seen, percent.

    Args:
        cfg: `configs/demo/linear-probe_*.py`.
        backbone_file: The exported backbone.
    """
    cfg.backbone.init_cfg.checkpoint = backbone_file
    backbone = MODELS.build(cfg.backbone)
    backbone.init_weights()
    scope = dict(_scope_=cfg.default_scope)
    preprocessor = MODELS.build(dict(cfg.data_preprocessor, **scope))
    splits = {}
    for name, dataset in cfg.splits.items():
        loader = DataLoader(
            DATASETS.build(dict(dataset, **scope)),
            batch_size=50,
            collate_fn=pseudo_collate)
        features, labels = pooled_features(backbone, preprocessor, loader)
        splits[name] = (features.numpy(), labels.numpy())
    return linear_probe(**splits).score


def fine_tune(cfg: Config, backbone_file: str, folder: Path) -> dict:
    """Fine-tune a stock upstream config; return its metrics.

    Args:
        cfg: A config of mmdet or mmseg whose backbone has an `init_cfg`.
        backbone_file: The exported backbone.
        folder: The work_dir.
    """
    cfg.model.backbone.init_cfg.checkpoint = backbone_file
    return train(cfg, folder)['metrics']


def num_parameters(backbone_file: str, buffers: tuple[str, ...]) -> int:
    """Count an exported backbone's parameters.

    Args:
        backbone_file: The exported backbone.
        buffers: Endings of the names that are no parameters.
    """
    state = torch.load(backbone_file, weights_only=True)
    return sum(v.numel() for k, v in state.items() if not k.endswith(buffers))
