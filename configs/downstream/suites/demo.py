"""The demo's three held-out sets; `make demo` writes them.

    python tools/transfer.py CHECKPOINT... --suite demo
"""
variable = 'XLEARNER_DEMO_DATA'
data_root = 'work_dirs/demo/data'
tasks = [
    dict(
        name='linear_probe',
        title='Linear probe (top-1)',
        config='../../demo/linear-probe_r18_demo.py'),
    dict(
        name='det_AP50',
        title='Detection (AP50)',
        config='../../demo/retinanet_r18_demo.py'),
    dict(
        name='seg_mIoU',
        title='Segmentation (mIoU)',
        config='../../demo/fpn_r18_demo.py')
]
