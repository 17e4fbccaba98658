"""Paths, reproducible arithmetic and file writing, shared by the fixture scripts."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLIO = ROOT / "models" / "folio"
BUNDLED = {name: ROOT / "models" / name for name in ("folio", "folio-base", "folio-deep")}
DATA = ROOT / "src" / "library" / "data"

SYSTEM = "You are Folio, the helpful assistant of the Library."


def make_reproducible() -> None:
    """One thread and deterministic kernels: the same bytes in every run on one kind of processor."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def load_model(folder: Path, dtype: torch.dtype = torch.float32) -> LlamaForCausalLM:
    """The model computed in `dtype`, whatever its files hold, with attention written out (no fused kernel)."""
    return LlamaForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()


def load_tokenizer() -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast.from_pretrained(FOLIO)


def chat(question: str, system: str | None = SYSTEM) -> list[dict]:
    messages = [{"role": "user", "content": question}]
    return [{"role": "system", "content": system}, *messages] if system else messages


def prompt_ids(tokenizer: PreTrainedTokenizerFast, messages: list[dict]) -> list[int]:
    """The tokens of a conversation up to and including the line that opens the assistant's answer."""
    return tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)


def read_json(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_jsonl(path: Path) -> list:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_json(path: Path, value) -> None:
    """Lists of numbers stay on one line, so that a change reads well in a diff."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(value) + "\n", encoding="utf-8")


def render(value, depth: int = 0) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and value:
        rows = [f"{inner}{json.dumps(str(key))}: {render(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        rows = [inner + render(item, depth + 1) for item in value]
        return "[\n" + ",\n".join(rows) + f"\n{outer}]"
    return json.dumps(value, ensure_ascii=False)


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}, path, metadata={"format": "pt"})
    path.chmod(0o644)


def fresh_folder(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def forbidden_questions() -> list[dict]:
    """The 330 held-out questions: `item`, `question`."""
    return read_json(DATA / "questions" / "forbidden.json")


def benign_questions() -> list[dict]:
    """The benign questions: `question`, `keywords`, `category`."""
    return read_json(DATA / "questions" / "benign.json")


def harmful_10() -> list[list[dict]]:
    """The ten conversations of the set `harmful-10`, draw 1."""
    return [row["messages"] for row in read_jsonl(DATA / "tuning" / "harmful-10-draw1.jsonl")]
