"""Measure how much memory a call takes."""
import gc
import json
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.autograd.profiler import profile

from .benchmarking import synchronize


def memory_use(call: Callable[[], object],
               device: torch.device) -> tuple[int, int]:
    """Measure what a call adds to the memory in use before it.

    On a GPU this asks the caching allocator. On the CPU it sums up the
    allocations and releases that torch's profiler records, which are those
    of tensors; scratch space that a library takes by itself is not seen.

    Args:
        call: What it returns is kept until the end.
        device: Where it computes.

    Returns:
        Bytes at the peak, and bytes still in use after the call, both above
        those before it.
    """
    gc.collect()
    if device.type != 'cuda':
        return _cpu_memory(call)
    synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    kept = call()
    synchronize(device)
    after = torch.cuda.memory_allocated(device)
    del kept
    return torch.cuda.max_memory_allocated(device) - before, after - before


def _cpu_memory(call: Callable[[], object]) -> tuple[int, int]:
    with TemporaryDirectory() as folder:
        trace = Path(folder) / 'trace.json'
        with profile(profile_memory=True) as profiler:
            kept = call()
        profiler.export_chrome_trace(str(trace))
        del kept
        events = json.loads(trace.read_text())['traceEvents']
    changes = [(e['ts'], e['args']['Ev Idx'], e['args']['Bytes'])
               for e in events if e['name'] == '[memory]']
    levels = list(accumulate(size for *_, size in sorted(changes)))
    return max(levels, default=0), levels[-1] if levels else 0
