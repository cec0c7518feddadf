"""For long-running processes, once everything is loaded."""

import gc


def freeze() -> None:
    """What is loaded stays: the collector need not walk it, nor come every 700 objects.

    CPython's default suits a script. A turn makes some ten thousand objects, nearly all of them
    freed by their counts, and each full collection walked the model, the law and every module.
    """
    gc.unfreeze()  # what a model that was changed for another has left
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
