"""The report on all systems: tables, the paper's claims, a figure."""
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import UserError
from ..transfer.report import describe_environment
from .claims import CLAIMS
from .comparing import LEVEL
from .figure import REFERENCE, draw
from .judging import judge
from .markdown import markdown
from .table import SYSTEMS

#: What tables, figure and claims read of a row.
_NEEDED = {
    'system', 'seed', 'transfer', 'source_metrics', 'params', 'images_seen',
    'seconds'
}
_NOTE = f"""Metrics are percent, as mean ± standard deviation over the seeds
(how many), then the gain over {SYSTEMS[REFERENCE].title}, seed by seed.
"Images seen" are those of the network and of what it was made from, plus those
of networks that only taught it. Metrics of the sources are measured before a
squeeze: on the expanded network where there is one.

A claim is judged by differences of two systems with the same seed: their mean,
and in brackets its {LEVEL:.0%} interval (Student's t) over the seeds, in
points. A metric "agrees" if the whole interval lies where the claim says,
"disagrees" if all of it lies outside, and else "cannot tell", as one seed
always does. Only metrics count for which the paper has numbers; of a claim all
must agree, and one that disagrees decides. Nothing is corrected for the number
of claims: where two systems do not differ, one interval in ten lies on one
side of zero all the same. The seeds vary the training, not the generated data.

X-Learner_r and X-Learner_p transfer the features of all tasks side by side,
which are wider than a plain ResNet's, and of X-Learner_p only the weights that
are not zero count as parameters. An image of SimCLR's passes as two views, in
batches of 160. Minutes are those of the pre-training, shared runs in each.

An added source takes its share of the images from the others, as the total
stays. The paper's numbers are of other data and metrics: compare signs, not
sizes."""


def read_rows(root: Path) -> list[dict]:
    """Read `root/seed-*/rows/*.json`, one row a file.

    Args:
        root: The folder that holds a folder for each seed.

    Returns:
        The rows, see :func:`write_report`, in the order of `SYSTEMS`,
        then of their seeds.

    Raises:
        UserError: A file is no row, names an unknown system, repeats system
            and seed of another, or is of other lengths or data.
    """
    found: dict[tuple[str, int], Path] = {}
    rows = []
    for file in sorted(root.glob('seed-*/rows/*.json')):
        row = _read(file)
        key = row['system'], row['seed']
        if key in found:
            raise UserError(f'{file} has the system and seed of {found[key]}; '
                            'delete one of them')
        found[key] = file
        rows.append(row)
        for what in ('scale', 'length', 'num_images'):
            if row.get(what) != rows[0].get(what):
                raise UserError(
                    f'{file} was made with {what}={row.get(what)}, others '
                    f'with {rows[0].get(what)}; take another --work-dir, or '
                    'delete the rows')
    order = list(SYSTEMS)
    return sorted(rows, key=lambda r: (order.index(r['system']), r['seed']))


def _read(file: Path) -> dict:
    """Read one row."""
    try:
        row = json.loads(file.read_text())
        missing = sorted(_NEEDED - set(row))
    except (OSError, TypeError, ValueError) as error:
        raise UserError(f'{file} holds no row: {error}; delete it and run its '
                        'system again') from error
    if missing:
        raise UserError(f'{file} holds no row: it has no {missing}; delete it '
                        'and run its system again')
    if row['system'] not in SYSTEMS:
        raise UserError(f'{file}: no system {row["system"]!r}; there are '
                        f'{list(SYSTEMS)}')
    return row


def write_report(rows: Sequence[Mapping], root: Path) -> str:
    """Write report.json, report.md and systems.png.

    Args:
        rows: One of each system and seed: 'system' (a key of `SYSTEMS`),
            'seed', 'transfer' and 'source_metrics' (names to percent),
            'params', 'images_seen', 'teacher_images' (optional) and
            'seconds'.
        root: The folder to write to.

    Returns:
        The tables, as Markdown.
    """
    claims = [judge(claim, rows) for claim in CLAIMS]
    report = dict(rows=list(rows), claims=claims, env=describe_environment())
    (root / 'report.json').write_text(json.dumps(report, indent=2))
    draw(rows).savefig(root / 'systems.png', dpi=110)
    tables = markdown(rows, claims)
    (root / 'report.md').write_text(
        f'# All systems, on the demo\'s scenes\n\n{tables}\n\n'
        f'![every seed](systems.png)\n\n## How to read this\n\n{_NOTE}\n')
    return tables
