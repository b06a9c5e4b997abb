"""The pictures in a report, as parts of its page."""
import base64
import re
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from .curves import PICTURES
from .facts import number
from .panels import STYLE, DrawPanel
from .series import Panel

#: The ink of inline pictures, replaced by the colour of the text around them.
_INK = '#010203'
_INK_STYLE = {
    key: _INK
    for key in ('text.color', 'axes.edgecolor', 'axes.labelcolor',
                'xtick.color', 'ytick.color', 'grid.color')
}
_INK_STYLE['grid.alpha'] = 0.12
#: What the pictures show that other tools leave in `WORK_DIR/analysis`.
_CAPTIONS = dict(
    reconciliation='How much each reconciliation layer adds',
    gradient_conflict='Cosine between the gradients of the sources',
    cka='Similarity of features (CKA)')
_SVG = '{http://www.w3.org/2000/svg}svg'


def inline_panels(panels: list[Panel], draw_one: DrawPanel,
                  join_iter: int | None, prefix: str) -> list[dict]:
    """Draw panels as SVG elements.

    Those with one point only are left out: the tables have it.

    Args:
        panels: What to draw.
        draw_one: How.
        join_iter: tau; None where there is none.
        prefix: Of all ids, see :func:`inline_svg`.

    Returns:
        `{'title', 'unit', 'svg', 'alt'}` of each; `alt` says in words what
        it shows.
    """
    drawn = []
    lines = [p for p in panels if any(len(c) > 1 for c in p.curves.values())]
    for n, panel in enumerate(lines):
        with rc_context({**STYLE, **_INK_STYLE}):
            figure = Figure(figsize=(3.6, 2.2), layout='constrained')
            axes = figure.subplots()
            draw_one(axes, panel, join_iter)
            unit = axes.get_ylabel()
            axes.set(ylabel='', xlabel='iteration')
            axes.set_title('', loc='left')
            figure.draw_without_rendering()  # its layout settles
            svg = inline_svg(figure, f'{prefix}{n}-')
        points = next(iter(panel.curves.values()))
        alt = (f'{panel.title}: {panel.unit} from '
               f'{number(points[0][1])} at iteration {points[0][0]:,} '
               f'to {number(points[-1][1])} at {points[-1][0]:,}')
        drawn.append(dict(title=panel.title, unit=unit, svg=svg, alt=alt))
    return drawn


def inline_svg(figure: Figure, prefix: str) -> Markup:
    """Return a figure as an SVG element for a page that has several.

    Args:
        figure: Drawn with the ink `_INK`; its background is left out.
        prefix: Of all its ids, which must differ within a page.
    """
    stream = StringIO()
    figure.savefig(stream, format='svg', transparent=True)
    text = stream.getvalue()
    text = text[text.index('<svg'):]
    text = re.sub(r'<metadata>.*?</metadata>', '', text, flags=re.S)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf'\g<1>{prefix}', text)
    text = text.replace(_INK, 'currentColor')
    return Markup(text.replace('<svg ', '<svg aria-hidden="true" ', 1))


def read_pictures(
        folder: Path) -> tuple[list[dict], list[tuple[str, int, str]]]:
    """Read the pictures that other tools left in a folder.

    Args:
        folder: `WORK_DIR/analysis`; need not exist.

    Returns:
        `{'title', 'name', 'uri'}` of each, and a warning, as
        :func:`.facts.warnings_of` has them, for each that cannot be shown.
    """
    shown, unreadable = [], []
    files = [*folder.glob('*.svg'), *folder.glob('*.png')]
    for file in sorted(f for f in files if f.stem not in PICTURES):
        data = file.read_bytes()
        if not _is_picture(file.suffix, data):
            unreadable.append(('warning', 1, f'{file} is no picture'))
            continue
        kind = dict(svg='svg+xml', png='png')[file.suffix[1:]]
        title = _CAPTIONS.get(file.stem, file.stem.replace('_', ' '))
        uri = f'data:image/{kind};base64,{base64.b64encode(data).decode()}'
        shown.append(dict(title=title, name=file.name, uri=uri))
    return shown, unreadable


def _is_picture(suffix: str, data: bytes) -> bool:
    if suffix == '.png':
        return data.startswith(b'\x89PNG') and b'IEND' in data[-12:]
    try:
        return ElementTree.fromstring(data).tag == _SVG
    except ElementTree.ParseError:
        return False
