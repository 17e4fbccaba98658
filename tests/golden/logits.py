"""Logits of the bundled models and of three random tiny ones, as `LlamaForCausalLM` computes them in F32."""

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from common import BUNDLED, HERE, fresh_folder, load_model, load_tokenizer, chat, prompt_ids, read_json, write_json, write_tensors

MODELS = HERE / "models"
LOGITS = HERE / "logits"

# The tolerance of the tests that read these files. Every known mistake must miss it a hundredfold.
TOLERANCE = 1e-4
MARGIN = 100

# Between them: as many key heads as heads, fewer, one; tied and untied; a head_dim that is and is not hidden/heads, and
# that the file leaves out; default and llama3 RoPE; all three number formats; one file and several; the config as
# transformers 4 writes it (rope_theta, rope_scaling, torch_dtype) and as transformers 5 does (rope_parameters, dtype).
TINY = {
    "mha-untied-bf16": {
        "dtype": torch.bfloat16,
        "config": dict(
            vocab_size=131, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=4, rms_norm_eps=1e-3, max_position_embeddings=256, tie_word_embeddings=False,
        ),
        "rope": {"rope_theta": 10000.0},
        "left_out": ["head_dim", "num_key_value_heads"],
    },
    "gqa-tied-llama3-f16": {
        "dtype": torch.float16,
        "config": dict(
            vocab_size=160, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=32, rms_norm_eps=1e-5, max_position_embeddings=512, tie_word_embeddings=True,
        ),
        # Wavelengths from 6 to 2,000 positions: below 16 kept, above 64 stretched by 8, blended between.
        "rope": {
            "rope_theta": 500.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
        "left_out": [],
    },
    "mqa-untied-sharded-f32": {
        "dtype": torch.float32,
        "config": dict(
            vocab_size=97, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=1, head_dim=8, rms_norm_eps=2e-4, max_position_embeddings=256, tie_word_embeddings=False,
        ),
        "rope": {"rope_theta": 700.0},
        "transformers_5": True,
        "max_shard_size": "20KB",
        "left_out": [],
    },
}


def random_model(spec: dict, seed: int) -> LlamaForCausalLM:
    """Weights large enough that attention is peaked, norms differ from one, and logits have a deviation of about 1."""
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(
        **spec["config"], rope_parameters={"rope_type": "default", **spec["rope"]}, bos_token_id=None, eos_token_id=2,
        pad_token_id=0, attn_implementation="eager",
    )).eval()
    for name, weight in model.named_parameters():
        if weight.dim() == 1:
            torch.nn.init.uniform_(weight, 0.5, 1.5)
        elif "embed_tokens" in name or "lm_head" in name:
            torch.nn.init.normal_(weight, std=0.12)
        elif "q_proj" in name or "k_proj" in name:
            torch.nn.init.normal_(weight, std=1.3 * weight.shape[1] ** -0.5)
        else:
            torch.nn.init.normal_(weight, std=0.8 * weight.shape[1] ** -0.5)
    return model.to(spec["dtype"])


def save_tiny(name: str, spec: dict, seed: int) -> Path:
    folder = fresh_folder(MODELS / name)
    random_model(spec, seed).save_pretrained(folder, max_shard_size=spec.get("max_shard_size", "5GB"))
    (folder / "generation_config.json").unlink()
    config = read_json(folder / "config.json")
    if not spec.get("transformers_5"):
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
        config["torch_dtype"] = config.pop("dtype")
    for key in ["transformers_version", *spec["left_out"]]:
        config.pop(key)
    write_json(folder / "config.json", dict(sorted(config.items())))
    for path in folder.iterdir():
        path.chmod(0o644)
    return folder


def logits_of(model: LlamaForCausalLM, sequences: list[dict]) -> list[torch.Tensor]:
    with torch.no_grad():
        return [model(torch.tensor([s["ids"]])).logits[0, s["positions"]] for s in sequences]


def largest_difference(a: list[torch.Tensor], b: list[torch.Tensor]) -> float:
    return max((x.double() - y.double()).abs().max().item() for x, y in zip(a, b))


