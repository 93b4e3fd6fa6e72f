"""Average readers weight by weight: python -m qa.training.averaging OUT READER READER ...

Rounds that began from one another lie close enough for the mean of their weights to be a reader too,
and one that carries over to other documents better than the latest alone (Wortsman and others 2022,
doi:10.48550/arXiv.2203.05482, section 3).
"""

import argparse
from pathlib import Path

import torch

from qa.models import packaged_model
from qa.training.network import Network, export_reader
from qa.training.rounds import weights_of


def averaged(folders: list[Path]) -> Network:
    """Return a network of the means of readers' weights, each decoded from its int8 graph."""
    readers = [weights_of(folder) for folder in folders]
    network = Network(packaged_model())
    network.load_state_dict({name: torch.stack([reader[name].float() for reader in readers]).mean(0) for name in readers[0]})
    return network


def main() -> None:
    """Average, and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("readers", type=Path, nargs="+")
    arguments = parser.parse_args()
    export_reader(averaged(arguments.readers).eval(), arguments.out)


if __name__ == "__main__":
    main()
