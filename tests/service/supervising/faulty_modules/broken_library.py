"""A module whose shared library was built for another system."""

raise OSError("libother.so.3: cannot open shared object file")
