"""Upstream's predictions as plain dictionaries, and these as files."""
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.structures import BaseDataElement
from torch import Tensor

from ...errors import UserError

Answer = dict[str, object]


def as_answer(sample: BaseDataElement,
              names: Sequence[str] | None = None,
              score_thr: float = 0.3,
              topk: int = 5) -> Answer:
    """Turn one source's prediction into a plain dictionary.

    Args:
        sample: What the source's head model predicted, on the CPU.
        names: A name for each label; None: 'class 0' and so on.
        score_thr: Boxes of a lower score, in [0, 1], are left out.
        topk: How many classes of a picture are given, the likeliest first.

    Returns:
        Of a classifier 'labels', 'classes' and 'scores', lists; of a detector
        also 'boxes', each [x1, y1, x2, y2] in pixels of the image; of a
        segmenter 'labels' and 'classes' that occur, 'shares', the fraction
        of the image each covers, and 'mask', the label of each pixel, an
        array (H, W); of a depth estimator 'depth', (H, W), as trained.

    Raises:
        UserError: The prediction is of another kind.
    """
    if 'pred_score' in sample:
        scores, labels = sample.pred_score.topk(
            min(topk, len(sample.pred_score)))
        return _labelled(labels, names, scores=_numbers(scores))
    if 'pred_instances' in sample:
        found = sample.pred_instances
        found = found[found.scores >= score_thr]
        boxes = getattr(found.bboxes, 'tensor', found.bboxes)
        return _labelled(
            found.labels,
            names,
            scores=_numbers(found.scores),
            boxes=[_numbers(box) for box in boxes])
    if 'pred_sem_seg' in sample:
        mask = sample.pred_sem_seg.data[0]
        labels, counts = mask.unique(return_counts=True)
        order = counts.argsort(descending=True)
        return _labelled(
            labels[order],
            names,
            shares=_numbers(counts[order] / mask.numel()),
            mask=mask.numpy().astype(np.uint16))
    if 'pred_depth_map' in sample:
        return dict(depth=sample.pred_depth_map.data[0].numpy())
    raise UserError(f'a prediction with {sample.keys()} has no plain form; '
                    'ask with return_datasamples=True')


def _labelled(labels: Tensor, names: Sequence[str] | None,
              **more: object) -> Answer:
    numbers = [int(n) for n in labels.tolist()]
    return dict(
        labels=numbers,
        classes=[names[n] if names else f'class {n}' for n in numbers],
        **more)


def _numbers(values: Tensor) -> list[float]:
    return [round(float(v), 4) for v in values.to(torch.float64)]


def write_answers(answers: Mapping[str, Answer], picture: np.ndarray,
                  stem: Path) -> None:
    """Write the answers about one image, and their picture `STEM.png`.

    `STEM.json` has all but maps, which go to files that it names: masks to
    `STEM.SOURCE.png`, whose pixels are labels, depth to `STEM.SOURCE.npy`.

    Args:
        answers: `{source: answer}`.
        picture: See :func:`.draw_answers`.
        stem: Path of the files, without suffix.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    plain = {source: dict(answer) for source, answer in answers.items()}
    for source, answer in plain.items():
        if 'mask' in answer:
            file = _beside(stem, f'{source}.png')
            cv2.imwrite(str(file), answer['mask'])
            answer['mask'] = file.name
        if 'depth' in answer:
            file = _beside(stem, f'{source}.npy')
            np.save(file, answer['depth'])
            answer['depth'] = file.name
    _beside(stem, 'json').write_text(json.dumps(plain, indent=1))
    cv2.imwrite(str(_beside(stem, 'png')), picture[..., ::-1])


def file_stems(images: Sequence[str | Path | np.ndarray]) -> list[str]:
    """Name the files about some images, each by a name of its own.

    Example:
        >>> file_stems(['a/cat.jpg', 'b/dog.png'])
        ['cat', 'dog']
        >>> file_stems(['a/cat.jpg', 'b/cat.jpg'])
        ['0_cat', '1_cat']
    """
    stems = [
        Path(image).stem if isinstance(image, (str, Path)) else 'image'
        for image in images
    ]
    if len(set(stems)) == len(stems):
        return stems
    return [f'{number}_{stem}' for number, stem in enumerate(stems)]


def _beside(stem: Path, ending: str) -> Path:
    return stem.with_name(f'{stem.name}.{ending}')
