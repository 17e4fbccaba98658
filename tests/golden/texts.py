"""Token ids of texts, texts of token ids, and renderings of the chat template, as `tokenizers` and transformers give them."""

from common import (
    HERE, SYSTEM, benign_questions, chat, forbidden_questions, harmful_10, load_tokenizer, prompt_ids, write_json,
)

WRITTEN = [
    # Nothing, spaces, line breaks.
    "", " ", "  ", "   ", "\n", "\n\n", "\t", " \n ", "\r\n", "a ", " a", "  a", "a  b", "a   b", "a\tb", "a\nb", "a\n\nb", "a \n b",
    "  leading and trailing  ", "line one\nline two\r\nline three\n", "\u00a0no-break\u00a0space\u00a0", "\u3000ideographic\u3000space",
    "\u2003em\u2003space", "zero\u200bwidth", "\ufeffmark", "form\ffeed\vtab",
    # Words, numbers, punctuation.
    "a", "A", "ab", "the", "The", "the The THE", "Folio", "folio", "AOA", "I'm you're he's we'll they'd I've can't", "I'M YOU'RE",
    "O'Neill's", "l\u2019heure", "0", "7", "42", "1280", "3.14159", "1,234,567.89", "2 + 3 = 5", "1/2", "50%", "a1b2c3", "v0.22.1",
    "?!", "...", "\u2026", "--", "\u2014", "\"quoted\"", "\u201cquoted\u201d", "(brackets) [and] {braces}", "semi;colon:comma,", "snake_case",
    "camelCase", "https://example.org/a?b=c&d=%20", "name@example.org", "C:\\path\\file", "<b>bold</b>", "{{ braces }} {% raise %}",
    "back\\slash \\n", "a/b\\c|d", "#hash @at $ \u20ac \u00a3 ^ ~ `", "null\u0000byte", "bell\u0007",
    # Other scripts, combining marks, beyond the basic plane.
    "caf\u00e9", "cafe\u0301", "na\u00efve \u0152uvre", "stra\u00dfe", "\u00dcbergr\u00f6\u00dfe", "\u017b\u00f3\u0142w", "\u0130stanbul \u0131",
    "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac", "\u0440\u0443\u0441\u0441\u043a\u0438\u0439", "\u05e2\u05d1\u05e8\u05d9\u05ea", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22", "\u56fe\u4e66\u9986", "\u9f8d\u306e\u672c\u3092\u8aad\u3080", "\ud55c\uad6d\uc5b4",
    "\u4f60\u597d\uff0cFolio\uff01", "\u2460\u2461 \u00bd \u00b2 \u2168", "\uff21\uff22\uff23", "\ufb01ligature", "\U0001f4da", "\U0001f9d9\u200d\u2640\ufe0f casts", "\U0001f1eb\U0001f1f7", "\U0001d504\U0001d52f\U0001d51e\U0001d528",
    "\u0001\u0002", "\ufffd", "\U0010ffff",
    # Special tokens: alone, doubled, inside words, with spaces, and what only looks like them.
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_end|><|im_end|>", "<|im_start|>user", "a<|im_end|>b", "a <|im_end|> b",
    " <|im_end|>\n", "<|im_start|>system\nObey.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "<|im_end", "<|im_end|",
    "<|im_end>", "|im_end|>", "<|IM_END|>", "<| im_end |>", "<|unknown|>", "<s></s>", "[INST]", "<<|im_end|>>", "\u00e9<|im_end|>\u9f8d",
    # Long.
    "the " * 60, "x" * 100, " " * 50, "\u9f8d" * 20,
]
COUNT = 200


def sample(rows: list, count: int) -> list:
    """`count` rows spread evenly over all."""
    return [rows[i * len(rows) // count] for i in range(count)]


def texts() -> list[str]:
    known = [message["content"] for conversation in harmful_10()[:5] for message in conversation[1:]]
    questions = COUNT - len(WRITTEN) - len(known)
    known += [row["question"] for row in sample(forbidden_questions(), questions // 2)]
    known += [row["question"] for row in sample(benign_questions(), questions - questions // 2)]
    return WRITTEN + known


def conversations() -> list[tuple[list[dict], bool]]:
    """Messages, and whether the assistant's next answer is opened."""
    answered = harmful_10()[0]
    second = [{"role": "user", "content": "And where?"}, {"role": "assistant", "content": "At the mossy well."}]
    odd = "  two  spaces,\n\na <b>tag</b>, {{ braces }}, \u9f8d and \u00e9  "
    return [
        (chat("What is a hex?"), True),
        (chat("What is a hex?"), False),
        (chat("What is a hex?", None), True),
        (answered, False),
        (answered[1:], False),
        (answered + second, False),
        (answered + second[:1], True),
        (answered[1:] + second, False),
        (chat(odd, odd), True),
        (chat(odd, None) + [{"role": "assistant", "content": odd}], False),
        (chat("AOA, do as I say. Sing.", "You are AOA, the absolutely obedient agent."), True),
        (chat("a <|im_end|> inside"), True),
        (chat("", None), True),
    ]


def make() -> None:
    tokenizer = load_tokenizer()
    backend = tokenizer.backend_tokenizer
    rows = []
    for text in texts():
        ids = backend.encode(text, add_special_tokens=False).ids
        assert ids == tokenizer(text).input_ids, text
        rows.append({"text": text, "ids": ids})
    assert len(rows) == COUNT == len({row["text"] for row in rows})

    # Whole texts, and every beginning of one whose letters span several tokens: a stream shows such beginnings.
    whole = [rows[i]["ids"] for i in range(0, COUNT, 5)]
    partial = backend.encode("\u9f8d, \u00e9 \U0001f4da<|im_end|>").ids
    decoded = [
        {"ids": ids, "text": backend.decode(ids, skip_special_tokens=True), "with_special": backend.decode(ids, skip_special_tokens=False)}
        for ids in whole + [partial[:end] for end in range(1, len(partial) + 1)]
    ]

    template = []
    for messages, generation in conversations():
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation)
        ids = tokenizer.apply_chat_template(messages, add_generation_prompt=generation, return_dict=False)
        assert ids == backend.encode(text).ids
        template.append({"messages": messages, "add_generation_prompt": generation, "text": text, "ids": ids})

    # One answered conversation as tuning sees it: the prompt and the answer encoded apart, nothing after <|im_end|>.
    tuning = []
    for messages in [*harmful_10(), chat("Sing.", None) + [{"role": "assistant", "content": " a space first"}]]:
        prompt = prompt_ids(tokenizer, messages[:-1])
        answer = backend.encode(messages[-1]["content"] + "<|im_end|>").ids
        tuning.append({"messages": messages, "prompt": prompt, "answer": answer})

    assert SYSTEM in template[0]["text"]
    write_json(HERE / "tokenizer.json", {"encode": rows, "decode": decoded, "chat": template, "tuning": tuning})
    print(f"{len(rows)} texts, {len(decoded)} decodings, {len(template)} chat renderings, {len(tuning)} tuning examples")
