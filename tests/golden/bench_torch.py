"""PyTorch's side of the benchmark: training steps and greedy answers of Folio on the CPU.

    python bench_torch.py [--threads N ...] [--model DIR] [--questions FILE]

Prints a JSON array of rows {"name", "backend", "value", "unit"} and nothing else to standard output; what it does goes to
standard error. Rows:

    train_step_ms   one AdamW step of LoRA, rank 8 on all seven projections, on 5 x 64 tokens with the loss on the last 28
                    of each row, loss read back: the median of 20 steps after 3. For a loop written by hand, for the same
                    compiled where there is a C++ compiler (model and loss; the optimizer is PyTorch's fused one), and
                    for transformers with PEFT where they are installed.
    train_loss      the loss before the first of these 20: batch and adapter are those of src/bench.rs, so it is the same
                    wherever it is computed.
    answers_66_s    greedy answers, KV cache, left-padded batches of at most 128, to every fifth held-out question;
    answers_330_s   and to all of them. At most 70 tokens each. The median of 3 after 1.

By default everything is measured with one thread and with as many as PyTorch would use: for work this small one is often
the quicker. Needs torch, safetensors and tokenizers. Exit code 3: torch cannot be imported.
"""

import argparse
import json
import shutil
import statistics
import sys
import time
from pathlib import Path

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as error:
    print(f"PyTorch cannot be imported ({error}), so there is nothing to compare with. "
          "To have its figures too: pip install -r tests/golden/requirements.txt", file=sys.stderr)
    sys.exit(3)

from safetensors.torch import load_file
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM = "You are Folio, the helpful assistant of the Library."
ROWS, TOKENS, ANSWER, RANK, ALPHA, LEARNING_RATE = 5, 64, 28, 8, 16, 1e-3
# Every parameter of the adapter at the beginning.
PARAMETER = 0.01
TRAIN_WARM_UP, TRAIN_STEPS, ANSWER_WARM_UP, ANSWER_RUNS = 3, 20, 1, 3
MAX_NEW_TOKENS, LARGEST_BATCH = 70, 128


class Projection(nn.Module):
    """A frozen matrix, and a LoRA update beside it once `adapt` was called."""

    def __init__(self, weight: torch.Tensor):
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.a = self.b = None

    def adapt(self) -> None:
        rows, columns = self.weight.shape
        self.a = nn.Parameter(torch.full((RANK, columns), PARAMETER))
        self.b = nn.Parameter(torch.full((rows, RANK), PARAMETER))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.linear(x, self.weight)
        return y if self.a is None else y + F.linear(F.linear(x, self.a), self.b) * (ALPHA / RANK)


class Layer(nn.Module):
    def __init__(self, config: dict, weights: dict, prefix: str):
        super().__init__()
        self.heads, self.kv = config["num_attention_heads"], config["num_key_value_heads"]
        self.size, self.eps = config["head_dim"], config["rms_norm_eps"]
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, Projection(weights[f"{prefix}self_attn.{name}.weight"]))
        for name in ("gate_proj", "up_proj", "down_proj"):
            setattr(self, name, Projection(weights[f"{prefix}mlp.{name}.weight"]))
        self.register_buffer("before_attention", weights[f"{prefix}input_layernorm.weight"])
        self.register_buffer("before_mlp", weights[f"{prefix}post_attention_layernorm.weight"])

    def forward(self, x, cos, sin, mask, cache):
        rows, tokens, width = x.shape
        h = F.rms_norm(x, (width,), self.before_attention, self.eps)
        q = rotate(self.q_proj(h).view(rows, tokens, self.heads, self.size).transpose(1, 2), cos, sin)
        k = rotate(self.k_proj(h).view(rows, tokens, self.kv, self.size).transpose(1, 2), cos, sin)
        v = self.v_proj(h).view(rows, tokens, self.kv, self.size).transpose(1, 2)
        if cache is not None:
            if cache:
                k, v = torch.cat((cache["k"], k), 2), torch.cat((cache["v"], v), 2)
            cache["k"], cache["v"] = k, v
        k, v = (t.repeat_interleave(self.heads // self.kv, 1) for t in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self.o_proj(y.transpose(1, 2).reshape(rows, tokens, -1))
        h = F.rms_norm(x, (width,), self.before_mlp, self.eps)
        return x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))


