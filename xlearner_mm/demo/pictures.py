"""Pictures for the demo's report: loss curves and predictions."""
from pathlib import Path

import numpy as np
import torch
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS
from mmengine.runner import load_checkpoint

from ..registry import MODELS
from ..sources import Source, parse_sources
from ..visualization import read_run

_PALETTE = np.array(colormaps['tab20'].colors)


def read_losses(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Read every source's loss from the logs of all attempts of a run.

    Args:
        folder: The run's work_dir.

    Returns:
        `{name: [(iteration, value), ...]}` of the sources' sums (or
            hints; of several stages those of the last).
    """
    curves: dict[str, list[tuple[int, float]]] = {}
    for step, row in read_run(folder).train.items():
        for key, value in row.items():
            if key.endswith(('.loss', 'hint_loss', 'hint_loss_3')):
                curves.setdefault(key, []).append((step, value))
    return curves


def draw_losses(folders: list[Path], file: Path) -> None:
    """Draw the loss curves of several runs, one panel each.

    Args:
        folders: The runs' work_dirs.
        file: The PNG to write.
    """
    figure = Figure(figsize=(5 * len(folders), 4), layout='tight')
    axes = figure.subplots(1, len(folders), squeeze=False)
    for axis, folder in zip(axes[0], folders):
        for name, points in read_losses(folder).items():
            axis.plot(*zip(*points), label=name)
        axis.set(title=folder.name, xlabel='iteration', yscale='log')
        axis.legend(fontsize=6)
    figure.savefig(file, dpi=100)


def draw_predictions(cfg: Config,
                     checkpoint: str,
                     file: Path,
                     num_images: int = 6) -> None:
    """Draw predictions of a multi-source model, one row per source.

    Args:
        cfg: Its training config.
        checkpoint: Its checkpoint.
        file: The PNG to write.
        num_images: Validation images per source.
    """
    model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))
    load_checkpoint(model, checkpoint, map_location='cpu')
    model.eval()
    sources = parse_sources(cfg.sources)
    figure = Figure(figsize=(1.6 * num_images, 1.7 * len(sources)))
    axes = figure.subplots(len(sources), num_images, squeeze=False)
    for row, source in zip(axes, sources):
        dataset = source.build(DATASETS, source.val, 'val dataset')
        for n, axis in enumerate(row):
            batch = pseudo_collate([dataset[n]])
            with torch.no_grad():
                sample = model.val_step({source.name: batch})[source.name][0]
            draw_sample(axis, source, batch['inputs'][0], sample,
                        dataset.metainfo['classes'])
        row[0].set_ylabel(source.name)
    figure.tight_layout(pad=0.4)
    figure.savefig(file, dpi=110)


def draw_sample(axis, source: Source, image: torch.Tensor, sample,
                classes: tuple[str, ...]) -> None:
    """Draw an image with what was predicted and, in brackets, the truth.

    Args:
        axis: Matplotlib axes.
        source: The image's source.
        image: BGR, (3, H, W), 0..255.
        sample: The prediction, a data sample of the source's package.
        classes: Names of the source's classes.
    """
    axis.imshow(image.permute(1, 2, 0).numpy()[..., ::-1].astype(np.uint8))
    axis.set(xticks=[], yticks=[])
    if 'pred_label' in sample:
        found, truth = int(sample.pred_label), int(sample.gt_label)
        axis.set_title(f'{classes[found]} ({classes[truth]})', fontsize=7)
    if 'pred_sem_seg' in sample:
        labels = sample.pred_sem_seg.data[0].numpy()
        axis.imshow(_PALETTE[labels % len(_PALETTE)], alpha=0.5)
    if 'pred_instances' in sample:
        _draw_boxes(axis, sample, classes)


def _draw_boxes(axis, sample, classes: tuple[str, ...]) -> None:
    """Draw boxes with a score of at least 0.3, in the shown image's pixels."""
    found = sample.pred_instances
    scale = np.tile(sample.scale_factor, 2)
    for box, label, score in zip(found.bboxes, found.labels, found.scores):
        if score < 0.3:
            continue
        x1, y1, x2, y2 = box.numpy() * scale
        colour = _PALETTE[int(label)]
        axis.add_patch(
            Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, ec=colour))
        axis.text(x1, y1, classes[label], fontsize=5, color=colour)
