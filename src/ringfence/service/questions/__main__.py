"""The program that answers one question; only the pages start it."""

import os

if __name__ == "__main__":
    os.umask(0o077)
    from ringfence.service.questions.answering import answer_question

    answer_question()