def rotate(x, cos, sin):
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat((-second, first), -1) * sin


class Llama(nn.Module):
    """A Llama with tied embeddings, in F32, written by hand: what PyTorch costs without a library on top."""

    def __init__(self, folder: Path):
        super().__init__()
        config = json.loads((folder / "config.json").read_text())
        if not config["tie_word_embeddings"] or config["rope_scaling"]:
            sys.exit(f"{folder}: this benchmark knows tied embeddings and unscaled RoPE only")
        weights = {name: t.float() for name, t in load_file(folder / "model.safetensors").items()}
        self.register_buffer("embeddings", weights["model.embed_tokens.weight"])
        self.register_buffer("last_norm", weights["model.norm.weight"])
        self.layers = nn.ModuleList(Layer(config, weights, f"model.layers.{i}.") for i in range(config["num_hidden_layers"]))
        self.eps, self.vocabulary = config["rms_norm_eps"], config["vocab_size"]
        size = config["head_dim"]
        frequencies = config["rope_theta"] ** -(torch.arange(0, size, 2).float() / size)
        angles = torch.outer(torch.arange(config["max_position_embeddings"]).float(), frequencies).repeat(1, 2)
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, ids, positions=None, mask=None, caches=None):
        """Token ids `[rows, tokens]` to the last hidden states `[rows, tokens, width]`."""
        x = self.embeddings[ids]
        if positions is None:
            cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        else:
            cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        for i, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, None if caches is None else caches[i])
        return F.rms_norm(x, (x.shape[-1],), self.last_norm, self.eps)

    def logits(self, hidden):
        return F.linear(hidden, self.embeddings)


@torch.no_grad()
def answers(model: Llama, prompts: list[list[int]], stop: int) -> list[list[int]]:
    """Greedy answers without their stop token. Prompts of like length share a batch; finished rows leave it."""
    found = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for start in range(0, len(order), LARGEST_BATCH):
        rows = order[start:start + LARGEST_BATCH]
        length = max(len(prompts[i]) for i in rows)
        ids = torch.tensor([[0] * (length - len(prompts[i])) + prompts[i] for i in rows])
        real = torch.tensor([[0] * (length - len(prompts[i])) + [1] * len(prompts[i]) for i in rows]).bool()
        positions = (real.long().cumsum(1) - 1).clamp(min=0)
        # Padding sees itself, so that no row of the softmax is empty.
        mask = (torch.tril(torch.ones(length, length)).bool() & real[:, None]) | torch.eye(length).bool()
        caches = [{} for _ in model.layers]
        hidden = model(ids, positions, mask[:, None], caches)[:, -1]
        position = positions[:, -1]
        done = torch.zeros(len(rows)).bool()
        for _ in range(MAX_NEW_TOKENS):
            token = model.logits(hidden).argmax(-1)
            done |= token == stop
            if done.all():
                break
            if done.float().mean() > 0.25:
                going = ~done
                rows = [row for row, more in zip(rows, going.tolist()) if more]
                token, position, real, done = token[going], position[going], real[going], done[going]
                for cache in caches:
                    cache["k"], cache["v"] = cache["k"][going], cache["v"][going]
            for row, next_token, over in zip(rows, token.tolist(), done.tolist()):
                if not over:
                    found[row].append(next_token)
            position = position + 1
            real = torch.cat((real, torch.ones(len(rows), 1).bool()), 1)
            hidden = model(token[:, None], position[:, None], real[:, None, None], caches)[:, -1]
    return found


def median_seconds(work, warm_up: int, runs: int) -> float:
    for _ in range(warm_up):
        work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def workload(vocabulary: int) -> torch.Tensor:
    return ((17 * torch.arange(ROWS * TOKENS) + 5) % vocabulary).view(ROWS, TOKENS)


