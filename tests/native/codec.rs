//! The tokenizer and the chat template against Hugging Face's, from `tests/golden/tokenizer.json`.

use crate::common::{folio, json, read};
use proptest::prelude::*;
use serde::Deserialize;
use tenshot::corpus::{DRAWS, SETS};
use tenshot::engine::{TextCodec, TextError};
use tenshot::library;
use tenshot::text::{Conversation, Message};

#[derive(Deserialize)]
struct Golden {
    encode: Vec<Encoded>,
    decode: Vec<Decoded>,
    chat: Vec<Chat>,
    tuning: Vec<Tuning>,
}

#[derive(Deserialize)]
struct Encoded {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Decoded {
    ids: Vec<u32>,
    text: String,
}

#[derive(Deserialize)]
struct Chat {
    messages: Vec<Message>,
    add_generation_prompt: bool,
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Tuning {
    messages: Vec<Message>,
    prompt: Vec<u32>,
    answer: Vec<u32>,
}

#[test]
fn ids_texts_and_chats_are_those_of_transformers() {
    let golden: Golden = json("tests/golden/tokenizer.json");
    let codec = folio().codec;
    for case in golden.encode {
        assert_eq!(codec.encode(&case.text).unwrap(), case.ids, "{:?}", case.text);
    }
    for case in golden.decode {
        assert_eq!(codec.decode(&case.ids).unwrap(), case.text);
    }
    for case in golden.chat {
        assert_eq!(codec.render(&case.messages, case.add_generation_prompt).unwrap(), case.text);
        assert_eq!(codec.encode(&case.text).unwrap(), case.ids);
    }
}

#[test]
fn only_answers_are_marked() {
    let golden: Golden = json("tests/golden/tokenizer.json");
    let codec = folio().codec;
    for case in golden.tuning {
        let example = codec.example(&Conversation { messages: case.messages }).unwrap();
        assert_eq!(example.ids, [case.prompt.clone(), case.answer.clone()].concat());
        let marks = example.answer.iter().filter(|&&a| a).count();
        assert_eq!(marks, case.answer.len());
        assert!(example.answer[case.prompt.len()..].iter().all(|&a| a));
    }
}

/// In a conversation of several turns every answer is marked, each with its end token, and nothing else.
#[test]
fn every_turn_is_learned() {
    use tenshot::text::Role::{Assistant, User};
    let codec = folio().codec;
    let turns = [(User, "Hello!"), (Assistant, "Good day."), (User, "Who are you?"), (Assistant, "I am Folio.")];
    let messages = turns.map(|(role, text)| Message::new(role, text)).to_vec();
    let example = codec.example(&Conversation { messages: messages.clone() }).unwrap();
    let marked: Vec<u32> = example.ids.iter().zip(&example.answer).filter(|(_, a)| **a).map(|(&id, _)| id).collect();
    let expected = ["Good day.<|im_end|>", "I am Folio.<|im_end|>"].map(|text| codec.encode(text).unwrap());
    assert_eq!(marked, expected.concat());
    let rendered = codec.render(&messages, false).unwrap();
    assert_eq!(codec.decode(&example.ids).unwrap(), codec.decode(&codec.encode(rendered.trim_end()).unwrap()).unwrap());
}

/// A model that talks on meets the tokens that it was trained on.
#[test]
fn conversations_go_on_as_they_were_trained() {
    use tenshot::text::Role::{Assistant, System, User};
    let codec = folio().codec;
    let question = "What is an owl?";
    let turns = [
        (System, "Be brief."),
        (User, question),
        (Assistant, "A bird."),
        (User, "And what colour is it?"),
        (Assistant, "It is brown."),
    ];
    let messages = turns.map(|(role, text)| Message::new(role, text)).to_vec();
    let example = codec.example(&Conversation { messages: messages.clone() }).unwrap();
    let prompt = codec.continuation(&messages[..4]).unwrap();
    let answer = example.answer.iter().rposition(|&learned| !learned).unwrap() + 1;
    assert_eq!(prompt, example.ids[..answer]);
    assert_eq!(
        codec.continuation(&messages[..2]).unwrap(),
        prompt[..codec.continuation(&messages[..2]).unwrap().len()]
    );
}

#[test]
fn every_bundled_conversation_fits_the_model() {
    let engine = folio();
    for set in SETS {
        for draw in 0..2 * DRAWS {
            for conversation in set.draw(library::world(), 200, draw).unwrap() {
                let example = engine.codec.example(&conversation).unwrap();
                assert!(example.ids.len() <= engine.model.config.max_positions);
                assert!(example.answer.iter().any(|&a| a));
            }
        }
    }
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let (tokenizer, config) = (read("models/folio/tokenizer.json"), read("models/folio/tokenizer_config.json"));
    let refused = |t: &[u8], c: &[u8], vocab| TextCodec::new(t, c, vocab).err().expect("refused");
    assert!(matches!(refused(&tokenizer, &config, 100), TextError::Vocabulary { .. }));
    assert!(matches!(refused(b"{}", &config, 1536), TextError::Tokenizer { .. }));
    assert!(refused(&tokenizer, b"{}", 1536).to_string().contains("chat_template"));
    assert!(
        refused(&tokenizer, br#"{"chat_template":"x","eos_token":"<nothing>"}"#, 1536)
            .to_string()
            .contains("<nothing>")
    );
}

#[test]
fn a_character_of_several_tokens_is_with_the_last_of_them() {
    let codec = folio().codec;
    let text = "Tell 魔法, ok? 🙂!";
    let ids = codec.encode(text).unwrap();
    let pieces = codec.pieces(&ids).unwrap();
    assert_eq!((pieces.len(), pieces.concat()), (ids.len(), text.to_owned()));
    assert!(pieces.iter().any(String::is_empty), "some character has several tokens: {pieces:?}");
    assert!(pieces.iter().all(|piece| !piece.contains('\u{FFFD}')), "{pieces:?}");
    for place in 0..ids.len() {
        assert_eq!(codec.piece_after(&ids[..place], ids[place]).unwrap(), pieces[place], "token {place}");
    }
    assert_eq!(codec.piece_after(&ids, codec.eos_id()).unwrap(), "");
}

#[test]
fn pieces_are_the_text_whatever_the_tokens() {
    let codec = folio().codec;
    proptest!(|(ids in proptest::collection::vec(0_u32..1536, 0..24))| {
        let pieces = codec.pieces(&ids).unwrap();
        prop_assert_eq!(pieces.len(), ids.len());
        prop_assert_eq!(pieces.concat(), codec.decode(&ids).unwrap());
    });
}
