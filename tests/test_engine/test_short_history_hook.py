"""What is logged is the same; what is kept of it is bounded."""
from copy import deepcopy

from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import train


def histories(written_sources, work_dir, hooks) -> dict:
    cfg = tiny.run_config(
        deepcopy(written_sources[:1]),
        work_dir,
        max_iters=6,
        custom_hooks=hooks)
    runner, _ = train(cfg)
    return {
        name: history.data[0].tolist()
        for name, history in runner.message_hub.log_scalars.items()
        if 'time' not in name
    }


def test_the_last_values_are_kept_and_no_others(written_sources, tmp_path):
    kept = histories(written_sources, tmp_path / 'short',
                     [dict(type='ShortHistoryHook', max_length=3)])
    whole = histories(written_sources, tmp_path / 'whole', [])
    assert {len(values) for values in whole.values()} == {6}
    assert kept == {name: values[-3:] for name, values in whole.items()}
