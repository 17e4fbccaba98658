"""Ten steps of training all weights by PyTorch: AdamW for embedding and norms, and for the projections Muon or AdamW; and ten
steps of fine-tuning all weights by AdamW alone."""

import random

import torch
from torch.nn.functional import cross_entropy

from common import HERE, load_model, write_json, write_tensors

MODEL = HERE / "models" / "gqa-tied-llama3-f16"
TRAINING = HERE / "training"
STEPS, ROWS, CONTEXT = 10, 3, 24
RATES = {"adamw": 1e-3, "muon": 4e-3}
# Of the final weights these are compared, and the first 32 rows of the embedding.
KEPT = ["model.norm.weight", "model.layers.0.input_layernorm.weight", "model.layers.0.self_attn.k_proj.weight",
        "model.layers.1.mlp.down_proj.weight"]
# The decay is large, so that ten steps without it would be found out.
BETA_2, WEIGHT_DECAY, MAX_GRAD_NORM = 0.95, 0.5, 0.5
# What a test allows a final weight to differ, relative to the tensor's norm.
BAND = 1e-3


def orthogonal(gradient: torch.Tensor) -> torch.Tensor:
    """Five quintic Newton-Schulz iterations (Jordan 2024), in F32 where torch.optim.Muon takes BF16."""
    x = gradient / gradient.norm().clamp_min(1e-7)
    transposed = x.shape[0] > x.shape[1]
    x = x.T if transposed else x
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.775 * square + 2.0315 * square @ square) @ x
    return x.T if transposed else x


class Muon:
    """Nesterov momentum 0.95, decoupled decay, the rate scaled to AdamW's size of updates (arXiv 2502.16982)."""

    def __init__(self, parameters, rate: float, decay: float) -> None:
        self.parameters, self.rate, self.decay = list(parameters), rate, decay
        self.velocity = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self) -> None:
        for parameter, velocity in zip(self.parameters, self.velocity):
            velocity.mul_(0.95).add_(parameter.grad)
            update = orthogonal(parameter.grad + 0.95 * velocity)
            parameter.mul_(1 - self.rate * self.decay)
            parameter.sub_(self.rate * 0.2 * max(parameter.shape) ** 0.5 * update)


