"""A module of a library in Rust that panics; its exceptions are not of the class Exception."""


class PanicException(BaseException):
    """The exception that PyO3 raises."""


raise PanicException("assertion failed")
