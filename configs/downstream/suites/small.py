"""Four small sets of real photographs, one for each kind of task.

For small ResNets on a CPU; the paper has no such numbers. Measured:
docs/en/results_small.md.

    python tools/transfer.py CHECKPOINT... --suite small --data-root DIR
"""
tasks = [
    dict(
        name='clothing',
        title='Linear probe, clothing (top-1)',
        config='../linear_probe/clothing.py'),
    dict(
        name='bccd',
        title='Detection, BCCD (mAP, IoU 0.5)',
        config='../detection/'
        'faster-rcnn_r18-fpn_xlearner-pre_1xb4-6e_bccd.py'),
    dict(
        name='camvid',
        title='Segmentation, CamVid (mIoU)',
        config='../segmentation/fpn_r18_xlearner-pre_1xb8-1k_camvid.py'),
    dict(
        name='red_kitchen',
        title='Depth, RedKitchen (delta 1)',
        config='../depth/fpn-depth_r18_xlearner-pre_1xb8-400_red-kitchen.py')
]
