"""The catalog: documents, their texts and the places of their passages, in one SQLite file."""

from qa.catalog.reading import Catalog as Catalog
from qa.catalog.reading import Entry as Entry
from qa.catalog.reading import Outline as Outline
from qa.catalog.reading import StoredPassage as StoredPassage
from qa.catalog.writing import CatalogWriter as CatalogWriter
from qa.catalog.writing import Run as Run
from qa.catalog.writing import passage_bytes as passage_bytes
