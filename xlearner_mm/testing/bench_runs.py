"""Run benchmarks, each in a process of its own, and read what they print."""
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from ..errors import UserError

#: Pinned for all: two threads, which sleep while they wait.
ENVIRONMENT = dict(OMP_NUM_THREADS='2', OMP_WAIT_POLICY='PASSIVE')


def find_benchmarks(folder: Path, names: Sequence[str]) -> list[Path]:
    """List the scripts of a folder, or those of some names.

    Args:
        folder: Every `*.py` in it is a benchmark.
        names: Without `.py`; all where empty.

    Raises:
        UserError: There is no such benchmark.
    """
    found = {file.stem: file for file in sorted(folder.glob('*.py'))}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise UserError(f'no benchmarks {unknown} in {folder}; choose from '
                        f'{list(found)}')
    return [found[name] for name in names or found]


def run_benchmark(script: Path, options: Sequence[str], root: Path) -> dict:
    """Run one benchmark; print what it prints, but its line of JSON.

    Args:
        script: Ends with one line of JSON under `--json`, see
            :func:`.bench_report.rows_of`.
        options: Further ones of the script.
        root: The working directory.

    Returns:
        'command', 'seconds', 'load' (the machine's average of the last
        minute, before it began), and 'report', what the line holds, or
        'error'.
    """
    arguments = [str(script.relative_to(root)), '--json', *options]
    variables = ' '.join(f'{k}={v}' for k, v in ENVIRONMENT.items())
    result = dict(
        name=script.stem,
        command=f'{variables} python {" ".join(arguments)}',
        load=os.getloadavg()[0])
    start = perf_counter()
    code, last = _stream([sys.executable, '-u', *arguments], root)
    result['seconds'] = perf_counter() - start
    if code:
        return dict(result, error=f'exit code {code}')
    try:
        return dict(result, report=_checked(json.loads(last)))
    except ValueError as error:
        print(last, flush=True)
        return dict(result, error=f'no line of JSON at the end: {error}')


def describe_machine() -> dict[str, object]:
    """Name the processor and count the cores that may be used."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path('/proc/cpuinfo')
    if cpuinfo.exists():
        names = [
            line.partition(':')[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith('model name')
        ]
        model = next(iter(names), model)
    return dict(processor=model, cores=len(os.sched_getaffinity(0)))


def _stream(command: Sequence[str], root: Path) -> tuple[int, str]:
    """Run a command, print all but its last line; return code and line."""
    last = None
    with subprocess.Popen(
            command,
            cwd=root,
            env={
                **os.environ,
                **ENVIRONMENT
            },
            stdout=subprocess.PIPE,
            text=True) as process:
        for line in process.stdout:
            if last is not None:
                print(last, flush=True)
            last = line.rstrip('\n')
    return process.returncode, last or ''


def _checked(report: object) -> dict:
    if not isinstance(report, dict) or not {'name', 'ratio'} <= set(report):
        raise ValueError(f'{str(report)[:80]} has no name and ratio')
    return report
