"""What hooks measured in a run, from its logs."""
import json
from pathlib import Path

#: Names in the log begin with one of these; they are neither losses nor
#: metrics, and have rows of their own.
GAMMA_NORM, GRADIENT_COSINE = 'gamma_norm/', 'gradient_cosine/'
MEASURED = (GAMMA_NORM, GRADIENT_COSINE)

#: `{iterations done: {name: value}}`
History = dict[int, dict[str, float]]


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
        for line in file.read_text().splitlines():
            if f'"{prefix}' not in line:
                continue
            row = json.loads(line)
            history[row['step']] = {
                key.removeprefix(prefix): value
                for key, value in row.items() if key.startswith(prefix)
            }
    return dict(sorted(history.items()))
