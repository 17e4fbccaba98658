"""Writes the fixtures of this folder: what PyTorch, transformers, PEFT and tokenizers compute for the same inputs.

    python make.py            all of them
    python make.py lora ...   only these: logits, texts, lora, answers, training
"""

import sys

from transformers.utils import logging

import answers
import logits
import lora
import texts
import training
from common import make_reproducible

PARTS = {"logits": logits.make, "texts": texts.make, "lora": lora.make, "answers": answers.make, "training": training.make}


def main() -> None:
    names = sys.argv[1:] or list(PARTS)
    if unknown := set(names) - set(PARTS):
        sys.exit(f"unknown: {', '.join(sorted(unknown))}\n\n{__doc__}")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    make_reproducible()
    for name in names:
        PARTS[name]()


if __name__ == "__main__":
    main()
