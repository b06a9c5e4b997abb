"""What a config calls its sources, and its copies of them."""
from collections.abc import Iterator

from ..datasets.source_checks import forbid_memory
from ..sources import Source, check_copies, parse_sources
from .case import Case
from .finding import OK, Finding, from_error, refusals


def check_names(case: Case) -> Iterator[Finding]:
    """Check each source by itself, then all of them together."""
    for cfg, parsed in zip(case.source_cfgs, case.parsed):
        where = f"source '{cfg.get('name')}'"
        if isinstance(parsed, Source):
            yield from refusals(where, forbid_memory, parsed)
        else:
            yield from_error(where, parsed)
    if case.source_cfgs and len(case.sources) == len(case.parsed):
        yield from refusals('sources', parse_sources, case.sources)
    yield from refusals('sources', check_copies, case.cfg)
    if case.sources:
        listed = ', '.join(f'{s.name} ({s.task})' for s in case.sources)
        yield Finding(OK, 'sources', listed)
