"""Each dataset's classes against its head's, and against its file's."""
import os
from collections.abc import Iterator, Sequence

from torch.utils.data import Dataset

from ..datasets.source_checks import check_class_count
from ..errors import UserError
from ..models.algorithms.head_model import num_classes
from .annotation_files import categories_of
from .case import Case
from .finding import ERROR, OK, WARNING, Finding, from_error
from .parts import Part

#: Of mmdet: they look for each class by its name among the categories.
_BY_NAME = ('CocoDataset', 'Objects365V1Dataset')
#: Stock models whose boxes have other classes than their datasets: one for
#: all objects, or those of things without those of stuff.
_OTHER_CLASSES = ('RPN', 'TwoStagePanopticSegmentor')


def check_label_spaces(case: Case) -> Iterator[Finding]:
    """Compare what is known of the classes without reading annotations.

    That is: `metainfo`, a file of class names, class folders, or the
    categories of a COCO JSON file. Labels themselves are compared by the
    training loop, and sample by sample.
    """
    orders: dict[str, list[str]] = {}
    alike, unknown = [], []
    for part in case.parts:
        head = case.head_of(part) if part.is_built else None
        outputs = num_classes(head) if head is not None else None
        if outputs is None or part.missing_paths():
            continue
        names = [c.get('name') for c in _categories(part.built) or ()]
        try:
            classes = _classes(part.built) or names
        except UserError as error:
            yield from_error(part.where, error)
            continue
        if not classes:
            unknown.append(part.where)
        elif len(classes) == outputs:
            alike.append(part.where)
        elif part.source or not _has_other_classes(head):
            yield _sizes(part, len(classes), outputs)
        if names and _reader(part.built) in _BY_NAME:
            yield from _against_file(part, classes, names)
            yield from _order(part, classes, names, orders)
    if alike:
        yield Finding(OK, 'classes', f'{len(alike)} datasets have as many as '
                      'their heads')
    if unknown:
        yield Finding(
            OK, 'classes', 'not known before annotations are read, '
            f'so not checked: {"; ".join(unknown)}')


def _has_other_classes(model: object) -> bool:
    return any(cls.__name__ in _OTHER_CLASSES for cls in type(model).__mro__)


def _classes(dataset: Dataset) -> Sequence[str]:
    """Return the names of a dataset's classes; none where not known."""
    names = dataset.metainfo.get('classes')
    if names:
        return names
    if hasattr(dataset, 'read_classes'):  # lists of ours
        return dataset.read_classes()
    folder = getattr(dataset, 'img_prefix', None)
    if (getattr(dataset, 'with_label', False) and not dataset.ann_file
            and folder and os.path.isdir(folder)):
        from mmpretrain.datasets.custom import find_folders
        return find_folders(folder)[0]
    return ()


def _categories(dataset: Dataset) -> list[dict] | None:
    file = getattr(dataset, 'ann_file', None) or ''
    if not (file.endswith('.json') and os.path.isfile(file)):
        return None
    return categories_of(file)


def _reader(dataset: Dataset) -> str:
    """Name the class whose way to read annotations a dataset has."""
    return type(dataset).load_data_list.__qualname__.split('.')[0]


def _sizes(part: Part, labels: int, outputs: int) -> Finding:
    """Tell of numbers of classes that differ.

    Our loop refuses too many; a stock model's head may count other things.
    """
    try:
        check_class_count(part.where, labels, outputs)
    except UserError as error:
        return from_error(
            part.where, error, level=ERROR if part.source else WARNING)
    return Finding(
        WARNING, part.where, f'its dataset has {labels} classes, its head '
        f'{outputs}, some of which nothing would train',
        'set num_classes in its model, or metainfo.classes in its dataset')


def _against_file(part: Part, classes: Sequence[str],
                  names: Sequence[str]) -> Iterator[Finding]:
    """Find classes that the file lacks: upstream reads nothing for them."""
    lacking = [c for c in classes if c not in names]
    if lacking:
        yield Finding(
            WARNING if len(lacking) < len(classes) else ERROR, part.where,
            f'{len(lacking)} of its {len(classes)} classes, e.g. '
            f'{lacking[0]!r}, are no categories of {part.built.ann_file}, '
            f'which has {len(names)}, e.g. {names[0]!r}: there would be no '
            'box of them', 'set metainfo=dict(classes=(...)) in its dataset '
            'to the names in the file')


def _order(part: Part, classes: Sequence[str], names: Sequence[str],
           orders: dict[str, list[str]]) -> Iterator[Finding]:
    """Compare training with validation: labels follow the file's order."""
    if _reader(part.built) != 'CocoDataset':
        return  # Objects365 sorts
    labels = [name for name in names if name in set(classes)]
    first = orders.setdefault(part.source or 'dataset', labels)
    if labels != first and set(labels) == set(first):
        i = next(i for i, (a, b) in enumerate(zip(first, labels)) if a != b)
        yield Finding(
            WARNING, part.where, f'its file lists the categories in another '
            f"order than training's: label {i} is {labels[i]!r} here and "
            f'{first[i]!r} there', 'sort the categories of both files alike')
