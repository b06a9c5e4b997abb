"""Sources and random batches for benchmarks: nothing is read from disk."""
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.structures import BaseDataElement, InstanceData, PixelData

from . import tiny

TASKS = ('cls', 'det', 'seg', 'parts')  # the last one segments, too
NUM_CLASSES = 10


def sub_backbone(depth: int, **kwargs) -> dict:
    """Config of an upstream ResNet of full width."""
    return dict(
        dict(type='mmpretrain.ResNet', depth=depth, out_indices=(0, 1, 2, 3)),
        **kwargs)


def stage_channels(depth: int) -> list[int]:
    """Return the channels C_0..C_3 of a ResNet of full width."""
    return [(64 if depth < 50 else 256) << i for i in range(4)]


def sources(depth: int, num_tasks: int, image_size: int,
            batch_size: int) -> list[dict]:
    """List one source per task: classification, detection, twice segmentation.

    Their heads are narrow, so that they do not hide the backbone's time.

    Args:
        depth: That of the ResNets.
        num_tasks: How many of `TASKS`.
        image_size: Side of the square images, in pixels.
        batch_size: Images per source.
    """
    channels = stage_channels(depth)
    models = dict(
        cls=_classifier(channels[-1]),
        det=_detector(channels),
        seg=_segmentor(channels, image_size),
        parts=_segmentor(channels, image_size))
    scopes = dict(cls='mmpretrain', det='mmdet', seg='mmseg', parts='mmseg')
    return [
        dict(
            name=f'{task}_source',
            task=task,
            scope=scopes[task],
            batch_size=batch_size,
            model=models[task]) for task in TASKS[:num_tasks]
    ]


def random_batch(sources: Sequence[dict], image_size: int) -> dict:
    """Draw the batch of one iteration, as the loader would give it.

    Args:
        sources: What :func:`sources` gave.
        image_size: Side of the images, in pixels.

    Returns:
        `{source: {'inputs': [(3, H, W) uint8, ...], 'data_samples': [...]}}`.
    """
    rng = np.random.default_rng(0)
    batch = {}
    for source in sources:
        count = source['batch_size']
        images = rng.integers(0, 256, (count, 3, image_size, image_size))
        batch[source['name']] = dict(
            inputs=list(torch.from_numpy(images.astype(np.uint8))),
            data_samples=random_samples(source['task'], count, image_size))
    return batch


def random_samples(task: str, count: int,
                   image_size: int) -> list[BaseDataElement]:
    """Draw upstream data samples for a task's images.

    Args:
        task: One of `TASKS`.
        count: How many.
        image_size: Side of the images, in pixels.
    """
    draw = dict(
        cls=_class_sample,
        det=_detection_sample,
        seg=_segmentation_sample,
        parts=_segmentation_sample)[task]
    rng = np.random.default_rng(1)
    return [draw(rng, image_size) for _ in range(count)]


def _classifier(channels: int) -> dict:
    return dict(
        type='ImageClassifier',
        data_preprocessor=dict(
            type='ClsDataPreprocessor', to_rgb=True, **tiny.MEAN_STD),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(
            type='LinearClsHead',
            num_classes=NUM_CLASSES,
            in_channels=channels,
            loss=dict(type='CrossEntropyLoss')))


def _detector(channels: Sequence[int]) -> dict:
    model = tiny.retinanet(NUM_CLASSES)
    model['neck']['in_channels'] = list(channels)
    return model


def _segmentor(channels: Sequence[int], image_size: int) -> dict:
    model = tiny.fcn(NUM_CLASSES)
    model['data_preprocessor']['size'] = (image_size, image_size)
    model['decode_head']['in_channels'] = channels[3]
    model['auxiliary_head']['in_channels'] = channels[2]
    return model


def _class_sample(rng: np.random.Generator, size: int) -> BaseDataElement:
    from mmpretrain.structures import DataSample
    return DataSample().set_gt_label(int(rng.integers(NUM_CLASSES)))


def _detection_sample(rng: np.random.Generator, size: int) -> BaseDataElement:
    from mmdet.structures import DetDataSample
    corners = rng.integers(0, size // 2, (3, 2))
    boxes = np.concatenate([corners, corners + size // 3], 1)
    return DetDataSample(
        metainfo=dict(
            img_shape=(size, size), ori_shape=(size, size), scale_factor=1.0),
        gt_instances=InstanceData(
            bboxes=torch.from_numpy(boxes).float(),
            labels=torch.from_numpy(rng.integers(0, NUM_CLASSES, 3))))


def _segmentation_sample(rng: np.random.Generator,
                         size: int) -> BaseDataElement:
    from mmseg.structures import SegDataSample
    mask = torch.from_numpy(rng.integers(0, NUM_CLASSES, (1, size, size)))
    return SegDataSample(
        metainfo=dict(img_shape=(size, size), ori_shape=(size, size)),
        gt_sem_seg=PixelData(data=mask))
