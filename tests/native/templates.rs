//! Chat templates from elsewhere: one that is damaged or made to harm costs a message; those of Llamas work.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;
use tenshot::engine::{Example, TextCodec, TextError};
use tenshot::text::Role::{Assistant, System, User};
use tenshot::text::{Conversation, Message};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/models/folio/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn bundled() -> TextCodec {
    TextCodec::new(&read("tokenizer.json"), &read("tokenizer_config.json"), 1536).unwrap()
}

fn codec(template: &str) -> Result<TextCodec, String> {
    let config = json!({"chat_template": template, "eos_token": "<|im_end|>", "bos_token": "<s>"}).to_string();
    TextCodec::new(&read("tokenizer.json"), config.as_bytes(), 1536).map_err(|e| e.to_string())
}

fn messages() -> Vec<Message> {
    vec![Message::new(System, "Be brief."), Message::new(User, " Hello! "), Message::new(Assistant, "Good day.")]
}

/// The template's text, or why there is none; in a thread with a stack as small as a browser's worker has.
fn render(template: &str) -> Result<String, String> {
    const TINY: &str = r#"{"model": {"type": "BPE", "vocab": {"<|im_end|>": 0}, "merges": []}}"#;
    let config = json!({"chat_template": template, "eos_token": "<|im_end|>", "bos_token": "<s>"}).to_string();
    let codec = move || TextCodec::new(TINY.as_bytes(), config.as_bytes(), 1).map_err(|e| e.to_string());
    let work = move || codec()?.render(&messages(), true).map_err(|e| e.to_string());
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap()
}

const ZEPHYR: &str = "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}";
const LLAMA_2: &str = "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";
const LLAMA_3: &str = "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
const LLAMA_3_2: &str = r#"{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- This block extracts the system message, so we can slot it into the right place. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}

