"""Put other retrievers beside ours on the same documents, questions and machine."""