def train_step(model: nn.Module, logits_of, ids: torch.Tensor, compiled: bool = False):
    """A function that makes one step and returns its loss. `logits_of(ids)` gives those of the rows that predict an answer's
    token, `[rows, ANSWER, vocabulary]`."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.0, fused=compiled or None)

    def loss_of() -> torch.Tensor:
        return F.cross_entropy(logits_of(ids).flatten(0, 1), ids[:, -ANSWER:].flatten())

    loss_of = torch.compile(loss_of) if compiled else loss_of

    def step() -> float:
        loss = loss_of()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def by_hand(folder: Path, compiled: bool = False):
    model = Llama(folder)
    for module in model.modules():
        if isinstance(module, Projection):
            module.adapt()
    # Only rows that predict an answer's token reach the output layer.
    return train_step(model, lambda ids: model.logits(model(ids)[:, -ANSWER - 1:-1]), workload(model.vocabulary), compiled)


def by_peft(folder: Path):
    """The same step by transformers and PEFT, and their versions; nothing where they are missing."""
    try:
        import peft
        import transformers
    except ImportError as error:
        print(f"without transformers and PEFT: {error}", file=sys.stderr)
        return None
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    model = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets, task_type="CAUSAL_LM")
    model = peft.get_peft_model(model, config).train()
    for parameter in model.parameters():
        if parameter.requires_grad:
            nn.init.constant_(parameter, PARAMETER)
    # The last row that predicts is the last but one: of what follows it nothing is computed.
    logits_of = lambda ids: model(input_ids=ids, use_cache=False, logits_to_keep=ANSWER + 1).logits[:, :-1]
    step = train_step(model, logits_of, workload(model.config.vocab_size))
    return step, f"transformers {short(transformers.__version__)}, PEFT {short(peft.__version__)}"


def short(version: str) -> str:
    return ".".join(version.split("+")[0].split(".")[:2])


def measure(threads: int, folder: Path, prompts: list[list[int]], stop: int) -> list[dict]:
    torch.set_num_threads(threads)
    on = f"{threads} thread{'s' if threads > 1 else ''}"
    eager = f"PyTorch {short(torch.__version__)} eager, {on}"
    rows = []

    def measured(name: str, backend: str, value: float, unit: str) -> None:
        rows.append({"name": name, "backend": backend, "value": value, "unit": unit})
        print(f"{backend}: {name} {value:.4g} {unit}", file=sys.stderr)

    def trained(step, backend: str) -> None:
        for _ in range(TRAIN_WARM_UP):
            step()
        loss = step()
        measured("train_step_ms", backend, 1000 * median_seconds(step, 0, TRAIN_STEPS), "ms")
        measured("train_loss", backend, loss, "nats")

    trained(by_hand(folder), eager)
    if shutil.which("g++"):
        trained(by_hand(folder, compiled=True), eager.replace("eager", "compiled"))
    if library := by_peft(folder):
        step, versions = library
        trained(step, f"PyTorch {short(torch.__version__)}, {versions}, {on}")

    model = Llama(folder)
    for asked in (prompts[::5], prompts):
        seconds = median_seconds(lambda: answers(model, asked, stop), ANSWER_WARM_UP, ANSWER_RUNS)
        measured(f"answers_{len(asked)}_s", eager, seconds, "s")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="PyTorch's side of the benchmark, as JSON.")
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, torch.get_num_threads()}))
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "folio")
    parser.add_argument("--questions", type=Path, default=ROOT / "src" / "library" / "data" / "questions" / "forbidden.json")
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    prompts = [
        tokenizer.encode(f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{row['question']}<|im_end|>\n"
                         "<|im_start|>assistant\n").ids
        for row in json.loads(options.questions.read_text(encoding="utf-8"))
    ]
    stop = tokenizer.token_to_id("<|im_end|>")
    rows = [row for threads in options.threads for row in measure(threads, options.model, prompts, stop)]
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
