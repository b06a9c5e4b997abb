"""What this process and those it started use, as Linux tells it."""
from multiprocessing import active_children
from pathlib import Path
from time import process_time


def cpu_seconds() -> float:
    """Return the processor time of this process and its running children."""
    tasks = (
        file for child in active_children()
        for file in Path(f'/proc/{child.pid}/task').glob('*/schedstat'))
    return process_time() + sum(
        int(file.read_text().split()[0]) for file in tasks) * 1e-9


def private_bytes(pid: int) -> int:
    """Return what a process has in memory for itself alone.

    Pages that it shares with the process that forked it do not count, until
    one of the two writes to them.
    """
    lines = Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()
    return sum(
        int(line.split()[1]) * 1024 for line in lines
        if line.startswith(('Private_Clean', 'Private_Dirty')))
