"""What the tools that draw pictures of runs do."""
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from mmengine.config import Config

from ..analysis import (GAMMA_NORM, cka_by_stage, gradient_conflict,
                        mean_gamma_norms, read_history)
from ..errors import UserError
from ..visualization import (draw_cka, draw_gamma_norms,
                             draw_gradient_conflict, write_picture)
from .networks import batches_of, load_model, pooled_stages


def picture_gamma_norms(cfg: Config, checkpoints: Sequence[str],
                        work_dir: Path, batches: int, file: Path) -> None:
    """Draw what each reconciliation layer adds, over time.

    Args:
        cfg: Config of an expansion.
        checkpoints: Of its run, each measured on the same first batches of
            the training; none: what a ReconciliationNormHook logged.
        work_dir: The run's folder.
        batches: How many.
        file: The picture; the numbers are written beside it.

    Raises:
        UserError: The config has no gammas, or nothing was logged.
    """
    join = cfg.model.get('backbone', {}).get('reconciliation')
    if join is None:
        raise UserError(f'{cfg.filename}: model.backbone has no '
                        'reconciliation layers; give an expansion that has')
    history = {} if checkpoints else read_history(work_dir, GAMMA_NORM)
    if not checkpoints and not history:
        raise UserError(f'no {GAMMA_NORM}... in the logs of {work_dir}; give '
                        'checkpoints, or train with a ReconciliationNormHook')
    data = list(batches_of(cfg, batches)) if checkpoints else []
    for checkpoint in checkpoints:
        model, step = load_model(cfg.model, checkpoint)
        rows = [mean_gamma_norms(model, batch) for batch in data]
        history[step] = {
            edge.key: sum(row[edge].item() for row in rows) / batches
            for edge in rows[0]
        }
    history = dict(sorted(history.items()))
    write_picture(draw_gamma_norms(history), history, file)


def picture_gradient_conflict(cfg: Config, checkpoint: str, batches: int,
                              file: Path) -> str:
    """Draw the cosines between the gradients of a model's sources.

    On the first batches of its training, the mean over them. In the diagonal
    each source with itself on the next batch: what noise alone does.

    Args:
        cfg: Config of a model with several sources.
        checkpoint: Of its run.
        batches: How many, >= 2.
        file: The picture; the numbers of each batch are written beside it.

    Returns:
        How many of the pairs and batches conflict, in words.

    Raises:
        UserError: There are fewer batches, or no sources to compare.
    """
    if batches < 2:
        raise UserError(f'{batches} batches; give at least two')
    model, step = load_model(cfg.model, checkpoint)
    if len(getattr(model, 'heads', ())) < 2:
        raise UserError(f'{cfg.filename}: {type(model).__name__} has no '
                        'losses of several sources to compare')
    sources, cosines, repeats = gradient_conflict(model,
                                                  batches_of(cfg, batches))
    mean = cosines.mean(0)
    drawn = mean.clone()
    drawn.diagonal().copy_(repeats.mean(0))
    figure = draw_gradient_conflict(
        sources, drawn.numpy(), model.task_of,
        f'Gradients of the backbone, iteration {step:,}, mean of {batches} '
        'batches\n(diagonal: a source with itself on the next batch)')
    numbers = dict(
        iteration=step,
        sources=sources,
        mean=mean.tolist(),
        std=cosines.std(0).tolist(),
        same_source_next_batch=repeats.mean(0).tolist(),
        batches=cosines.tolist())
    write_picture(figure, numbers, file)
    above, right = torch.triu_indices(len(sources), len(sources), 1)
    pairs = cosines[:, above, right]
    return (f'{(pairs < 0).sum()} of {pairs.isfinite().sum()} cosines (pairs '
            f'of sources, batches) are negative; mean {pairs.nanmean():.3f}')


def picture_cka(checkpoints: Mapping[str, str], files: Sequence[Path],
                size: int, file: Path) -> None:
    """Draw how alike the features of several networks are.

    Args:
        checkpoints: Of runs, `{name: file}`.
        files: Images, see :func:`image_files`.
        size: Side in pixels that they are resized to.
        file: The picture; the numbers are written beside it.
    """
    features = pooled_stages(checkpoints, files, size)
    stages = {k: v.numpy() for k, v in cka_by_stage(features).items()}
    numbers = dict(
        networks=list(features),
        images=len(files),
        cka={
            k: v.tolist()
            for k, v in stages.items()
        })
    write_picture(draw_cka(list(features), stages), numbers, file)
