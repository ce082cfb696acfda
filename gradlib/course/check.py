"""Exercises check themselves."""

from gradlib.course.exercises import EXERCISES


def answer(name, attempt):
    """Print, in one sentence, the verdict on an attempt at the exercise `name`, such as "02.1".

    The attempt is `...` (not answered yet), or what the exercise asks for. It is judged by its
    values at fresh random points, never by its text. Raises ValueError for an unknown name.
    """
    if name not in EXERCISES:
        raise ValueError(f"unknown exercise {name!r}; expected one of {', '.join(EXERCISES)}")
    print(f"{name}: {EXERCISES[name](attempt)}")
