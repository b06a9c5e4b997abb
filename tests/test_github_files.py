"""What GitHub reads: it runs `.ci/run`, and asks for what a bug needs."""
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / '.github'


def test_the_workflow_checks_by_the_script_alone():
    job, = yaml.safe_load(
        (GITHUB / 'workflows/ci.yml').read_text())['jobs'].values()
    commands = [step['run'] for step in job['steps'] if 'run' in step]
    assert commands[-1] == 'bash .ci/run'
    assert all(c == 'bash .ci/run' or c.startswith('sudo rm ')
               for c in commands)
    assert (ROOT / '.ci/run').stat().st_mode & 0o111


def test_a_bug_report_asks_for_the_output_and_the_doctors_page():
    form = yaml.safe_load((GITHUB / 'ISSUE_TEMPLATE/bug.yml').read_text())
    required = {
        field['id']: field['attributes'].get('description', '')
        for field in form['body']
        if field.get('validations', {}).get('required')
    }
    assert 'tools/doctor.py' in required['doctor']
    assert 'versions' in required['command']
