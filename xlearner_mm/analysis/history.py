"""What hooks measured in a run, from its logs."""
import json
from collections.abc import Iterator
from pathlib import Path

#: Names in the log begin with one of these; they are neither losses nor
#: metrics, and have rows of their own.
GAMMA_NORM, GRADIENT_COSINE = 'gamma_norm/', 'gradient_cosine/'
MEASURED = (GAMMA_NORM, GRADIENT_COSINE)

#: `{iterations done: {name: value}}`
History = dict[int, dict[str, float]]


def read_rows(file: Path) -> Iterator[dict]:
    """Yield the rows of a log, if it is there; the last may be half written.

    Args:
        file: A `scalars.json` of MMEngine's, one JSON object a line.
    """
    for line in file.read_text().splitlines() if file.is_file() else ():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def read_history(work_dir: Path, prefix: str) -> History:
    """Read what a run measured, in all its attempts.

    An attempt that resumed repeats what was measured after its checkpoint;
    the last one counts.

    Args:
        work_dir: Folder of the run.
        prefix: What the names begin with; it is cut off.

    Returns:
        The values by iterations done, ascending; empty where there are none.
    """
    history: History = {}
    for file in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        for row in read_rows(file):
            found = {
                key.removeprefix(prefix): value
                for key, value in row.items() if key.startswith(prefix)
            }
            if found:
                history[row['step']] = found
    return dict(sorted(history.items()))
