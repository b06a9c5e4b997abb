"""A student does not start on labels that are not there."""
from pathlib import Path

from mmengine.config import Config

from ...errors import UserError
from .label_folder import LabelFolder
from .plan import PseudoLabels
from .stamps import ImageSet, stamps_of


def check_pseudo_labels(cfg: Config) -> None:
    """Refuse a student's config whose labels are not complete.

    Args:
        cfg: A training config; without `pseudo_labels` there is nothing to
            check.

    Raises:
        UserError: Labels of a source are missing, incomplete, damaged, or
            made from another teacher, image set or threshold than the config
            says.
    """
    if cfg.get('pseudo_labels') is None:
        return
    plan = PseudoLabels.from_config(cfg)
    images = ImageSet.find(plan)
    for name, stamp in stamps_of(plan, images).items():
        folder = LabelFolder(Path(plan.folder, name), stamp)
        problem = folder.problem(len(images.paths))
        if problem:
            raise UserError(
                f"pseudo labels of source '{name}' in {folder.path} are "
                f'{problem}; write them first:\n'
                f'    python tools/pseudo_label.py {cfg.filename or "CONFIG"}')
