"""SIGTERM is noted once; asked again later, a process ends."""
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from xlearner_mm import sigterm

SCRIPT = """
import importlib.util, os, signal, sys
spec = importlib.util.spec_from_file_location('sigterm', sys.argv[1])
sigterm = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sigterm)
sigterm.listen(patience=float(sys.argv[2]))
assert not sigterm.asked()
os.kill(os.getpid(), signal.SIGTERM)
assert sigterm.asked()
os.kill(os.getpid(), signal.SIGTERM)
sigterm.ignore()
print('alive', flush=True)
os.kill(os.getpid(), signal.SIGTERM)
print('immortal')
"""


def test_outside_the_main_thread_nothing_changes():
    before = signal.getsignal(signal.SIGTERM)
    thread = Thread(target=lambda: (sigterm.listen(), sigterm.ignore()))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize('patience, out', [(0, ''), (100, 'alive\n')])
def test_a_second_one_ends_the_process_after_some_patience(patience, out):
    file = Path(__file__).parents[1] / 'xlearner_mm/sigterm.py'
    done = subprocess.run([sys.executable, '-c', SCRIPT, file,
                           str(patience)],
                          capture_output=True,
                          text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, out)
