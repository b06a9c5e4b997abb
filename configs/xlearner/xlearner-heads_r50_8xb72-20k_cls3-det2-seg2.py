"""The expansion's heads behind the squeezed student, with segmentation.

After xlearner-squeeze_r50_8xb72-200k_cls3-det2-seg2.py, whose student stays
as it is. No number in the paper, which transfers the student alone (Table 2,
X-Learner w/ seg). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-heads_r50_8xb72-20k_cls3-det2-seg2.py 8
"""
_base_ = './xlearner-expansion_r50_8xb72-400k_cls3-det2-seg2.py'
model = dict(
    _delete_=True,
    type='GuidedStudentModel',
    student=_base_.resnet,
    squeeze='work_dirs/xlearner-squeeze_r50_8xb72-200k_cls3-det2-seg2/'
    'iter_200000.pth',
    expansion='work_dirs/xlearner-expansion_r50_8xb72-400k_cls3-det2-seg2/'
    'iter_400000.pth',
    guided_stages=dict(cls=(3, )),  # a classifier reads the last one alone
    merge=['cls', 'seg'],  # as the expansion
    sources=_base_.sources)
train_cfg = dict(
    _delete_=True,
    type='MultiSourceTrainLoop',
    max_iters=20000,  # ours: a twentieth of the expansion
    val_interval=10000)
optim_wrapper = dict(optimizer=dict(lr=0.02))  # ours: it is a fine-tuning
infer_scale = (896, 512)  # ours: as seg, between cls (224) and det (800)
