"""The FPN that a detection source trained, as a file of its own."""
from pathlib import Path

from torch import Tensor

from ..checkpoint_files import write_tensors
from ..errors import UserError
from .export import read_trained


def export_neck(src: str, dst: str, source: str) -> dict[str, Tensor]:
    """Write the neck of one source's head model as a bare state dict.

    The paper's detectors with a "pre-trained FPN" (Table 4) start from it.
    Ours: as the squeezed student has none, it is the FPN of the detection
    task in the expansion stage.

    Args:
        src: A checkpoint of the expansion stage, or of hard sharing.
        dst: The file to write, `.pth` or `.safetensors`; its names are
            relative to the neck, such as mmdet's
            `lateral_convs.0.conv.weight`.
        source: Name of the source.

    Returns:
        What was written.

    Raises:
        UserError: The checkpoint is missing or of another kind, or it has no
            such source, or the source has no neck with weights.
    """
    if not Path(src).is_file():
        raise UserError(f'no checkpoint at {src}; check the path')
    state, model = read_trained(src)
    kind = model.type.split('.')[-1]
    if kind not in ('ExpansionModel', 'PrunedExpansionModel',
                    'HardSharingModel'):
        raise UserError(f'{src} holds a {kind}, which has no heads and so no '
                        'neck; give the checkpoint of the expansion stage, or '
                        'of hard sharing')
    prefix = 'heads.{}.neck.'
    necks = [
        s.name for s in model.sources if any(
            k.startswith(prefix.format(s.name)) for k in state)
    ]
    if source not in necks:
        known = [s.name for s in model.sources]
        problem = f'source {source!r} has no neck with weights' if (
            source in known) else f'no source {source!r} among {known}'
        raise UserError(f'{src}: {problem}; sources with a neck: {necks}')
    prefix = prefix.format(source)
    neck = {
        key[len(prefix):]: value
        for key, value in state.items() if key.startswith(prefix)
    }
    write_tensors(neck, Path(dst))
    return neck
