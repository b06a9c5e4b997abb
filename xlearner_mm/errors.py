"""The one exception type for mistakes a user can mend."""


class UserError(ValueError):
    """A mistake in a config, a dataset or a checkpoint.

    The message names what was given, where, and the remedy; the command line
    tools print it alone, without a traceback.
    """
