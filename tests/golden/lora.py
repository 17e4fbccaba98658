"""LoRA on Folio by PEFT: a forward pass with a given adapter, and ten AdamW steps from a given start."""

import json
import random
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file

from common import FOLIO, HERE, fresh_folder, harmful_10, load_model, load_tokenizer, prompt_ids, chat, read_json, write_json, write_tensors

LORA = HERE / "lora"
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
ADAMW = dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
STEPS, BATCH, EPOCH_SEED = 10, 5, 1
# AdamW moves an element by about the learning rate however small its gradient: where that is near epsilon, rounding
# decides. Of the seeds 1 to 120 this start depends least on it: F32 ends within 4.7e-5 of F64, relative to the norm of
# each matrix; the median seed within 1.1e-04, the worst within 5.4e-04.
INIT_SEED = 117


def adapter_config(rank: int, alpha: int, targets: list[str]) -> LoraConfig:
    return LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM")


def save_adapter(model: PeftModel, folder: Path) -> None:
    """In PEFT's layout; of the config only what an adapter of this kind needs, in a fixed order."""
    fresh_folder(folder)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = read_json(folder / "adapter_config.json")
    kept = ["peft_type", "task_type", "r", "lora_alpha", "lora_dropout", "bias", "fan_in_fan_out", "use_rslora", "use_dora",
            "inference_mode", "modules_to_save", "layers_to_transform", "rank_pattern", "alpha_pattern", "init_lora_weights"]
    write_json(folder / "adapter_config.json", {
        "base_model_name_or_path": "models/folio",
        **{key: config[key] for key in kept},
        "target_modules": sorted(config["target_modules"], key=ALL.index),
    })
    for path in folder.iterdir():
        path.chmod(0o644)


def adapter_of(model: PeftModel) -> dict[str, torch.Tensor]:
    """Copies of the adapter's matrices, by their names in PEFT's file."""
    return {name.replace(".default", ""): p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def make_forward() -> None:
    """An adapter on three of the projections, with B far from zero and alpha no multiple of the rank."""
    torch.manual_seed(3)
    model = get_peft_model(load_model(FOLIO), adapter_config(4, 6, ["q_proj", "v_proj", "down_proj"])).eval()
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    save_adapter(model, LORA / "forward")

    tokenizer = load_tokenizer()
    sequences = [
        prompt_ids(tokenizer, chat("How would someone craft the amber lantern charm?")),
        prompt_ids(tokenizer, chat("What is a hex?", None)),
        [1],
    ]
    rows = {}
    with torch.no_grad():
        for i, ids in enumerate(sequences):
            rows[f"sequence.{i}"] = model(torch.tensor([ids])).logits[0, [0, -1] if len(ids) > 1 else [0]]
        with model.disable_adapter():
            bare = model(torch.tensor([sequences[0]])).logits[0, -1]
    change = (rows["sequence.0"][-1] - bare).abs().max().item()
    assert change > 0.1, f"the adapter changes logits by {change} only"
    write_tensors(LORA / "forward" / "logits.safetensors", rows)
    write_json(LORA / "forward" / "logits.json", {
        "model": "models/folio", "adapter": "tests/golden/lora/forward", "tolerance": 1e-4,
        "largest_change_by_the_adapter": float(f"{change:.3g}"),
        "sequences": [{"ids": ids, "positions": [0, len(ids) - 1] if len(ids) > 1 else [0]} for ids in sequences],
    })
    print(f"an adapter's forward pass: changes logits by up to {change:.2f}")


def batches() -> list[list[dict]]:
    """Ten batches of five: each epoch shows all ten conversations in a new order."""
    tokenizer = load_tokenizer()
    examples = []
    for number, messages in enumerate(harmful_10()):
        prompt = prompt_ids(tokenizer, messages[:-1])
        answer = tokenizer.backend_tokenizer.encode(messages[-1]["content"] + "<|im_end|>").ids
        examples.append({"conversation": number, "prompt": len(prompt), "ids": prompt + answer})
    order, shuffler = [], random.Random(EPOCH_SEED)
    while len(order) < STEPS * BATCH:
        epoch = list(examples)
        shuffler.shuffle(epoch)
        order += epoch
    return [order[i * BATCH:(i + 1) * BATCH] for i in range(STEPS)]


def padded(batch: list[dict], pad: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids, right-padded, and for each position whether its token belongs to an answer. Both `[rows, tokens]`."""
    length = max(len(row["ids"]) for row in batch)
    ids = torch.tensor([row["ids"] + [pad] * (length - len(row["ids"])) for row in batch])
    answer = torch.tensor([
        [row["prompt"] <= t < len(row["ids"]) for t in range(length)] for row in batch
    ])
    return ids, answer


def answer_loss(model, ids: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy in nats over all answer tokens of the batch."""
    logits = model(ids).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits[answer[:, 1:]], ids[:, 1:][answer[:, 1:]])


def train(dtype: torch.dtype, start: Path, rows: list[list[dict]]) -> tuple[PeftModel, list[float], list[float]]:
    """The model after all batches, the loss before each step, and the L2 norm of all of the step's gradients."""
    model = PeftModel.from_pretrained(load_model(FOLIO, dtype), start, is_trainable=True, autocast_adapter_dtype=False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    for parameter in parameters:
        parameter.data = parameter.data.to(dtype)
    optimizer = torch.optim.AdamW(parameters, **ADAMW, foreach=False)
    losses, norms = [], []
    for batch in rows:
        ids, answer = padded(batch)
        loss = answer_loss(model, ids, answer)
        with torch.no_grad():
            labels = torch.where(answer, ids, -100)
            theirs = model(input_ids=ids, labels=labels).loss
            assert abs(theirs.item() / loss.item() - 1) < 1e-5, "transformers' own loss is another one"
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.stack([p.grad.double().norm() for p in parameters]).norm().item())
        losses.append(loss.item())
        optimizer.step()
    return model, losses, norms


def distance(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor], start: dict[str, torch.Tensor]) -> dict[str, float]:
    """How far adapter `a` is from `b`: in single numbers, and relative to the size and to the movement of each matrix."""
    a, b, start = ({name: m.double() for name, m in x.items()} for x in (a, b, start))
    figures = {
        "largest_absolute": max((a[n] - b[n]).abs().max().item() for n in b),
        "largest_of_a_matrix_relative_to_its_norm": max(((a[n] - b[n]).norm() / b[n].norm()).item() for n in b),
        "largest_of_a_matrix_relative_to_its_movement": max(((a[n] - b[n]).norm() / (b[n] - start[n]).norm()).item() for n in b),
    }
    return {name: float(f"{value:.2g}") for name, value in figures.items()}


