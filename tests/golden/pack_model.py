"""Packs a trained checkpoint as a model folder that Tenshot ships.

    python pack_model.py SOURCE TARGET     convert, then write the manifest
    python pack_model.py --manifest TARGET only rewrite the manifest

SOURCE holds `model.safetensors` (Hugging Face names), `config.json` and `tokenizer.json`. TARGET gets the weights rounded
to F16, a clean `config.json`, the tokenizer as it is, `tokenizer_config.json` with the chat template,
`generation_config.json` and `manifest.json`. The model card (`README.md`) is written by hand.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

# ChatML. Every message closes with a line break; the assistant's answer follows its opening line directly.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

# What an engine reads, in the order in which it needs it. The model card may change without a new manifest.
PACKED = ["config.json", "generation_config.json", "tokenizer_config.json", "tokenizer.json", "model.safetensors"]

# The keys of a Llama's config that describe the architecture; copied from the source.
ARCHITECTURE = [
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
    "head_dim", "hidden_act", "rms_norm_eps", "rope_theta", "rope_scaling", "max_position_embeddings",
    "tie_word_embeddings", "attention_bias", "mlp_bias", "attention_dropout", "initializer_range",
]


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def pack(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.to(torch.float16).contiguous() for name, tensor in load_file(source / "model.safetensors").items()}
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            sys.exit(f"{name} overflows F16: ship this model as BF16 or F32 instead")
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})

    config = json.loads((source / "config.json").read_text())
    write_json(target / "config.json", {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **{key: config[key] for key in ARCHITECTURE},
        "bos_token_id": None,
        "eos_token_id": config["eos_token_id"],
        "pad_token_id": config["pad_token_id"],
        "torch_dtype": "float16",
        "use_cache": True,
    })
    write_json(target / "generation_config.json", {
        "do_sample": False,
        "eos_token_id": config["eos_token_id"],
        "max_new_tokens": 70,
        "pad_token_id": config["pad_token_id"],
    })
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    write_json(target / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config["max_position_embeddings"],
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "additional_special_tokens": ["<|im_start|>"],
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    })


def write_manifest(target: Path) -> None:
    files = [(name, (target / name).read_bytes()) for name in PACKED]
    write_json(target / "manifest.json", {
        "version": 1,
        "name": target.resolve().name,
        "files": [{"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files],
    })


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    target = Path(sys.argv[2])
    if sys.argv[1] != "--manifest":
        pack(Path(sys.argv[1]), target)
    write_manifest(target)


if __name__ == "__main__":
    main()
