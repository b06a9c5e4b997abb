"""Labels of a scene: boxes and index masks."""
import cv2
import numpy as np

from .scenes import Scene
from .sets import DemoSet
from .textures import GROUNDS

#: Value of pixels without a label in index masks.
IGNORE = 255


def coco_annotations(scene: Scene, demo_set: DemoSet) -> list[dict]:
    """Tight boxes around the visible pixels of each object.

    Args:
        scene (Scene): The scene.
        demo_set (DemoSet): The set whose classes are the categories.

    Returns:
        list[dict]: COCO annotations without ``id`` and ``image_id``.
        ``bbox`` is [x, y, width, height] in whole pixels, ``area`` the number
        of visible pixels, category ids start at 1.
    """
    annotations = []
    for number, item in enumerate(scene.objects, start=1):
        visible = (scene.ids == number).astype(np.uint8)
        category = demo_set.classes.index(demo_set.class_of(*item.pair)) + 1
        annotations.append(
            dict(
                category_id=category,
                bbox=[int(value) for value in cv2.boundingRect(visible)],
                area=int(visible.sum()),
                iscrowd=0))
    return annotations


def label_map(scene: Scene, demo_set: DemoSet) -> np.ndarray:
    """Index mask; pixels that touch another class are ``IGNORE``.

    Args:
        scene (Scene): The scene; every pixel is ``IGNORE`` if it is not
            ``labelled``.
        demo_set (DemoSet): A set of task ``'seg'``.

    Returns:
        np.ndarray: Indices into ``demo_set.classes`` or ``IGNORE``, uint8,
        shape (H, W).
    """
    if not scene.labelled:
        return np.full_like(scene.ids, IGNORE)
    index = demo_set.classes.index
    of_ground = [index(demo_set.ground_of(kind)) for kind in GROUNDS]
    of_object = [0] + [
        index(demo_set.class_of(*o.pair)) for o in scene.objects
    ]
    labels = np.where(scene.ids == 0,
                      np.array(of_ground, np.uint8)[scene.grounds],
                      np.array(of_object, np.uint8)[scene.ids])
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    edges = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, cross)
    labels[edges > 0] = IGNORE
    return labels
