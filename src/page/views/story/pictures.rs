//! The four pictures of LoRA. What is trained has a colour; areas are to scale where a caption says so.

use leptos::prelude::*;

use crate::page::app::Page;
use crate::page::format::thousands;
use crate::page::lora::{Part, Sizes};

/// The room of each picture.
pub const VIEW_BOX: &str = "0 0 240 216";

/// Where a single matrix begins, and how long its longer side is: what stands beside it has the same scale.
const LEFT: f64 = 40.0;
const TOP: f64 = 42.0;
const SIDE: f64 = 112.0;
/// Between a matrix and what stands beside it.
const GAP: f64 = 9.0;

/// Of the picture of all weights: where rows begin, how long and high that of a layer is, and what one takes with its gap.
const ROW_LEFT: f64 = 18.0;
const ROW_TOP: f64 = 22.0;
const ROW_LENGTH: f64 = 218.0;
const ROW_HEIGHT: f64 = 31.0;
const ROW: f64 = 39.0;
/// What is left free at the end of each box.
const SEAM: f64 = 1.0;

/// Length and height of the matrix of a projection, and the length of one of its numbers.
fn drawn_size(part: Part) -> (f64, f64, f64) {
    let unit = SIDE / part.d_in.max(part.d_out).max(1) as f64;
    (part.d_in as f64 * unit, part.d_out as f64 * unit, unit)
}

fn count(number: usize) -> String {
    thousands(number as f64)
}

/// One projection's matrix, and what goes in and comes out.
pub fn frozen(sizes: &Sizes) -> impl IntoView + use<> {
    let part = sizes.shown();
    let (width, height, _) = drawn_size(part);
    let (middle, half) = (LEFT + width / 2.0, TOP + height / 2.0);
    view! {
        <rect class="flow" x=LEFT y=TOP - GAP - 5.0 width=width height=5.0 />
        <text x=middle y=TOP - GAP - 11.0 text-anchor="middle"><tspan class="name">"x"</tspan>{format!("  {}", part.d_in)}</text>
        <rect class="frozen" x=LEFT y=TOP width=width height=height />
        <text class="name large" x=middle y=half - 8.0 text-anchor="middle">"W"</text>
        <text x=middle y=half + 16.0 text-anchor="middle">{format!("{} × {}", part.d_out, part.d_in)}</text>
        <text class="strong" x=middle y=half + 33.0 text-anchor="middle">{count(part.weights())}</text>
        <rect class="flow" x=LEFT + width + GAP y=TOP width=5.0 height=height />
        <text x=LEFT + width + GAP + 12.0 y=half + 4.0><tspan class="name">"y"</tspan>{format!("  {}", part.d_out)}</text>
        <text class="faint" x=middle y=TOP + height + 19.0 text-anchor="middle">{part.projection.name()}</text>
    }
}

/// The two thin matrices beside it.
pub fn beside(sizes: &Sizes) -> impl IntoView + use<> {
    let part = sizes.shown();
    let (width, height, unit) = drawn_size(part);
    let thin = sizes.rank as f64 * unit;
    let (right, below) = (LEFT + width + GAP, TOP + height + GAP);
    view! {
        <rect class="frozen" x=LEFT y=TOP width=width height=height />
        <text class="name large faint" x=LEFT + width / 2.0 y=TOP + height / 2.0 + 8.0 text-anchor="middle">"W"</text>
        <rect class="trained" x=right y=TOP width=thin height=height />
        <text x=right y=TOP - 22.0>
            <tspan class="name">"B"</tspan>
            {format!("  {} × {}", part.d_out, sizes.rank)}
        </text>
        <text class="strong" x=right y=TOP - 7.0>{count(sizes.rank * part.d_out)}</text>
        <rect class="trained" x=LEFT y=below width=width height=thin />
        <text x=right y=below + 11.0>
            <tspan class="name">"A"</tspan>
            {format!("  {} × {}", sizes.rank, part.d_in)}
        </text>
        <text class="strong" x=right y=below + 26.0>{count(sizes.rank * part.d_in)}</text>
    }
}

