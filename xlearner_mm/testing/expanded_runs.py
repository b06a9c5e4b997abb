"""Runs of one iteration that end in an expanded network."""
from pathlib import Path

from . import tiny
from .runs import train


def train_expanded(root: Path) -> dict[str, str]:
    """Train expanded networks of the tasks 'cls', 'det' and 'seg'.

    Args:
        root: Where the sources and the runs go.

    Returns:
        Checkpoints: 'r', as X-Learner_r ends, with a sub-backbone of its own
        width per task (5, 8 and 8), and 'p', pruned, as X-Learner_p ends.
    """
    light = tiny.cls_source(root)
    light['model']['head']['in_channels'] = 40
    others = [tiny.det_source(root), tiny.seg_source(root)]
    widths = dict(cls=5, det=8, seg=8)
    expansion = dict(
        type='ExpansionModel',
        backbone=tiny.expanded_resnet(
            sub_backbone={
                task: tiny.sub_backbone(base_channels=w, stem_channels=w)
                for task, w in widths.items()
            }))
    files = dict(r=_train([light, *others], root / 'r', expansion))
    sources = [tiny.cls_source(root), *others]
    whole = dict(type='ExpansionModel', backbone=tiny.expanded_resnet())
    pruned = dict(
        type='PrunedExpansionModel',
        backbone=tiny.expanded_resnet(type='PrunedExpandedResNet'),
        expansion=_train(sources, root / 'whole', whole))
    return dict(files, p=_train(sources, root / 'p', pruned))


def _train(sources: list[dict], folder: Path, model: dict) -> str:
    """Train for one joint iteration; return the checkpoint."""
    model = dict(model, sources=sources)
    train(tiny.run_config(sources, folder, max_iters=1, model=model))
    return str(folder / 'iter_1.pth')
