"""Stages run once, and start anew when made from something else."""
import pytest

from xlearner_mm.transfer import Stage


def test_a_stage_made_from_something_else_starts_anew(tmp_path):
    runs = []

    def work(folder):
        runs.append(sorted(p.name for p in folder.iterdir()))
        return dict(score=1)

    for inputs in ('a', 'a', 'b'):
        Stage(tmp_path / 'stage', inputs).run(work)
    assert runs == [['digest'], ['digest']]


def test_what_was_put_aside_comes_back(tmp_path):
    for inputs, score in (('a', 1), ('b', 2)):
        Stage(tmp_path / 'stage', inputs).run(lambda _: dict(score=score))
    for inputs, score in (('a', 1), ('b', 2)):
        result = Stage(tmp_path / 'stage', inputs).run(None)
        assert result['score'] == score


def test_a_folder_of_others_is_not_lost(tmp_path):
    (tmp_path / 'stage').mkdir()
    (tmp_path / 'stage/mine').write_text('x')
    Stage(tmp_path / 'stage', 'a')
    assert [f.read_text() for f in tmp_path.glob('stage~*/mine')] == ['x']


def test_a_failing_stage_fails_and_its_time_counts(tmp_path):

    def fail(folder):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Stage(tmp_path / 'stage').run(fail)
    spent = float((tmp_path / 'stage/seconds').read_text())
    result = Stage(tmp_path / 'stage').run(lambda folder: {})
    assert result['seconds'] >= spent > 0
