"""The preprocessor, for any sources, sizes and labels."""
from copy import deepcopy

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData, PixelData
from mmpretrain.structures import DataSample
from mmseg.structures import SegDataSample

from xlearner_mm.registry import MODELS
from xlearner_mm.sources import parse_sources
from xlearner_mm.testing.runs import differences

SIZE = st.tuples(st.integers(5, 32), st.integers(5, 32))


def sample(name: str, size: tuple[int, int]) -> object:
    """Return labels of an image of this size."""
    meta = dict(img_shape=size, ori_shape=size, scale_factor=(1.0, 1.0))
    if name == 'animals':
        return DataSample(metainfo=meta).set_gt_label(1)
    if name == 'stuff':
        mask = torch.randint(0, 3, (1, *size))
        return SegDataSample(gt_sem_seg=PixelData(data=mask), metainfo=meta)
    box = torch.tensor([[1.0, 1.0, size[1] - 1.0, size[0] - 1.0]])
    found = InstanceData(bboxes=box, labels=torch.tensor([1]))
    return DetDataSample(gt_instances=found, metainfo=meta)


@st.composite
def batches(draw) -> dict[str, dict]:
    """Draw a batch of some sources; a classifier's images share a size."""
    names = draw(
        st.lists(
            st.sampled_from(['animals', 'things', 'stuff']),
            min_size=1,
            unique=True))
    torch.manual_seed(draw(st.integers(0, 999)))
    batch = {}
    for name in names:
        sizes = draw(st.lists(SIZE, min_size=1, max_size=3))
        if name == 'animals':
            sizes = sizes[:1] * len(sizes)
        batch[name] = dict(
            inputs=[
                torch.randint(0, 256, (3, *size), dtype=torch.uint8)
                for size in sizes
            ],
            data_samples=[sample(name, size) for size in sizes])
    return batch


def content(batch: dict) -> dict:
    """Spell a batch out as dictionaries and tensors."""
    return {
        name: [part['inputs'], [s.to_dict() for s in part['data_samples']]]
        for name, part in batch.items()
    }


@given(batch=batches(), training=st.booleans())
@settings(max_examples=25)
def test_each_source_is_prepared_as_upstream_does_and_no_batch_changes(
        sources, batch, training):
    upstream = {
        s.name: s.build(MODELS, s.model['data_preprocessor'], '')
        for s in parse_sources(sources)
    }
    ours = MODELS.build(
        dict(type='MultiTaskDataPreprocessor',
             preprocessors=upstream))  # yapf: disable
    before = deepcopy(batch)
    found = ours(batch, training)
    assert set(found['inputs']) == set(batch)
    assert not list(differences(content(batch), content(before)))
    for name in batch:
        theirs = upstream[name](deepcopy(before[name]), training)
        assert torch.equal(found['inputs'][name], theirs['inputs'])
        assert not list(
            differences([s.to_dict() for s in found['data_samples'][name]],
                        [s.to_dict() for s in theirs['data_samples']]))