{#- System message #}
{{- "<|start_header_id|>system<|end_header_id|>\n\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\n" }}
{{- "Today Date: " + date_string + "\n\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {{- "You have access to the following functions." }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\n\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}

{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\n\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif %}
"#;
const NAMESPACE: &str = "{% set ns = namespace(is_first=false, system_prompt='') %}{% for message in messages %}{% if message['role'] == 'system' %}{% set ns.system_prompt = ns.system_prompt + message['content'] %}{% endif %}{% endfor %}{{ bos_token }}{{ ns.system_prompt }}{% for message in messages %}{% if message['role'] == 'user' %}{% set ns.is_first = true %}{{ '<｜User｜>' + message['content'] }}{% endif %}{% endfor %}{% if add_generation_prompt and ns.is_first %}{{ '<｜Assistant｜>' }}{% endif %}";

/// Templates of Llamas as their folders have them, with what transformers makes of them.
#[test]
fn templates_of_llamas_work() {
    for (template, expected) in [
        (
            ZEPHYR,
            "<|system|>\nBe brief.<|im_end|>\n<|user|>\n Hello! <|im_end|>\n<|assistant|>\nGood day.<|im_end|>\n<|assistant|>\n",
        ),
        (LLAMA_2, "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Hello! [/INST] Good day. <|im_end|>"),
        (
            LLAMA_3,
            "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHello!<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nGood day.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
        (
            LLAMA_3_2,
            "<s><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHello!<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nGood day.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
        (NAMESPACE, "<s>Be brief.<｜User｜> Hello! <｜Assistant｜>"),
    ] {
        assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
    }
    let refusal = codec(LLAMA_2).unwrap().render(&[Message::new(Assistant, "Hm.")], true).unwrap_err();
    assert!(refusal.to_string().contains("roles must alternate"), "{refusal}");
}

#[test]
fn what_would_overflow_the_stack_is_refused() {
    let looped = |inner: &str| {
        format!("{{% set ns = namespace(x='') %}}{{% for m in messages %}}{inner}{{% endfor %}}{{{{ ns.x }}}}")
    };
    for template in [
        format!("{{{{ 1{} }}}}", "+1".repeat(26_500)),
        format!("{{{{ {} 1 }}}}", "not ".repeat(10_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(10_000)),
        format!("{{{{ {}1{} }}}}", "(".repeat(100), ")".repeat(100)),
        format!("{{{{ {}1{} }}}}", "[".repeat(100), "]".repeat(100)),
        format!("{{{{ 'a'{} }}}}", "|trim".repeat(5_000)),
        format!("{{{{ messages{} }}}}", ".a".repeat(5_000)),
        format!("{{{{ messages{} }}}}", "[0:]".repeat(200)),
        format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(5_000)),
        format!("{}{}", "{% if 1 %}".repeat(100), "{% endif %}".repeat(100)),
        "{{ 1 }}".repeat(5_000),
        "x".repeat(100_000),
        looped("{% set ns.x = [ns.x] %}"),
        looped("{% set y = [ns.x] %}{% set ns.x = y %}"),
        looped("{% set ns.x = (ns.x, 1) %}"),
        looped("{% set ns.x = ns.x, 1 %}"),
        looped("{% set ns.x = {'a': ns.x} %}"),
        looped("{% set ns.x = ns.x[0:] %}"),
        looped("{% set ns.x = ns.x + ns.x %}"),
        looped("{% set ns.x = ns.x + ns.x if true else ns.x + 'a' %}"),
        looped("{% set ns.x = (ns.x + ns.x) or 'a' %}"),
        looped("{% set ns.x = ns.x + ns.x['a'] %}"),
        looped("{% set ns.x = ns.x + messages %}"),
        looped("{% set y = ns.x + messages %}{% set ns.x = y %}"),
        looped("{% set ns.x = ns.x * 2 %}"),
        looped("{% set ns.x = ns %}"),
        looped("{% set y = ns %}{% set ns.x = y %}"),
        looped("{% for y in [ns] %}{% set ns.x = y %}{% endfor %}"),
        "{% set a, b = namespace(), 1 %}".into(),
        "{% set a = [namespace()] %}".into(),
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}".into(),
    ] {
        let shown: String = template.chars().take(80).collect();
        let error = render(&template).expect_err(&shown);
        assert!(error.contains("chat_template") && error.len() < 400, "{error}");
    }
}

#[test]
fn what_panics_or_serves_no_template_is_refused_by_name() {
    for (template, name) in [
        ("{% for m in messages %}{{ loop.cycle() }}{% endfor %}", "cycle"),
        ("{% for m in messages %}{{ loop.changed(1) }}{% endfor %}", "changed"),
        ("{% for i in range(99999) %}{% endfor %}", "range"),
        ("{{ 'a'|indent(99999999999) }}", "indent"),
        ("{{ 'a'|replace('', 'b') }}", "replace"),
        ("{{ messages|batch(1) }}", "batch"),
        ("{{ debug() }}", "debug"),
        ("{{ dict(a=1) }}", "dict"),
        ("{{ messages[0]['x']() }}", "calls"),
        ("{% with a = 1 %}{% endwith %}", "with"),
        ("{% filter indent(9) %}{% endfilter %}", "filter"),
        ("{% raw %}a{% endraw %}", "raw"),
        ("{% macro a() %}{% endmacro %}", "macro"),
        ("{% include 'x' %}", "include"),
        ("{{ a", "ends within"),
        ("{{ 'a", "ends within"),
        ("{{ ä }}", "ä"),
        ("{% %}", "statement"),
    ] {
        let error = render(template).expect_err(template);
        assert!(error.contains(name), "{name}: {error}");
    }
}

/// Loops and texts without end cost a moment and little memory.
#[test]
fn what_never_ends_runs_out_of_fuel() {
    let loops = |depth: usize, inner: &str| {
        format!(
            "{}{inner}{}",
            "{% for a in 'abcdefghijklmnopqrstuvwxyz' %}".repeat(depth),
            "{% endfor %}".repeat(depth)
        )
    };
    let doubling =
        "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}".to_string() + &loops(2, "{% set ns.x = ns.x ~ ns.x %}");
    let printing = loops(20, &format!("{{{{ '{}' }}}}", "x".repeat(10_000)));
    let captured = "{% set ns = namespace(x='a') %}".to_string()
        + &loops(2, "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}");
    for template in [
        loops(20, ""),
        doubling,
        printing,
        captured,
        "{{ 'a' * 99999999999 }}".into(),
        "{{ [1] * 99999999999 }}".into(),
        "{{ 9 ** 99999999 }}".into(),
        "{{ 1 // 0 }}".into(),
        "{{ 1 % 0 }}".into(),
        "{{ -9223372036854775808 // -1 }}".into(),
        "{{ messages[9223372036854775807:-9223372036854775808:-1] }}".into(),
        "{{ messages[::0] }}".into(),
    ] {
        let start = Instant::now();
        let _ = render(&template); // an error or an empty text
        assert!(start.elapsed() < Duration::from_secs(5), "{template}: {:?}", start.elapsed());
    }
    assert!(render(&loops(20, "")).unwrap_err().contains("come to an end"));
}

fn conversation(exchanges: usize, system: bool) -> Vec<Message> {
    let mut messages: Vec<Message> = system.then(|| Message::new(System, "Be brief.")).into_iter().collect();
    for turn in 0..exchanges {
        messages.push(Message::new(User, format!("What is {turn}?")));
        messages.push(Message::new(Assistant, format!("It is number {turn}.\n")));
    }
    messages
}

/// The tokens of a conversation as they are by definition: the template is asked about all that came before each answer.
fn plainly(codec: &TextCodec, messages: &[Message], eos: &str) -> Option<Example> {
    let (mut example, mut done) = (Example { ids: Vec::new(), answer: Vec::new() }, String::new());
    for turn in (0..messages.len()).filter(|&turn| messages[turn].role == Assistant) {
        let before = codec.render(&messages[..turn], true).ok()?;
        let after = codec.render(&messages[..=turn], false).ok()?;
        let rest = after.strip_prefix(&before)?;
        let answer = format!("{}{eos}", &rest[..rest.find(eos)?]);
        for (text, learned) in [(before.strip_prefix(&done)?, false), (&answer, true)] {
            let ids = codec.encode(text).ok()?;
            example.answer.extend(ids.iter().map(|_| learned));
            example.ids.extend(ids);
        }
        done = before + &answer;
    }
    Some(example)
}

/// The short way through a long conversation gives the tokens of the long one.
#[test]
fn long_conversations_are_what_they_are_by_definition() {
    let models = ["folio-base", "folio", "folio-deep"];
    let file = |model: &str, name: &str| {
        std::fs::read(format!("{}/models/{model}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let bundled = models.map(|model| {
        TextCodec::new(&file(model, "tokenizer.json"), &file(model, "tokenizer_config.json"), 1536).unwrap()
    });
    for codec in bundled.into_iter().chain([codec(ZEPHYR).unwrap(), codec(LLAMA_2).unwrap()]) {
        for exchanges in [1, 2, 3, 4, 7, 8, 9, 10, 40] {
            for system in [false, true] {
                let mut messages = conversation(exchanges, system);
                let expected = plainly(&codec, &messages, "<|im_end|>").unwrap();
                assert_eq!(codec.example(&Conversation { messages: messages.clone() }).unwrap(), expected);
                messages.push(Message::new(User, "And then?"));
                let rest = codec.render(&messages, true).unwrap();
                let done: String = codec.render(&messages[..messages.len() - 1], false).unwrap();
                let done = &done[..done.rfind("<|im_end|>").unwrap() + "<|im_end|>".len()];
                let ids = [expected.ids, codec.encode(rest.strip_prefix(done).unwrap()).unwrap()].concat();
                assert_eq!(codec.continuation(&messages).unwrap(), ids);
            }
        }
    }
}

/// A template that numbers its messages or looks at all of them is asked about all of them.
#[test]
fn templates_that_look_back_are_asked_about_everything() {
    let numbered = "{% for m in messages %}{{ loop.index ~ '/' ~ m.content ~ '<|im_end|>' }}{% endfor %}{% if add_generation_prompt %}{{ messages|length + 1 }}/{% endif %}";
    let codec = codec(numbered).unwrap();
    let messages = conversation(20, true);
    let expected = plainly(&codec, &messages, "<|im_end|>").unwrap();
    assert_eq!(codec.example(&Conversation { messages }).unwrap(), expected);
    let error = codec.example(&Conversation { messages: conversation(200, true) }).unwrap_err();
    assert!(matches!(error, TextError::TooLong { .. }), "{error}");
}

/// The shortest of three times.
fn time(codec: &TextCodec, exchanges: usize) -> Duration {
    let once = |_| {
        let start = Instant::now();
        let example = codec.example(&Conversation { messages: conversation(exchanges, false) });
        assert!(example.is_ok(), "{}", example.unwrap_err());
        start.elapsed()
    };
    (0..3).map(once).min().unwrap()
}

/// Eight times the messages take eight times as long; with each answer asked about all that came before it, it was sixty-four.
#[test]
fn long_conversations_take_time_in_proportion() {
    let codec = bundled();
    let llama_3_2 = LLAMA_3_2.replace("<|eot_id|>", "<|im_end|>");
    for template in [None, Some(ZEPHYR), Some(LLAMA_2), Some(&llama_3_2)] {
        let codec = template.map_or_else(bundled, |template| self::codec(template).unwrap());
        let (short, long) = (time(&codec, 256), time(&codec, 2_048));
        println!("512 messages take {short:?}, 4,096 {long:?}");
        assert!(long < 32 * short, "{short:?}, {long:?}");
    }
    let error = codec.example(&Conversation { messages: conversation(80_000, false) }).unwrap_err().to_string();
    assert!(error.contains("160000 messages") && error.contains("4096"), "{error}");
    let long = vec![Message::new(User, "a".repeat(2 << 20)), Message::new(Assistant, "b")];
    assert!(codec.example(&Conversation { messages: long }).unwrap_err().to_string().contains("bytes"));
}

/// Words of templates, of which most combinations are nearly right.
const WORDS: [&str; 60] = [
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "{%- ",
    " -%}",
    "{# ",
    " #}",
    "for ",
    "m ",
    "in ",
    "messages",
    "endfor",
    "if ",
    "elif ",
    "else",
    "endif",
    "set ",
    "ns ",
    "= ",
    "namespace(",
    "x=",
    ")",
    "(",
    "[",
    "]",
    "'a'",
    "\"b\"",
    "1",
    "-1",
    "0",
    "9223372036854775807",
    " + ",
    " ~ ",
    " * ",
    " ** ",
    " // ",
    " % ",
    " - ",
    "|trim",
    "|length",
    "|items",
    "|first",
    "|default",
    ".x",
    ".content",
    "['role']",
    "loop",
    ".index0",
    ".strip()",
    ".startswith(",
    ":",
    ",",
    "not ",
    "is ",
    "defined",
    " and ",
    " == ",
    "bos_token",
    "add_generation_prompt",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Words in any order are an error or a template, never a panic.
    #[test]
    fn any_words(words in prop::collection::vec(0..WORDS.len(), 1..40), tag: bool) {
        let text: String = words.into_iter().map(|word| WORDS[word]).collect();
        let _ = render(&if tag { format!("{{{{ {text} }}}}") } else { text }); // either will do
    }

    /// Templates of Llamas with changed bytes are an error or other templates, never a panic.
    #[test]
    fn changed_templates(which in 0_usize..5, changes in prop::collection::vec((0_usize..3_000, 0..WORDS.len(), 0_usize..6), 1..4)) {
        let mut template = [ZEPHYR, LLAMA_2, LLAMA_3, LLAMA_3_2, NAMESPACE][which].to_string();
        for (place, word, cut) in changes {
            let place = template.floor_char_boundary(place % template.len());
            let end = template.floor_char_boundary((place + cut).min(template.len())).max(place);
            template.replace_range(place..end, WORDS[word]);
        }
        let _ = render(&template); // either will do
    }
}