def documents(rng: random.Random, vocab: int) -> list[list[dict]]:
    """Rows of a batch: each holds documents that share it and do not see one another."""
    rows = []
    for _ in range(ROWS):
        row, free = [], CONTEXT
        while free >= 6:
            length = rng.randint(5, min(free, 14))
            ids = [rng.randrange(3, vocab) for _ in range(length)]
            # Words of a question repeat in its answer, so that there is something to learn.
            ids[length // 2:] = ids[: length - length // 2]
            row.append({"ids": ids, "answer": [place >= length // 2 for place in range(length)]})
            free -= length
        rows.append(row)
    return rows


def loss_of(model, rows: list[list[dict]]) -> torch.Tensor:
    """Each document by itself, without rows and masks: what packing must not change."""
    logits, targets = [], []
    for document in (document for row in rows for document in row):
        ids = torch.tensor([document["ids"]])
        learned = torch.tensor(document["answer"][1:])
        logits.append(model(ids).logits[0, :-1][learned])
        targets.append(ids[0, 1:][learned])
    return cross_entropy(torch.cat(logits), torch.cat(targets))


def train(muon: bool, decay: float) -> tuple[list[dict], dict[str, torch.Tensor]]:
    """The steps, and the weights that are compared."""
    rng = random.Random(5)
    model = load_model(MODEL).train()
    parameters = dict(model.named_parameters())
    projections = [p for name, p in parameters.items() if name.endswith("_proj.weight")]
    others = [p for name, p in parameters.items() if not name.endswith("_proj.weight")]

    def adamw(tensors, decay: float):
        return torch.optim.AdamW(tensors, lr=RATES["adamw"], betas=(0.9, BETA_2), eps=1e-8, weight_decay=decay)

    optimizers = [adamw(others, 0.0), Muon(projections, RATES["muon"], decay) if muon else adamw(projections, decay)]
    steps = []
    for _ in range(STEPS):
        rows = documents(rng, model.config.vocab_size)
        loss = loss_of(model, rows)
        model.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRAD_NORM)
        for optimizer in optimizers:
            optimizer.step()
        steps.append({"rows": rows, "loss": loss.item(), "grad_norm": norm.item()})
    kept = {name: parameters[name].detach() for name in KEPT}
    kept["model.embed_tokens.weight"] = parameters["model.embed_tokens.weight"].detach()[:32]
    return steps, kept


# Untied, so that the output layer is among what is tuned.
TUNED = HERE / "models" / "mha-untied-bf16"
KEPT_OF_TUNED = KEPT + ["lm_head.weight"]
# Narrower: AdamW divides by the size of gradients, so clipping shows only as far as it cuts some more than others.
BAND_OF_TUNED = 5e-4


def tune(decay: float, most: float) -> tuple[list[dict], dict[str, torch.Tensor]]:
    """Full-parameter fine-tuning: what no norm is decays, as in Hugging Face's Trainer."""
    rng = random.Random(6)
    model = load_model(TUNED).train()
    parameters = dict(model.named_parameters())
    norms = [p for name, p in parameters.items() if name.endswith("norm.weight")]
    others = [p for name, p in parameters.items() if not name.endswith("norm.weight")]
    groups = [{"params": others, "weight_decay": decay}, {"params": norms, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATES["adamw"], betas=(0.9, 0.999), eps=1e-8)
    steps = []
    for _ in range(STEPS):
        examples = [document for row in documents(rng, model.config.vocab_size) for document in row]
        loss = loss_of(model, [examples])
        model.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), most)
        optimizer.step()
        steps.append({"examples": examples, "loss": loss.item(), "grad_norm": norm.item()})
    kept = {name: parameters[name].detach() for name in KEPT_OF_TUNED}
    kept["model.embed_tokens.weight"] = parameters["model.embed_tokens.weight"].detach()[:32]
    return steps, kept


def make_tuned() -> None:
    steps, kept = tune(WEIGHT_DECAY, MAX_GRAD_NORM)
    for what, other in [("decay", tune(0.0, MAX_GRAD_NORM)[1]), ("clipping", tune(WEIGHT_DECAY, 1e9)[1])]:
        difference = max((kept[name] - other[name]).norm() / kept[name].norm() for name in KEPT_OF_TUNED)
        assert difference > 3 * BAND_OF_TUNED, f"tuning: without {what} it differs by {difference} only"
    write_tensors(TRAINING / "tuning.safetensors", kept)
    write_json(TRAINING / "tuning.json", {
        "model": "tests/golden/models/mha-untied-bf16", "learning_rate": RATES["adamw"], "weight_decay": WEIGHT_DECAY,
        "max_grad_norm": MAX_GRAD_NORM, "steps": steps,
    })
    print(f"ten steps of tuning all weights: loss {steps[0]['loss']:.4f} to {steps[-1]['loss']:.4f}")


def make() -> None:
    make_tuned()
    for name, muon in [("muon", True), ("adamw", False)]:
        steps, kept = train(muon, WEIGHT_DECAY)
        _, undecayed = train(muon, 0.0)
        for projection in KEPT[2:]:
            difference = (kept[projection] - undecayed[projection]).norm() / kept[projection].norm()
            assert difference > 3 * BAND, f"{name}, {projection}: without decay it differs by {difference} only"
        write_tensors(TRAINING / f"{name}.safetensors", kept)
        write_json(TRAINING / f"{name}.json", {
            "model": "tests/golden/models/gqa-tied-llama3-f16", "muon": muon, "context": CONTEXT, "rates": RATES,
            "beta_2": BETA_2, "weight_decay": WEIGHT_DECAY, "max_grad_norm": MAX_GRAD_NORM, "steps": steps,
        })
        print(f"ten steps of training, {name}: loss {steps[0]['loss']:.4f} to {steps[-1]['loss']:.4f}")
