"""What can go wrong, as a tree.

::

    MarrowscopeError            every error a reader may meet; its text is one sentence for that reader
    ├── StudyError              a study folder cannot be used: study.toml is wrong, a variable is missing
    │   └── FileError           one file of the folder cannot be read
    └── RequestError            what was asked for does not exist or does not fit
        ├── ConditionError      a where-clause cannot be read, or names what the data lack
        └── OptionError         an output, an option or its value is not known
"""


class MarrowscopeError(Exception):
    """Base of all errors that a reader's input can cause."""


class StudyError(MarrowscopeError):
    """A study folder cannot become a snapshot."""


class FileError(StudyError):
    """One file of a study folder cannot be read."""


class RequestError(MarrowscopeError):
    """A question cannot be answered as it was asked."""


class ConditionError(RequestError):
    """A where-clause cannot be read, or names a variable or value the data do not have."""


class OptionError(RequestError):
    """An output, an option or an option's value is not known."""