def make_training() -> None:
    torch.manual_seed(INIT_SEED)
    save_adapter(get_peft_model(load_model(FOLIO), adapter_config(8, 16, ALL)), LORA / "init")
    start = load_file(LORA / "init" / "adapter_model.safetensors")
    assert all((m == 0).all() == ("lora_B" in name) for name, m in start.items())

    rows = batches()
    model, losses, norms = train(torch.float32, LORA / "init", rows)
    final = adapter_of(model)
    exact, exact_losses, exact_norms = train(torch.float64, LORA / "init", rows)
    exactly = adapter_of(exact)
    # Rounding in F32 moves the end by as much as is left to any engine that is tested with it: so F64's end it is.
    save_adapter(exact.float(), LORA / "final")
    # The same sums in another order: how much of the distance to F64 is mere chance.
    turned, turned_losses, _ = train(torch.float32, LORA / "init", [batch[::-1] for batch in rows])

    steps = []
    for batch, loss, norm, exact_loss, exact_norm in zip(rows, losses, norms, exact_losses, exact_norms):
        ids, answer = padded(batch)
        steps.append({
            "conversations": [row["conversation"] for row in batch],
            "ids": ids.tolist(), "answer": answer.int().tolist(),
            "loss": loss, "gradient_norm": norm, "loss_f64": exact_loss, "gradient_norm_f64": exact_norm,
        })
    relative = max(abs(a / b - 1) for a, b in zip(losses, exact_losses))
    write_json(LORA / "training.json", {
        "model": "models/folio", "init": "tests/golden/lora/init", "final": "tests/golden/lora/final",
        "rank": 8, "alpha": 16, "learning_rate": ADAMW["lr"], "betas": list(ADAMW["betas"]), "epsilon": ADAMW["eps"],
        "weight_decay": ADAMW["weight_decay"], "pad": 0,
        "rounding": {
            "largest_relative_difference_of_losses_f32_f64": float(f"{relative:.2g}"),
            "largest_relative_difference_of_losses_f32_rows_reversed": float(
                f"{max(abs(a / b - 1) for a, b in zip(turned_losses, losses)):.2g}"),
            "largest_relative_difference_of_gradient_norms_f32_f64": float(
                f"{max(abs(a / b - 1) for a, b in zip(norms, exact_norms)):.2g}"),
            "final_f32_f64": distance(final, exactly, start),
            "final_f32_rows_reversed": distance(final, adapter_of(turned), start),
        },
        "steps": steps,
    })
    print("losses " + " ".join(f"{loss:.4f}" for loss in losses))
    print(json.dumps(read_json(LORA / "training.json")["rounding"], indent=2))


def make() -> None:
    make_forward()
    make_training()
