"""Labels in the formats that mmpretrain, mmdet and mmseg read.

Scores are probabilities in [0, 1]; a label whose score is below the threshold
is left out. A row is what is kept of one image until all are done: a
dictionary that JSON can hold, with 'path', 'kept' and 'dropped', the last two
numbers of labels.
"""
from collections.abc import Sequence
from pathlib import Path

import cv2
import torch
from mmengine.structures import BaseDataElement
from torch import Tensor

from ...errors import UserError
from ...sources import Source
from .label_folder import write_json

_IGNORE = 255


class LabelFormat:
    """How a source's predictions become files.

    Args:
        folder: Where the files go.
        score_thr: The threshold.
    """

    #: What a data sample must have to be read.
    prediction: str
    #: What is counted.
    unit: str

    def __init__(self, folder: Path, score_thr: float) -> None:
        self.folder, self.score_thr = folder, score_thr

    def row(self, path: str, sample: BaseDataElement) -> dict:
        """Read the labels of one image.

        Args:
            path: The image's.
            sample: The prediction, on the CPU.

        Raises:
            UserError: The head predicts something else.
        """
        if self.prediction not in sample:
            raise UserError(
                f'{type(sample).__name__} of a teacher has no '
                f'{self.prediction}; labels are written for classifiers, '
                'detectors and segmentors')
        return dict(path=path, **self.read(path, sample))

    def read(self, path: str, sample: BaseDataElement) -> dict:
        """Return 'kept', 'dropped' and what :meth:`write` needs."""
        raise NotImplementedError

    def write(self, rows: Sequence[dict], classes: Sequence[str]) -> None:
        """Write the files of all images.

        Args:
            rows: Of every image, in order.
            classes: Their names, by label.
        """
        raise NotImplementedError


class ClassList(LabelFormat):
    """`labels.txt` with lines `path label`, and `classes.txt`.

    For mmpretrain's CustomDataset with `ann_file` and `classes`. The label is
    the class with the highest probability.
    """

    prediction, unit = 'pred_label', 'images'

    def read(self, path: str, sample: BaseDataElement) -> dict:
        """Read class and probability."""
        score = float(sample.pred_score.max())
        kept = score >= self.score_thr
        return dict(
            label=int(sample.pred_score.argmax()),
            kept=int(kept),
            dropped=int(not kept))

    def write(self, rows: Sequence[dict], classes: Sequence[str]) -> None:
        """List the images that have a label."""
        _write_lines(self.folder / 'labels.txt',
                     [f"{r['path']} {r['label']}" for r in rows if r['kept']])
        _write_lines(self.folder / 'classes.txt', classes)


class CocoJson(LabelFormat):
    """`annotations.json` for mmdet's CocoDataset.

    Boxes are in pixels of the image's file. Images without a box are in it
    too: whether they count as background is the student's `filter_cfg`.
    Instance masks are not written.
    """

    prediction, unit = 'pred_instances', 'boxes'

    def read(self, path: str, sample: BaseDataElement) -> dict:
        """Read the boxes, which the head has scaled to the file's size."""
        found = sample.pred_instances
        above = found.scores >= self.score_thr
        kept = found[above]
        height, width = sample.ori_shape[:2]
        return dict(
            height=height,
            width=width,
            boxes=kept.bboxes.tolist(),
            labels=kept.labels.tolist(),
            scores=kept.scores.tolist(),
            kept=len(kept),
            dropped=len(found) - len(kept))

    def write(self, rows: Sequence[dict], classes: Sequence[str]) -> None:
        """Write images, boxes and categories, each numbered from 1."""
        images, annotations = [], []
        for number, row in enumerate(rows, 1):
            images.append(
                dict(
                    id=number,
                    file_name=row['path'],
                    height=row['height'],
                    width=row['width']))
            for box, label, score in zip(row['boxes'], row['labels'],
                                         row['scores']):
                left, top, right, bottom = box
                width, height = right - left, bottom - top
                annotations.append(
                    dict(
                        id=len(annotations) + 1,
                        image_id=number,
                        category_id=label + 1,
                        bbox=[left, top, width, height],
                        area=width * height,
                        iscrowd=0,
                        score=score))
        categories = [
            dict(id=number, name=name)
            for number, name in enumerate(classes, 1)
        ]
        write_json(
            self.folder / 'annotations.json',
            dict(
                images=images, annotations=annotations, categories=categories))


class IndexPng(LabelFormat):
    """`labels/<path>.png`, and the paths in `images.txt`.

    For mmseg's BaseSegDataset with `ann_file`, `img_suffix=''` and
    `seg_map_suffix='.png'`. Pixels below the threshold are 255 (ignore).
    """

    prediction, unit = 'pred_sem_seg', 'pixels'

    def read(self, path: str, sample: BaseDataElement) -> dict:
        """Write the image's PNG, of its file's size."""
        labels = sample.pred_sem_seg.data[0].long()
        if labels.max() >= _IGNORE:
            raise UserError(f'{path}: class {int(labels.max())} is predicted; '
                            f'an index PNG holds 0..{_IGNORE - 1}')
        above = pixel_scores(sample) >= self.score_thr
        file = self.folder / 'labels' / f'{path}.png'
        file.parent.mkdir(parents=True, exist_ok=True)
        image = labels.masked_fill(~above, _IGNORE).byte().numpy()
        if not cv2.imwrite(str(file), image):
            raise UserError(f'{file} cannot be written; is the disk full?')
        kept = int(above.sum())
        return dict(kept=kept, dropped=above.numel() - kept)

    def write(self, rows: Sequence[dict], classes: Sequence[str]) -> None:
        """List the images."""
        _write_lines(self.folder / 'images.txt', [r['path'] for r in rows])


_FORMATS: dict[str, type[LabelFormat]] = dict(
    mmpretrain=ClassList, mmdet=CocoJson, mmseg=IndexPng)


def format_of(source: Source) -> type[LabelFormat]:
    """Return the format of a source's labels.

    Raises:
        UserError: Its package has none here.
    """
    if source.scope not in _FORMATS:
        raise UserError(f"source '{source.name}': no format of labels for "
                        f"scope '{source.scope}'; there is one for each of "
                        f'{sorted(_FORMATS)}')
    return _FORMATS[source.scope]


def pixel_scores(sample: BaseDataElement) -> Tensor:
    """Return the probability of each pixel's predicted class, (H, W).

    Args:
        sample: A segmentor's: logits (C, H, W), or of two classes (1, H, W),
            the probability of class 1.
    """
    logits, labels = sample.seg_logits.data, sample.pred_sem_seg.data.long()
    probabilities = (
        torch.cat([1 -
                   logits, logits]) if len(logits) == 1 else logits.softmax(0))
    return probabilities.gather(0, labels)[0]


def _write_lines(file: Path, lines: Sequence[str]) -> None:
    file.write_text(''.join(f'{line}\n' for line in lines))
