"""Tiny sources on disk and tiny models, for tests: seconds on one core."""
import json
from pathlib import Path

import cv2
import numpy as np

#: Side of the tiny images, in pixels.
SIZE = 32
MEAN_STD = dict(mean=[120.0, 118.0, 115.0], std=[60.0, 58.0, 62.0])


def sub_backbone(**kwargs) -> dict:
    """Config of an upstream ResNet-18 of width 8."""
    return dict(
        dict(
            type='mmpretrain.ResNet',
            depth=18,
            base_channels=8,
            stem_channels=8,
            out_indices=(0, 1, 2, 3)), **kwargs)


def expanded_resnet(**kwargs) -> dict:
    """Config of an ExpandedResNet of width 8."""
    return dict(
        dict(
            type='ExpandedResNet',
            sub_backbone=sub_backbone(),
            reconciliation=dict(type='BottomUpReconciliation')), **kwargs)


def cls_source(root: Path,
               name: str = 'animals',
               num_classes: int = 3,
               num_images: int = 7,
               **kwargs) -> dict:
    """Write class folders below `root/name` and return the source."""
    rng = np.random.default_rng(num_classes)
    for i in range(num_images):
        folder = root / name / f'class_{i % num_classes}'
        folder.mkdir(parents=True, exist_ok=True)
        _write_image(folder / f'{i}.png', rng)
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='RandomResizedCrop', scale=SIZE),
        dict(type='RandomFlip', prob=0.5),
        dict(type='PackInputs')
    ]
    dataset = dict(
        type='CustomDataset', data_root=str(root / name), pipeline=pipeline)
    head = dict(
        type='LinearClsHead',
        num_classes=num_classes,
        in_channels=64,
        loss=dict(type='CrossEntropyLoss'),
        topk=(1, ))
    return dict(
        dict(
            name=name,
            task='cls',
            scope='mmpretrain',
            batch_size=3,
            train=dataset,
            val=dict(
                dataset,
                test_mode=True,
                pipeline=[
                    pipeline[0],
                    dict(type='Resize', scale=(SIZE, SIZE)), pipeline[-1]
                ]),
            evaluator=dict(type='Accuracy', topk=(1, )),
            key_metric='top1',
            model=dict(
                type='ImageClassifier',
                data_preprocessor=dict(
                    type='ClsDataPreprocessor', to_rgb=True, **MEAN_STD),
                neck=dict(type='GlobalAveragePooling'),
                head=head)), **kwargs)


def det_source(root: Path,
               name: str = 'things',
               num_classes: int = 2,
               num_images: int = 5,
               **kwargs) -> dict:
    """Write COCO JSON below `root/name`; the first image has no box."""
    rng = np.random.default_rng(17)
    (root / name).mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for i in range(num_images):
        _write_image(root / name / f'{i}.png', rng)
        images.append(
            dict(id=i + 1, file_name=f'{i}.png', width=SIZE, height=SIZE))
        for _ in range(min(i, 2)):
            x, y = rng.integers(0, SIZE // 2, 2).tolist()
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=i + 1,
                    category_id=1 + i % num_classes,
                    bbox=[x, y, 13, 11],
                    area=143,
                    iscrowd=0))
    classes = [f'thing_{c}' for c in range(num_classes)]
    (root / name / 'ann.json').write_text(
        json.dumps(
            dict(
                images=images,
                annotations=annotations,
                categories=[
                    dict(id=c + 1, name=n) for c, n in enumerate(classes)
                ])))
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadAnnotations', with_bbox=True),
        dict(type='Resize', scale=(SIZE, SIZE), keep_ratio=True),
        dict(type='RandomFlip', prob=0.5),
        dict(type='PackDetInputs')
    ]
    dataset = dict(
        type='CocoDataset',
        data_root=str(root / name),
        ann_file='ann.json',
        data_prefix=dict(img=''),
        metainfo=dict(classes=classes),
        pipeline=pipeline)
    return dict(
        dict(
            name=name,
            task='det',
            scope='mmdet',
            batch_size=2,
            train=dataset,
            val=dict(
                dataset,
                test_mode=True,
                pipeline=[
                    pipeline[0], pipeline[2], pipeline[1],
                    dict(
                        type='PackDetInputs',
                        meta_keys=('img_id', 'img_path', 'ori_shape',
                                   'img_shape', 'scale_factor'))
                ]),
            evaluator=dict(
                type='CocoMetric',
                ann_file=str(root / name / 'ann.json'),
                metric='bbox'),
            key_metric='bbox_mAP',
            key_metric_scale=100.0,
            model=retinanet(num_classes)), **kwargs)


