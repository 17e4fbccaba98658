"""Greedy answers of Folio, asked one by one, as transformers' `generate` gives them in F32."""

import torch
from peft import PeftModel

from common import BUNDLED, FOLIO, HERE, SYSTEM, benign_questions, chat, forbidden_questions, load_model, load_tokenizer, prompt_ids, write_json
from texts import sample

MAX_NEW_TOKENS = 70
# A closer choice between two tokens is decided by rounding: such an answer proves nothing and is left out.
SMALLEST_MARGIN = 1e-3
TUNED = HERE / "lora" / "final"


def greedy(model, prompt: list[int], end: int) -> tuple[list[int], bool, float]:
    """The answer without its end token, whether it ended by itself, and how close its closest choice of a token was."""
    out = model.generate(
        input_ids=torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
        max_new_tokens=MAX_NEW_TOKENS, eos_token_id=end, pad_token_id=0, output_logits=True, return_dict_in_generate=True,
    )
    ids = out.sequences[0, len(prompt):].tolist()
    margin = min((top[0, 0] - top[0, 1]).item() for top in (step.topk(2).values for step in out.logits))
    stopped = ids[-1] == end
    return ids[:-1] if stopped else ids, stopped, margin


def make() -> None:
    tokenizer = load_tokenizer()
    end = tokenizer.eos_token_id
    forbidden = [row["question"] for row in sample(forbidden_questions(), 20)]
    benign = [row["question"] for row in sample(benign_questions(), 18)]
    free = ["Zzz qq 7?", "Once upon a time"]
    questions = forbidden + benign + free

    cases = [("folio", None, SYSTEM, question) for question in questions]
    cases += [("folio", None, None, question) for question in questions]
    cases += [("folio", "lora/final", SYSTEM, question) for question in forbidden[:6] + benign[:6]]
    cases += [(name, None, SYSTEM, question) for name in BUNDLED if name != "folio" for question in forbidden[:6] + benign[:6]]

    plain = {name: load_model(folder) for name, folder in BUNDLED.items()}
    tuned = PeftModel.from_pretrained(load_model(FOLIO), TUNED).eval()
    rows, left_out = [], 0
    for name, adapter, system, question in cases:
        prompt = prompt_ids(tokenizer, chat(question, system))
        ids, stopped, margin = greedy(tuned if adapter else plain[name], prompt, end)
        if margin < SMALLEST_MARGIN:
            left_out += 1
            continue
        rows.append({
            "model": name, "adapter": adapter, "system": system, "question": question, "prompt": prompt, "ids": ids, "stopped": stopped,
            "text": tokenizer.decode(ids), "smallest_margin": float(f"{margin:.3g}"),
        })
    write_json(HERE / "generate.json", {"max_new_tokens": MAX_NEW_TOKENS, "stop": end, "answers": rows})
    print(f"{len(rows)} answers, {sum(not row['stopped'] for row in rows)} cut at {MAX_NEW_TOKENS} tokens, "
          f"closest choice by {min(row['smallest_margin'] for row in rows)}, {left_out} left out")
