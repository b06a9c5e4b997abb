"""The paper's transfer tasks (Sec. 4.2; Tables 2 and 4). Not run.

Aims at X-Learner's numbers with ResNet-50, X-Learner++'s in Table 4. The
learning rate of each fine-tuning is searched first, as in Sec. 4.2.

    python tools/transfer.py CHECKPOINT... --suite paper --data-root DIR \
        --processes 8
"""
_probes = dict(
    cifar10='CIFAR-10 (top-1)',
    cifar100='CIFAR-100 (top-1)',
    food101='Food-101 (top-1)',
    sun397='SUN397 (top-1)',
    stanford_cars='Stanford Cars (top-1)',
    fgvc_aircraft='FGVC-Aircraft (mean per class)',
    dtd='DTD (top-1)',
    oxford_pets='Oxford-IIIT Pets (mean per class)',
    caltech101='Caltech-101 (mean per class)',
    flowers102='Oxford 102 Flowers (mean per class)')
tasks = [
    *[
        dict(
            name=_name,
            title=f'Linear probe, {_title}',
            config=f'../linear_probe/{_name}.py',
            average='AVG Cls') for _name, _title in _probes.items()
    ],
    dict(
        name='voc_det',
        title='Detection, VOC07+12, R50-C4 (AP50)',
        config='../detection/'
        'faster-rcnn_r50-c4_xlearner-pre_8xb2-24k_voc0712.py',
        paper=84.4,
        paper_method='X-Learner, Table 2'),
    dict(
        name='voc_seg',
        title='Segmentation, VOC12, output stride 16 (mIoU)',
        config='../segmentation/'
        'deeplabv3_r50-d16_xlearner-pre_4xb4-33k_voc12aug-513x513.py',
        paper=77.1,
        paper_method='X-Learner, Table 2'),
    dict(
        name='cifar100_tuned',
        title='Fine-tuning, CIFAR-100 (top-1)',
        config='../classification/'
        'resnet50_xlearner-pre_1xb64-20k_cifar100.py',
        paper=87.0,
        paper_method='X-Learner++, Table 4'),
    dict(
        name='voc_det_fpn',
        title='Detection, VOC07+12, R50-FPN (AP50)',
        config='../detection/'
        'faster-rcnn_r50-fpn_xlearner-pre_8xb2-24k_voc0712.py',
        paper=87.3,
        paper_method='X-Learner++, Table 4'),
    dict(
        name='voc_seg_os8',
        title='Segmentation, VOC12, output stride 8 (mIoU)',
        config='../segmentation/'
        'deeplabv3_r50-d8_xlearner-pre_4xb4-33k_voc12aug-513x513.py',
        paper=78.8,
        paper_method='X-Learner++, Table 4'),
    dict(
        name='nyu_depth',
        title='Depth, NYU-Depth V2 (delta 1)',
        config='../depth/'
        'fpn-depth_r50_xlearner-pre_2xb8-38k_nyu-416x544.py',
        paper=89.0,
        paper_method='X-Learner++, Table 4')
]
del _probes
averages = {'AVG Cls': dict(paper=77.1, paper_method='X-Learner, Table 2')}
search = dict(points=5, fraction=0.1)  # ours: the paper gives the ranges
