"""Logs as MMEngine writes them, without a training."""
import json
from pathlib import Path


def write_attempt(work_dir: Path,
                  stamp: str,
                  entries: list[dict],
                  *log: str,
                  config: str = '') -> None:
    """Write the logs of one attempt as MMEngine does.

    Args:
        work_dir: The run's folder.
        stamp: The attempt's name, e.g. '20260101_000001'.
        entries: Of scalars.json.
        *log: INFO messages of the text log.
        config: Its text.
    """
    folder = work_dir / stamp / 'vis_data'
    folder.mkdir(parents=True)
    (folder / 'scalars.json').write_text(''.join(f'{json.dumps(entry)}\n'
                                                 for entry in entries))
    (folder / 'config.py').write_text(config)
    (folder.parent / f'{stamp}.log').write_text(''.join(
        f'2026/01/01 00:00:{n:02} - mmengine - INFO - {message}\n'
        for n, message in enumerate(('start', *log))))
