"""Pictures: what is written in them, and beside them."""
import json

import numpy as np
import pytest

from xlearner_mm.errors import UserError
from xlearner_mm.visualization import (draw_cka, draw_gamma_norms,
                                       draw_gradient_conflict, to_image,
                                       write_picture)

TASKS = dict(animals='cls', things='det')


def conflict():
    """Draw two sources, one of which has no gradient."""
    return draw_gradient_conflict(
        list(TASKS), np.array([[0.31, np.nan], [np.nan, -0.27]]), TASKS,
        'Gradients')


def test_names_and_numbers_are_text_of_the_svg(tmp_path):
    write_picture(conflict(), {}, tmp_path / 'a.svg')
    text = (tmp_path / 'a.svg').read_text()
    for word in ('animals (cls)', 'things (det)', '0.31', '-0.27', '–',
                 'cosine of gradients'):
        assert f'>{word}' in text, word


def test_gammas_are_named_by_layers_and_missing_iterations_stay_empty(
        tmp_path):
    history = {50: dict(cls_0_to_det_1=0.5), 1100: dict(cls_0_to_seg_2=0.25)}
    write_picture(draw_gamma_norms(history), {}, tmp_path / 'a.svg')
    text = (tmp_path / 'a.svg').read_text()
    for word in ('cls layer1 → det layer2', 'cls layer1 → seg layer3', '50',
                 '1,100', '0.50', '0.25', '–', 'iterations done'):
        assert f'>{word}<' in text, word


def test_many_iterations_have_no_numbers_in_their_cells(tmp_path):
    history = {k: dict(cls_0_to_det_1=0.123) for k in range(40)}
    write_picture(draw_gamma_norms(history), {}, tmp_path / 'a.svg')
    assert '>0.12<' not in (tmp_path / 'a.svg').read_text()


def test_a_panel_for_each_stage(tmp_path):
    stages = {f'layer{i}': np.eye(2) for i in (1, 2, 4)}
    write_picture(draw_cka(['one', 'two'], stages), {}, tmp_path / 'a.svg')
    text = (tmp_path / 'a.svg').read_text()
    assert [f'>layer{i}<' in text for i in (1, 2, 3, 4)] == [1, 1, 0, 1]


def test_the_same_picture_is_the_same_file(tmp_path):
    for name in ('a', 'b'):
        write_picture(conflict(), {}, tmp_path / f'{name}.svg')
    assert (tmp_path / 'a.svg').read_bytes() == (tmp_path /
                                                 'b.svg').read_bytes()


def test_numbers_are_json_beside_the_picture(tmp_path):
    numbers = {7: [0.5, float('nan')]}
    write_picture(conflict(), numbers, tmp_path / 'new/a.png')
    assert (tmp_path / 'new/a.png').read_bytes().startswith(b'\x89PNG')
    assert json.loads((tmp_path / 'new/a.json').read_text()) == {
        '7': [0.5, None]
    }


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(UserError, match='.svg or .png'):
        write_picture(conflict(), {}, tmp_path / 'a.jpg')


def test_an_image_is_rgb():
    image = to_image(conflict())
    assert image.dtype == np.uint8 and image.shape[2] == 3
    assert (image[0, 0] == 255).all()  # white paper
    reddish = image[..., 0].astype(int) - image[..., 2] > 60
    assert reddish.any()  # negative cosines are orange