/// All weights of the model, and which part of each projection's area its adapter would take.
pub fn everywhere(page: Page, sizes: &Sizes) -> impl IntoView + use<> {
    let of_layer: usize = sizes.parts.iter().map(Part::weights).sum();
    let length = move |weights: usize| weights as f64 * ROW_LENGTH / of_layer.max(1) as f64;
    let (rank, layers, embeddings) = (sizes.rank, sizes.layers, sizes.embeddings);
    let mut x = ROW_LEFT;
    let boxes = sizes.parts.map(|part| {
        let begins = x;
        x += length(part.weights());
        (part, begins, x - begins)
    });
    let heads = boxes.map(|(part, begins, length)| {
        let name = part.projection.name().trim_end_matches("_proj");
        view! { <text class="small" x=begins + length / 2.0 y=ROW_TOP - 7.0 text-anchor="middle">{name}</text> }
    });
    let rows = (0..layers).map(|layer| {
        let top = ROW_TOP + layer as f64 * ROW;
        let boxes = boxes.map(|(part, x, length)| {
            let share = part.beside(rank) as f64 / part.weights().max(1) as f64;
            let high = if part.adapted { ROW_HEIGHT * share.min(1.0) } else { 0.0 };
            view! {
                <rect class="frozen" x=x y=top width=length - SEAM height=ROW_HEIGHT />
                <rect class="trained" x=x y=top + ROW_HEIGHT - high width=length - SEAM height=high />
            }
        });
        view! {
            <text class="small" x=ROW_LEFT - 6.0 y=top + ROW_HEIGHT / 2.0 + 4.0 text-anchor="end">{layer + 1}</text>
            {boxes}
        }
    });
    let top = ROW_TOP + layers as f64 * ROW;
    view! {
        {heads}
        {rows.collect_view()}
        <rect class="frozen" x=ROW_LEFT y=top width=length(embeddings) - SEAM height=ROW_HEIGHT />
        <text class="small" x=ROW_LEFT + 8.0 y=top + ROW_HEIGHT / 2.0 + 4.0>{page.t("lora-embeddings")}</text>
    }
}

/// The way of a number forth, and of a gradient back.
pub fn step(page: Page) -> impl IntoView {
    // Two ways from x to the sum: above through W, below through A, B and the dial.
    let ways = [
        "M22 108H38V56H64",
        "M140 56H196V96",
        "M38 108V160H60",
        "M90 160H106",
        "M136 160H150",
        "M176 160H196V120",
        "M208 108H222",
    ];
    let tips = ["M192 92L196 98L200 92", "M192 124L196 118L200 124", "M218 104L224 108L218 112"];
    let back = ["M228 134V206H75V190", "M121 206V190"];
    let back_tips = ["M71 194L75 187L79 194", "M117 194L121 187L125 194"];
    let path = |class: &'static str| move |d: &'static str| view! { <path class=class d=d /> };
    view! {
        {ways.map(path("way"))}
        {tips.map(path("way"))}
        <text class="name" x="15" y="113" text-anchor="middle">"x"</text>
        <rect class="frozen" x="64" y="20" width="76" height="72" />
        <text class="name large" x="102" y="64" text-anchor="middle">"W"</text>
        <path class="trained" d="M60 134L90 151V169L60 186Z" />
        <path class="trained" d="M106 151L136 134V186L106 169Z" />
        <text class="name on-trained" x="74" y="165" text-anchor="middle">"A"</text>
        <text class="name on-trained" x="122" y="165" text-anchor="middle">"B"</text>
        <circle class="dial-ring" cx="163" cy="160" r="13" />
        <path class="way" d="M163 160L170 152" />
        <circle class="dial-ring" cx="196" cy="108" r="10" />
        <path class="way" d="M191 108H201M196 103V113" />
        <text x="226" y="100" text-anchor="middle">{page.t("chart-loss")}</text>
        {back.map(path("back"))}
        {back_tips.map(path("back tip"))}
        <text class="faint" x="176" y="201" text-anchor="middle">{page.t("lora-gradient")}</text>
    }
}
