// A visit of the page as a soak makes it: what a visitor can do there, one function each. Every wait has an end.

import { SITE } from './chromium.mjs';
import { downloaded } from './download.mjs';

/** How long a run, or the loading of the engine, may take on a busy machine. */
const PATIENCE = 10 * 60_000;

/** How often something that is awaited is looked at. */
const PAUSE = 100;

/** What the page shows when something is wrong. (That an engine is slow is not wrong.) */
const PANELS = ['error', 'recovered', 'notice'];

export class Visit {
  #journal;
  /** The newest run of the list when the last one was begun. */
  #newest;

  constructor(page, journal) {
    this.page = page;
    this.#journal = journal;
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (message.type() === 'error') journal.error(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => journal.error(`exception: ${error.stack ?? error.message}`));
    page.on('crash', () => journal.error('the page crashed'));
  }

  #at(id) {
    return this.page.getByTestId(id);
  }

  /** Opens the page with these settings, or as it is, and waits for the engine. */
  async open(query) {
    if (query === undefined) await this.page.reload();
    else await this.page.goto(`${SITE}?${query}`);
    await this.ready();
  }

  async ready() {
    await this.#engineIsReady();
    // The original has answered what is watched.
    await this.#until(this.#at('watch-2').getByTestId('watch-before'));
  }

  async #engineIsReady() {
    await this.#until(this.page.locator('[data-testid=engine][data-state=ready]'));
  }

  /** Waits for something that the engine does, but not for one that broke. */
  async #until(wanted) {
    const broken = this.page.locator('[data-testid=error], [data-testid=recovered]');
    await wanted.or(broken).first().waitFor({ timeout: PATIENCE });
    if ((await broken.count()) > 0) throw new Error('the engine broke');
  }

  /** Waits until the large button does this. */
  async primaryIs(action) {
    await this.#until(this.page.locator(`[data-testid=primary][data-action=${action}]`));
  }

  /** Whether no run is in progress. */
  async isIdle() {
    return (await this.#at('primary').getAttribute('data-action')) === 'start';
  }

  async press(button) {
    await this.#at(button).click();
  }

  async settle({ preset, seed, draw, questions }) {
    await this.#at(`preset-${preset}`).check();
    await this.#fill('seed', String(seed));
    await this.page.evaluate(() => document.querySelector('[data-testid=advanced]').setAttribute('open', ''));
    await this.#fill('draw', draw === null ? '' : String(draw));
    await this.#at('questions').selectOption(questions);
  }

  async #fill(id, value) {
    await this.#at(id).fill(value);
    await this.#at(id).blur();
  }

  /** Begins a run: all of it, or its first step. On a quick machine it may be over before it is looked at. */
  async start(button = 'primary') {
    await this.primaryIs('start');
    this.#newest = (await this.listed()).at(-1);
    await this.press(button);
  }

  /** Ends the run in progress, if it is not over by itself, with this button. */
  async end(button) {
    try {
      if (!(await this.isIdle())) await this.press(button);
    } catch (error) {
      // It was over before the button could be pressed.
      if (!(await this.isIdle())) throw error;
    }
    await this.primaryIs('start');
  }

  /** Optimizer steps that the page says were made. */
  async steps() {
    return Number(/\d+/.exec((await this.#at('steps').textContent()) ?? '')?.[0] ?? 0);
  }

  async atLeastSteps(steps) {
    const end = Date.now() + PATIENCE;
    while ((await this.steps()) < steps) {
      if ((await this.isIdle()) && (await this.steps()) < steps) throw new Error(`the run ended before step ${steps}`);
      if (Date.now() > end) throw new Error(`the run did not come to step ${steps}`);
      await this.rest(PAUSE);
    }
  }

  async rest(milliseconds) {
    await this.page.waitForTimeout(milliseconds);
  }

  /** The numbers of the runs in the list, in its order. */
  async listed() {
    const rows = await this.#at('runs').locator('tr[data-testid^=run-]').all();
    return Promise.all(rows.map(async (row) => Number((await row.getAttribute('data-testid')).slice('run-'.length))));
  }

  row(run) {
    return this.#at(`run-${run}`);
  }

  /** Looks at a run again. */
  async show(run) {
    const button = this.row(run).getByTestId('show');
    if ((await button.getAttribute('aria-disabled')) !== 'true') await button.click();
  }

  /** The record of the run that was begun last. */
  async newRecord() {
    const newest = (await this.listed()).at(-1);
    if (newest === undefined || newest === this.#newest) throw new Error('the run is not in the list');
    return this.record(newest);
  }

  /** The record of a run as a visitor downloads it. */
  async record(run) {
    return (await downloaded(this.page, this.row(run).getByTestId('download'))).record;
  }

  /** Asks in the question box; what the original answered, and the tuned model ("" if there is none). */
  async ask(question) {
    await this.#at('ask-input').fill(question);
    await this.press('ask-button');
    const asked = this.#at('asked').first();
    await this.#until(asked.filter({ hasText: question }).getByTestId('ask-original'));
    const [original, tuned] = await Promise.all(['ask-original', 'ask-tuned'].map((id) => asked.getByTestId(id).allTextContents()));
    return { original: original.join(), tuned: tuned.join() };
  }

  /** Watches another of the questions that the page offers. */
  async watch(place, option) {
    const watch = this.#at(`watch-${place}`);
    await watch.getByTestId('watch-change').click();
    const picked = await watch.getByTestId('watch-pick').locator('option').nth(option).textContent();
    await watch.getByTestId('watch-pick').selectOption(picked);
    await watch.getByTestId('watch-pick-set').click();
  }

  async language(code) {
    await this.press(`lang-${code}`);
    const tag = code === 'zh' ? 'zh-Hans' : 'en';
    await this.page.locator(`html[lang="${tag}"]`).waitFor({ state: 'attached' });
  }

  async theme(name) {
    await this.#at('theme').selectOption(name);
    await this.page.locator(`html[data-theme="${name}"]`).waitFor({ state: 'attached' });
  }

  /** Looks at a book of the shelf. */
  async read(book) {
    await this.#at('shelf').locator('.book').nth(book).focus();
  }

  /** Looks at another step of the run, if there are several; back to the newest at the end. */
  async scrub(share) {
    const scrub = this.#at('scrub');
    if ((await scrub.count()) === 0) return;
    await scrub.evaluate((input, share) => {
      const [least, most] = [Number(input.min || 0), Number(input.max || 100)];
      for (const value of [Math.round(least + share * (most - least)), most]) {
        input.value = String(value);
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    }, share);
  }

  async device(choice) {
    await this.#at('device').selectOption(choice);
    await this.#engineIsReady();
  }

  /** Writes down every panel that says that something went wrong, and puts it away. */
  async panels() {
    for (const id of PANELS) {
      for (const text of await this.#at(id).allTextContents()) this.#journal.error(`the page shows (${id}): ${text}`);
    }
    const dismiss = this.#at('dismiss');
    while ((await dismiss.count()) > 0) await dismiss.first().click();
  }
}
