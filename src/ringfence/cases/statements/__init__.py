"""The statement of reasons: the text to the account holder about one decision.

It is modelled on Articles 17 and 20 of the EU Digital Services Act as a format. It names no other
account, and does not say how the detection works.
"""

from ringfence.cases.statements.writing import StatementOfReasons, statement

__all__ = ["StatementOfReasons", "statement"]
