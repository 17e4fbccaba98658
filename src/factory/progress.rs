//! [`Progress`]: how far a build is, as a bar on a terminal and as plain lines elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::metrics::StepMetric;
use super::stage::Stage;
use crate::terminal;

/// Seconds between plain lines.
const QUIET: f64 = 30.0;

/// Where a training's steps are shown.
pub struct Progress {
    bar: Option<ProgressBar>,
    shown: Option<f64>,          // when the last plain line was printed, in the training's own seconds
    told: Cell<Option<Instant>>, // when the last plain line of something else than a training was printed
    steps: u64,
    first: u64,
}

impl Progress {
    /// The progress on standard error.
    pub fn stderr() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{prefix:<9} [{bar:30}] {pos}/{len} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar
        });
        Self { bar, shown: None, told: Cell::new(None), steps: 0, first: 0 }
    }

    /// Says something that stays on the screen.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::say(text)),
            None => terminal::say(text),
        }
    }

    /// A training of this many steps begins, or goes on after a step.
    pub fn begin(&mut self, stage: Stage, step: u64, steps: u64) {
        if step > 0 {
            self.say(&format!("{stage}: goes on after step {step} of {steps}"));
        }
        (self.shown, self.steps, self.first) = (None, steps, step);
        if let Some(bar) = &self.bar {
            bar.reset();
            bar.set_prefix(stage.name());
            bar.set_length(steps);
            bar.set_position(step);
        }
    }

    /// A step was made.
    pub fn step(&mut self, metric: &StepMetric, sitting: f64) {
        let made = metric.step - self.first;
        let left = (self.steps - metric.step) as f64 * sitting / made.max(1) as f64;
        let text = figures(metric, left);
        if let Some(bar) = &self.bar {
            bar.set_position(metric.step);
            bar.set_message(text);
            return;
        }
        let due = self.shown.is_none_or(|shown| sitting - shown >= QUIET) || metric.step == self.steps;
        if due {
            terminal::say(format_args!("{}: step {} of {}, {text}", metric.stage, metric.step, self.steps));
            self.shown = Some(sitting);
        }
    }

    /// Something else than steps is under way: so much of so much is done.
    pub fn part(&self, what: &'static str, done: usize, total: usize) {
        let Some(bar) = &self.bar else {
            if self.told.get().is_none_or(|told| told.elapsed().as_secs_f64() >= QUIET) {
                terminal::say(format_args!("{what}: {done} of {total}"));
                self.told.set(Some(Instant::now()));
            }
            return;
        };
        // A bar that was taken away draws nothing until it begins anew.
        if bar.is_finished() {
            bar.reset();
        }
        bar.set_prefix(what);
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message("");
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// For example `loss 0.412, 6,031 tokens/s, 12 minutes left`.
fn figures(metric: &StepMetric, left: f64) -> String {
    let speed = match metric.tokens_per_second {
        0.0 => String::new(), // there is none before the second step
        speed => format!(", {speed:.0} tokens/s"),
    };
    format!("loss {:.3}{speed}, {} left", metric.loss, duration(left))
}

/// A duration in two units at most.
pub fn duration(seconds: f64) -> String {
    let seconds = Duration::try_from_secs_f64(seconds.max(0.0)).map_or(0, |d| d.as_secs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [(0.4, "0 s"), (59.0, "59 s"), (61.0, "1 min 1 s"), (3_725.0, "1 h 2 min"), (f64::NAN, "0 s")];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn a_step_shows_loss_speed_and_time_left() {
        let metric = StepMetric {
            stage: Stage::Base,
            step: 10,
            tokens: 1,
            loss: 0.4123,
            learning_rate: 0.0,
            tokens_per_second: 6031.2,
            elapsed: 1.0,
        };
        assert_eq!(figures(&metric, 90.0), "loss 0.412, 6031 tokens/s, 1 min 30 s left");
    }
}