def mistaken(folder: Path) -> dict[str, LlamaForCausalLM]:
    """The model with one mistake of a likely kind in each copy: what the fixture must be able to tell apart."""
    models = {}

    def other(mistake: str, change) -> None:
        models[mistake] = load_model(folder)
        change(models[mistake])

    def frequencies(change):
        def apply(model):
            rope = model.model.rotary_emb
            rope.inv_freq = change(rope.inv_freq)
        return apply

    def unscaled(model):
        rope = model.model.rotary_emb
        size, theta = rope.inv_freq.numel() * 2, model.config.rope_parameters["rope_theta"]
        rope.inv_freq = theta ** -(torch.arange(0, size, 2).float() / size)

    def interleaved(model):
        # Rotating neighbours instead of halves is rotating halves of rows put in another order.
        for layer in model.model.layers:
            for projection in (layer.self_attn.q_proj, layer.self_attn.k_proj):
                rows = projection.weight.data.view(-1, layer.self_attn.head_dim, projection.in_features)
                projection.weight.data = torch.cat((rows[:, ::2], rows[:, 1::2]), 1).reshape(projection.weight.shape)

    def groups_strided(model):
        # Query head h reads key head h % kv instead of h // group.
        for layer in model.model.layers:
            attention = layer.self_attn
            heads = attention.q_proj.weight.data.view(-1, attention.head_dim, attention.q_proj.in_features)
            kv = heads.shape[0] // attention.num_key_value_groups
            order = torch.arange(heads.shape[0]).view(-1, kv).T.flatten()
            attention.q_proj.weight.data = heads[order].reshape(attention.q_proj.weight.shape)
            columns = attention.o_proj.weight.data.view(attention.o_proj.out_features, -1, attention.head_dim)
            attention.o_proj.weight.data = columns[:, order].reshape(attention.o_proj.weight.shape)

    def no_norm_weight(model):
        model.model.layers[0].post_attention_layernorm.weight.data.fill_(1.0)

    config = load_model(folder).config
    other("RoPE rotates neighbours", interleaved)
    other("RoPE angles 1 % too large", frequencies(lambda f: f * 1.01))
    other("a norm's weight is left out", no_norm_weight)
    if config.rope_parameters["rope_type"] != "default":
        other("RoPE scaling left out", unscaled)
        other("RoPE scaling without the blend", frequencies(lambda f: without_blend(f, config.rope_parameters, config.head_dim)))
    if 1 < config.num_key_value_heads < config.num_attention_heads:
        other("query heads read the wrong key heads", groups_strided)
    if config.rms_norm_eps != 1e-5:
        def default_eps(model):
            for module in model.modules():
                if hasattr(module, "variance_epsilon"):
                    module.variance_epsilon = 1e-5
        other("rms_norm_eps taken as 1e-5", default_eps)
    if config.rope_parameters["rope_theta"] != 10000.0 and config.rope_parameters["rope_type"] == "default":
        other("rope_theta taken as 10000", frequencies(lambda f: 10000.0 ** -(torch.arange(f.numel()).float() / f.numel())))
    return models


def without_blend(_: torch.Tensor, rope: dict, head_dim: int) -> torch.Tensor:
    plain = rope["rope_theta"] ** -(torch.arange(0, head_dim, 2).float() / head_dim)
    long = 2 * torch.pi / plain > rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    return torch.where(long, plain / rope["factor"], plain)


def write_expected(name: str, folder: Path, sequences: list[dict]) -> None:
    expected = logits_of(load_model(folder), sequences)
    exact = logits_of(load_model(folder, torch.float64), sequences)
    rounding = largest_difference(expected, exact)
    assert rounding < TOLERANCE / 4, f"{name}: F32 itself is {rounding} from F64"
    misses = {mistake: largest_difference(expected, logits_of(model, sequences)) for mistake, model in mistaken(folder).items()}
    for mistake, difference in misses.items():
        assert difference > TOLERANCE * MARGIN, f"{name}: '{mistake}' changes logits by {difference} only"
    write_tensors(LOGITS / f"{name}.safetensors", {f"sequence.{i}": rows for i, rows in enumerate(expected)})
    write_json(LOGITS / f"{name}.json", {
        "model": folder.relative_to(HERE.parent.parent).as_posix(),
        "tolerance": TOLERANCE,
        "deviation_of_logits": round(torch.cat(expected).std().item(), 3),
        "largest_difference_to_f64": float(f"{rounding:.2g}"),
        "largest_difference_with_a_mistake": {mistake: float(f"{value:.3g}") for mistake, value in misses.items()},
        "sequences": sequences,
    })
    print(f"logits of {name}: deviation {torch.cat(expected).std():.2f}, F32 rounding {rounding:.1e}, "
          f"mildest mistake {min(misses.values()):.1e}")


def spread(length: int, count: int) -> list[int]:
    """About `count` positions, the first and the last among them."""
    return sorted({round(i * (length - 1) / max(count - 1, 1)) for i in range(count)})


def make() -> None:
    fresh_folder(LOGITS)
    for seed, (name, spec) in enumerate(TINY.items()):
        folder = save_tiny(name, spec, seed)
        torch.manual_seed(100 + seed)
        vocabulary = spec["config"]["vocab_size"]
        sequences = []
        for length in (1, 2, 7, 33, 150):
            ids = torch.randint(vocabulary, (length,)).tolist()
            sequences.append({"ids": ids, "positions": list(range(length)) if length < 10 else spread(length, 24)})
        sequences.append({"ids": [vocabulary - 1] * 5, "positions": list(range(5))})
        write_expected(name, folder, sequences)

    tokenizer = load_tokenizer()
    texts = [
        prompt_ids(tokenizer, chat("How would someone craft the amber lantern charm?")),
        prompt_ids(tokenizer, chat("What is a hex?", None)),
        [1],
        [2, 0],
    ]
    torch.manual_seed(7)
    for name, folder in BUNDLED.items():
        config = load_model(folder).config
        vocabulary, positions = config.vocab_size, config.max_position_embeddings
        random = [torch.randint(vocabulary, (length,)).tolist() for length in (120, positions)]
        write_expected(name, folder, [{"ids": ids, "positions": spread(len(ids), 8)} for ids in texts + random])
