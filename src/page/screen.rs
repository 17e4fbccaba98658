//! What stage mode needs of the browser (`www/screen.mjs`): the whole screen, gamepads, and a channel to the presenter's window.

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/www/screen.mjs")]
extern "C" {
    #[wasm_bindgen(js_name = fillsScreen)]
    pub fn fills_screen() -> bool;

    #[wasm_bindgen(js_name = fillScreen)]
    pub fn fill_screen(whole: bool);

    #[wasm_bindgen(js_name = stayAwake)]
    fn stay_awake_while(wanted: &Closure<dyn Fn() -> bool>);

    #[wasm_bindgen(js_name = followPads)]
    fn follow(press: &Closure<dyn Fn(u32)>);

    fn channel(hear: &Closure<dyn Fn(String)>) -> Function;
}

/// Keeps the screen on while this says so.
pub fn stay_awake(wanted: impl Fn() -> bool + 'static) {
    let wanted = Closure::new(wanted);
    stay_awake_while(&wanted);
    wanted.forget();
}

/// Calls `press` with the number of each button that goes down on a gamepad, for as long as the page is open.
pub fn follow_pads(press: impl Fn(u32) + 'static) {
    let press = Closure::new(press);
    follow(&press);
    press.forget();
}

/// One end of the channel between the stage and the presenter's window.
pub struct Channel(Function);

impl Channel {
    /// Opens it; `hear` is called with what the other end says, for as long as the page is open.
    pub fn open(hear: impl Fn(String) + 'static) -> Self {
        let hear = Closure::new(hear);
        let say = channel(&hear);
        hear.forget();
        Self(say)
    }

    /// Says something to the other end.
    pub fn say(&self, text: &str) {
        // A text can always be copied; whoever is no longer there hears nothing.
        let _ = self.0.call1(&JsValue::NULL, &JsValue::from_str(text));
    }
}
