"""What the text log of one attempt at a run says."""
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

_ENTRY = re.compile(r'(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) - \S+ - ([A-Z]+) - '
                    r'(.*)')
_SETTING = re.compile(r' {4}(\S[^:]*): (.*)')
#: Says nothing about the run: MMEngine about itself.
_NOISE = re.compile(r'"?(FileClient|HardDiskBackend)')


@dataclass
class TextLog:
    """One attempt.

    Args:
        start: Time of its first line; None where there is none.
        end: Time of its last line.
        resumed_at: Iterations that were done when it started; None where it
            says nothing of the kind, e.g. `log_level='WARNING'`.
        iters_saved: Iterations done when it last said that it saved them.
        epochs_saved: Epochs likewise, of a run that counts these.
        environment: What MMEngine found, e.g. `{'PyTorch': '2.10.0'}`.
        setting: Versions of packages, and cores; logged by our loops.
        images: Training images of each source; logged by our loops.
        warnings: `(level, message)` of each warning and error, in order.
        is_test: Whether it tested, which is no attempt at training.
    """

    start: datetime | None = None
    end: datetime | None = None
    resumed_at: int | None = None
    iters_saved: int = 0
    epochs_saved: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    setting: dict[str, str] = field(default_factory=dict)
    images: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    is_test: bool = False

    @property
    def seconds(self) -> float:
        """Seconds between its first and its last line."""
        if self.start is None or self.end is None:
            return 0.0
        return (self.end - self.start).total_seconds()

    def note(self, time: str, level: str, message: str) -> None:
        """Take in one entry of the log."""
        self.end = datetime.strptime(time, '%Y/%m/%d %H:%M:%S')
        self.start = self.start or self.end
        if found := re.match(r'SIGTERM: ended after iteration (\d+)', message):
            self.iters_saved = int(found[1])
        if level in ('WARNING', 'ERROR', 'CRITICAL'):
            if not _NOISE.match(message):
                self.warnings.append((level.lower(), message))
            return
        self.resumed_at = self.resumed_at or 0
        if found := re.match(r'resumed epoch: \d+, iter: (\d+)', message):
            self.resumed_at = int(found[1])
        elif found := re.match(r'Saving checkpoint at (\d+) (\w+)', message):
            name = ('epochs_saved'
                    if found[2].startswith('epoch') else 'iters_saved')
            setattr(self, name, int(found[1]))
        elif found := re.match('ran with: (.*)', message):
            self.setting = dict(_pairs(found[1]))
        elif found := re.match('training images: (.*)', message):
            self.images = {k: int(v) for k, v in _pairs(found[1])}
        elif message.startswith(('Iter(test)', 'Epoch(test)')):
            self.is_test = True


def read_text_log(folder: Path) -> TextLog | None:
    """Read the log of an attempt, that of the first process.

    Args:
        folder: The attempt's, e.g. `WORK_DIR/20260131_123456`.

    Returns:
        What it says; None where there is no log.
    """
    file = folder / f'{folder.name}.log'
    if not file.is_file():
        return None
    log, in_environment = TextLog(), False
    with file.open(errors='replace') as lines:
        for line in lines:
            if found := _ENTRY.match(line):
                in_environment = False
                log.note(*found.groups())
            elif line.startswith(
                ('System environment:', 'Runtime environment:')):
                in_environment = True
            elif in_environment and (found := _SETTING.match(line)):
                log.environment[found[1]] = found[2].strip()
    return log


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Split 'a 1, b 2'."""
    for part in text.split(', '):
        name, _, value = part.rpartition(' ')
        yield name, value