def seg_source(root: Path,
               name: str = 'stuff',
               num_classes: int = 3,
               num_images: int = 5,
               **kwargs) -> dict:
    """Write index PNGs below `root/name`; the first is all 255 (ignore)."""
    rng = np.random.default_rng(23)
    for folder in ('img', 'ann'):
        (root / name / folder).mkdir(parents=True, exist_ok=True)
    for i in range(num_images):
        _write_image(root / name / 'img' / f'{i}.jpg', rng)
        mask = rng.integers(0, num_classes, (SIZE, SIZE)).astype(np.uint8)
        mask[0] = 255
        cv2.imwrite(
            str(root / name / 'ann' / f'{i}.png'),
            mask if i else np.full_like(mask, 255))
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadAnnotations'),
        dict(type='RandomFlip', prob=0.5),
        dict(type='PackSegInputs')
    ]
    dataset = dict(
        type='BaseSegDataset',
        data_root=str(root / name),
        data_prefix=dict(img_path='img', seg_map_path='ann'),
        metainfo=dict(
            classes=[f'stuff_{c}' for c in range(num_classes)],
            palette=[[c, c, c] for c in range(num_classes)]),
        pipeline=pipeline)
    return dict(
        dict(
            name=name,
            task='seg',
            scope='mmseg',
            batch_size=2,
            train=dataset,
            val=dict(
                dataset,
                test_mode=True,
                pipeline=[pipeline[0], pipeline[1], pipeline[-1]]),
            evaluator=dict(type='IoUMetric', iou_metrics=['mIoU']),
            key_metric='mIoU',
            model=fcn(num_classes)), **kwargs)


def retinanet(num_classes: int) -> dict:
    """Config of a RetinaNet of width 8 without backbone."""
    return dict(
        type='RetinaNet',
        data_preprocessor=dict(
            type='DetDataPreprocessor',
            bgr_to_rgb=True,
            pad_size_divisor=32,
            **MEAN_STD),
        neck=dict(
            type='FPN',
            in_channels=[8, 16, 32, 64],
            out_channels=8,
            start_level=1,
            num_outs=3),
        bbox_head=dict(
            type='RetinaHead',
            num_classes=num_classes,
            in_channels=8,
            feat_channels=8,
            stacked_convs=1,
            anchor_generator=dict(
                type='AnchorGenerator',
                octave_base_scale=2,
                scales_per_octave=1,
                ratios=[1.0],
                strides=[8, 16, 32])),
        train_cfg=dict(
            assigner=dict(
                type='MaxIoUAssigner',
                pos_iou_thr=0.5,
                neg_iou_thr=0.4,
                min_pos_iou=0),
            sampler=dict(type='PseudoSampler'),
            allowed_border=-1,
            pos_weight=-1),
        test_cfg=dict(
            nms_pre=50,
            min_bbox_size=0,
            score_thr=0.0,
            nms=dict(type='nms', iou_threshold=0.5),
            max_per_img=10))


