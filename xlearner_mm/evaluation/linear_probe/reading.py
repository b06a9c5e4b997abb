"""mmpretrain's datasets, read so that each error names what it is about."""
from collections.abc import Mapping

from mmengine.dataset import BaseDataset, Compose
from mmengine.registry import DATASETS

from ...datasets.source_checks import keep_below_roots
from ...errors import UserError


class NamedCompose(Compose):
    """A pipeline whose errors name the dataset, the split and the image.

    Args:
        transforms: The transforms, built.
        part: Name of dataset and split.
    """

    def __init__(self, transforms: list, part: str) -> None:
        super().__init__(transforms)
        self.part = part

    def __call__(self, data: dict) -> dict | None:
        """Run the transforms.

        Raises:
            UserError: One of them fails.
        """
        image = data.get('img_path') or f"image {data['sample_idx']}"
        try:
            return super().__call__(data)
        except Exception as error:  # whatever a transform may raise
            raise UserError(
                f'{self.part}: the pipeline fails on {image}: {error}; '
                'mend the file or get it again') from error


def read_split(cfg: Mapping, part: str, remedy: str) -> BaseDataset:
    """Build a dataset of mmpretrain; unreadable images raise.

    Args:
        cfg: Its config.
        part: Name of dataset and split, for messages.
        remedy: What to do when its files are missing.

    Raises:
        UserError: The dataset cannot be built.
    """
    try:
        dataset = DATASETS.build(dict(cfg, _scope_='mmpretrain'))
    except Exception as error:  # whatever reads a dataset's own formats
        raise UserError(f'{part} cannot be read: {type(error).__name__}: '
                        f'{error}; {remedy}') from error
    # Not an argument: some of the classes set it by themselves.
    dataset.test_mode = True
    keep_below_roots(dataset)
    dataset.pipeline = NamedCompose([dataset.pipeline], part)
    return dataset


def check_classes(dataset: BaseDataset, num_classes: int | None,
                  part: str) -> None:
    """Compare a dataset's classes with their number in the config.

    Args:
        dataset: A dataset of mmpretrain.
        num_classes: None where the dataset alone knows.
        part: Name of dataset and split, for messages.

    Raises:
        UserError: The number differs, or a label is out of range.
    """
    classes = dataset.CLASSES
    if classes is not None and num_classes not in (None, len(classes)):
        raise UserError(f'{part} has {len(classes)} classes, its config says '
                        f'num_classes={num_classes}; check both')
    number = num_classes or len(classes or ())
    highest = int(dataset.get_gt_labels().max())
    if number and highest >= number:
        raise UserError(f'{part} has the label {highest}, but the labels of '
                        f'{number} classes end at {number - 1}; check its '
                        'files and num_classes')


def check_same_folders(dataset: BaseDataset, train: Mapping,
                       part: str) -> None:
    """Refuse class folders that are not those of the training split.

    A label is a folder's position, so another folder would shift the labels.

    Args:
        dataset: A dataset of mmpretrain.
        train: Config of the training split.
        part: Name of dataset and split, for messages.

    Raises:
        UserError: The folders differ.
    """
    if 'classes' in type(dataset).METAINFO or dataset.CLASSES is None:
        return  # the classes do not come from folders
    expected = DATASETS.build(dict(train, _scope_='mmpretrain')).CLASSES
    differing = sorted(set(dataset.CLASSES) ^ set(expected))
    if differing:
        raise UserError(f"{part}: the class folders {differing} are not in "
                        "both it and 'train'; add what is missing, an empty "
                        'folder will do, or remove what is too much')
