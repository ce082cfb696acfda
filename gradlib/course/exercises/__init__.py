"""The judges of all exercises, by name: "02.1" is the first exercise of chapter 02."""

from gradlib.course.exercises import (
    chapter_00,
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
    chapter_08,
    chapter_09,
    chapter_10,
    chapter_11,
    chapter_12,
    chapter_13,
)

EXERCISES = (
    chapter_00.EXERCISES
    | chapter_01.EXERCISES
    | chapter_02.EXERCISES
    | chapter_03.EXERCISES
    | chapter_04.EXERCISES
    | chapter_05.EXERCISES
    | chapter_06.EXERCISES
    | chapter_07.EXERCISES
    | chapter_08.EXERCISES
    | chapter_09.EXERCISES
    | chapter_10.EXERCISES
    | chapter_11.EXERCISES
    | chapter_12.EXERCISES
    | chapter_13.EXERCISES
)
