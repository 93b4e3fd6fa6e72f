"""Question sets: what is asked, and where in the documents the answers stand."""

from qa.questions.files import read_questions as read_questions
from qa.questions.golds import StoredTexts as StoredTexts
from qa.questions.golds import question_set as question_set
from qa.questions.golds import resolve as resolve
from qa.questions.records import Gold as Gold
from qa.questions.records import Judged as Judged
from qa.questions.records import Question as Question
from qa.questions.records import QuestionSet as QuestionSet
