"""Sentence vectors: searched exactly where there are few, through an index of cells where there are many."""

from qa.vectors.index import VectorIndex as VectorIndex
from qa.vectors.quantised import Floats as Floats
from qa.vectors.writing import EXACT_ROWS as EXACT_ROWS
from qa.vectors.writing import VectorWriter as VectorWriter
from qa.vectors.writing import write_vectors as write_vectors