def faster_rcnn(num_classes: int) -> dict:
    """Config of a Faster R-CNN of width 8 without backbone."""
    sampler = dict(
        type='RandomSampler',
        num=16,
        pos_fraction=0.5,
        neg_pos_ub=-1,
        add_gt_as_proposals=True)
    assigner = dict(
        type='MaxIoUAssigner',
        pos_iou_thr=0.5,
        neg_iou_thr=0.5,
        min_pos_iou=0.3,
        match_low_quality=True,
        ignore_iof_thr=-1)
    proposals = dict(
        nms_pre=50,
        max_per_img=20,
        nms=dict(type='nms', iou_threshold=0.7),
        min_bbox_size=0)
    return dict(
        type='FasterRCNN',
        data_preprocessor=dict(
            type='DetDataPreprocessor',
            bgr_to_rgb=True,
            pad_size_divisor=32,
            **MEAN_STD),
        neck=dict(
            type='FPN',
            in_channels=[8, 16, 32, 64],
            out_channels=8,
            num_outs=4),
        rpn_head=dict(
            type='RPNHead',
            in_channels=8,
            feat_channels=8,
            anchor_generator=dict(
                type='AnchorGenerator',
                scales=[2],
                ratios=[0.5, 1.0],
                strides=[4, 8, 16, 32])),
        roi_head=dict(
            type='StandardRoIHead',
            bbox_roi_extractor=dict(
                type='SingleRoIExtractor',
                roi_layer=dict(
                    type='RoIAlign', output_size=7, sampling_ratio=0),
                out_channels=8,
                featmap_strides=[4, 8, 16, 32]),
            bbox_head=dict(
                type='Shared2FCBBoxHead',
                in_channels=8,
                fc_out_channels=16,
                roi_feat_size=7,
                num_classes=num_classes)),
        train_cfg=dict(
            rpn=dict(
                assigner=assigner,
                sampler=dict(sampler, add_gt_as_proposals=False),
                allowed_border=-1,
                pos_weight=-1),
            rpn_proposal=proposals,
            rcnn=dict(assigner=assigner, sampler=sampler, pos_weight=-1)),
        test_cfg=dict(
            rpn=proposals,
            rcnn=dict(
                score_thr=0.0,
                nms=dict(type='nms', iou_threshold=0.5),
                max_per_img=10)))


def fcn(num_classes: int) -> dict:
    """Config of an FCN of width 8, with auxiliary head, without backbone."""
    head = dict(
        type='FCNHead',
        channels=8,
        num_convs=1,
        num_classes=num_classes,
        dropout_ratio=0.1,
        norm_cfg=dict(type='BN'))
    return dict(
        type='EncoderDecoder',
        data_preprocessor=dict(
            type='SegDataPreProcessor',
            bgr_to_rgb=True,
            size=(SIZE, SIZE),
            seg_pad_val=255,
            **MEAN_STD),
        decode_head=dict(head, in_channels=64, in_index=3),
        auxiliary_head=dict(head, in_channels=32, in_index=2),
        train_cfg=dict(),
        test_cfg=dict(mode='whole'))


def run_config(sources: list[dict],
               work_dir: Path,
               max_iters: int = 4,
               **kwargs) -> dict:
    """Config of an expansion run over the sources, tau = K / 2."""
    return dict(
        dict(
            default_scope='xlearner_mm',
            custom_imports=dict(imports=['xlearner_mm']),
            sources=sources,
            work_dir=str(work_dir),
            model=dict(
                type='ExpansionModel',
                backbone=expanded_resnet(),
                sources=sources),
            train_dataloader=dict(sources=sources, num_workers=0),
            train_cfg=dict(
                type='ExpansionTrainLoop',
                max_iters=max_iters,
                join_iter=max_iters // 2,
                val_interval=1000),
            optim_wrapper=dict(
                optimizer=dict(
                    type='SGD', lr=0.01, momentum=0.9, weight_decay=1e-4)),
            param_scheduler=[
                dict(type='MultiStepLR', by_epoch=False, milestones=[2])
            ],
            default_hooks=dict(
                checkpoint=dict(
                    type='DurableCheckpointHook',
                    by_epoch=False,
                    interval=1,
                    max_keep_ckpts=3),
                logger=dict(type='LoggerHook', interval=1)),
            custom_hooks=[dict(type='SyncBuffersIterHook')],
            log_processor=dict(by_epoch=False, window_size=1),
            randomness=dict(seed=0)), **kwargs)


def _write_image(path: Path, rng: np.random.Generator) -> None:
    """Write noise in blocks of four pixels."""
    blocks = rng.integers(0, 256, (SIZE // 4, SIZE // 4, 3)).astype(np.uint8)
    cv2.imwrite(str(path), np.kron(blocks, np.ones((4, 4, 1), np.uint8)))
