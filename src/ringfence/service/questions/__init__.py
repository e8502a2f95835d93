"""Questions of reviewers that need the ledger or the logs, answered beside the service.

The judge has the ledger open. So a question is answered by a process of its own, on a copy.
"""

from ringfence.service.questions.question import Question, QuestionKind
from ringfence.service.questions.question_desk import QuestionDesk, RefusedQuestionError

__all__ = ["Question", "QuestionDesk", "QuestionKind", "RefusedQuestionError"]
