"""The same few examples in every run: these tests never fail by chance."""
from hypothesis import HealthCheck, settings

settings.register_profile(
    'repeatable',
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    # Fixtures hold written sources, which no example changes.
    suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile('repeatable')
