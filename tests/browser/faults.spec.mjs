// Devices and workers that end in the middle: each costs at most one run, is told, and the next run is as if nothing had been.

import {
  command, engines, kill, limited, losable, lose, tinyPlan, tinyRuns, worker,
} from './support/faults.mjs';
import { engineIs, longRuns, open, primaryIs, record } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(6 * 60_000);

/** A run on the page is begun. */
async function begin(page) {
  await page.getByTestId('primary').click();
}

/** A run is begun that does not end before it is told to. What is returned makes the next ones end again. */
async function beginLong(page) {
  const usual = await longRuns(page);
  await begin(page);
  return usual;
}

/** A whole run, and what came of it but for the times. */
async function whole(page, number) {
  await begin(page);
  await expect(page.getByTestId(`run-${number}`)).toBeVisible({ timeout: 4 * 60_000 });
  await primaryIs(page, 'start');
  return timeless(await record(page, number));
}

/** A record without what differs between two runs of one plan. */
function timeless({ status, plan, before, steps, after }) {
  const json = JSON.stringify({ status, plan, before, steps, after });
  return JSON.parse(json, (key, value) => (/seconds$/.test(key) ? undefined : value));
}

/** The page still does what it is asked. */
async function isAlive(page) {
  await page.getByTestId('lang-zh').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await page.getByTestId('lang-en').click();
}

/** The page says what happened, in so many words, and has another engine. */
async function isReplaced(page, code, made, timeout = 60_000) {
  const recovered = page.getByTestId('recovered');
  await expect(recovered).toHaveAttribute('data-code', code, { timeout });
  await engineIs(page, 'ready');
  expect(await engines(page)).toBe(made);
  await isAlive(page);
  await page.getByTestId('dismiss').click();
  await expect(recovered).toHaveCount(0);
}

/** The run of this number broke off, and what it measured is kept. */
async function brokeOff(page, number, steps, message) {
  const kept = await record(page, number);
  expect(kept.status.kind).toBe('failed');
  expect(kept.status.message).toMatch(message);
  expect(kept.steps.length).toBeGreaterThanOrEqual(steps);
  expect(kept.after).toBeNull();
  await expect(page.getByTestId(`run-${number}`)).toContainText('broke off');
}

/** Waits until the run in progress has told of this step or a later one. */
async function stepIsMade(page, step) {
  const told = async () => Number(/step (\d+) of/.exec(await page.getByTestId('steps').textContent())?.[1] ?? -1);
  await expect.poll(told, { intervals: [20], timeout: 4 * 60_000 }).toBeGreaterThanOrEqual(step);
}

/** So many steps that two tabs are busy at the same time. */
function longer() {
  const plan = tinyPlan();
  return { ...plan, tuning: { ...plan.tuning, epochs: 50 } };
}

test.describe('the worker', () => {
  for (const [name, code, message, end] of [
    ['panics in the middle of an answer', 'Panic', /told to panic/, (page) => command(page, { command: 'panic' })],
    ['traps', 'Panic', /out of its mind/, (page) => worker(page).evaluate(() => setTimeout(() => { throw new Error('out of its mind'); }))],
    ['traps in a promise', 'Panic', /never again/, (page) => worker(page).evaluate(() => void Promise.reject(new WebAssembly.RuntimeError('never again')))],
  ]) {
    test(`that ${name} costs one run`, async ({ page, complaints }) => {
      complaints.announce(/told to panic|out of its mind|never again|RuntimeError: unreachable/);
      await tinyRuns(page);
      await open(page);
      const undisturbed = await whole(page, 1);
      const usual = await beginLong(page);
      await stepIsMade(page, 2);
      await end(page);
      await isReplaced(page, code, 2);
      await usual();
      await brokeOff(page, 2, 3, message);
      expect(await whole(page, 3)).toEqual(undisturbed);
    });
  }

  test('that ends without a word is missed, and costs one run', async ({ page }) => {
    await page.clock.install();
    await tinyRuns(page);
    await open(page);
    const undisturbed = await whole(page, 1);
    const usual = await beginLong(page);
    await stepIsMade(page, 2);
    await kill(page);
    await page.clock.runFor(170_000);
    await expect(page.getByTestId('recovered')).toHaveCount(0);
    await page.clock.runFor(20_000);
    await isReplaced(page, 'Silent', 2);
    await usual();
    await brokeOff(page, 2, 3, /no sign of life/);
    expect(await whole(page, 3)).toEqual(undisturbed);
  });

  test('that is killed while nobody needs it is missed when somebody does', async ({ page }) => {
    await page.clock.install();
    await tinyRuns(page, { questions: true });
    await open(page);
    await expect(page.getByTestId('watch-2').getByTestId('watch-before')).toBeVisible();
    await kill(page);
    await page.clock.runFor(600_000);
    expect(await engines(page)).toBe(1);
    await page.getByTestId('ask-input').fill('Who are you?');
    await page.getByTestId('ask-button').click();
    await page.clock.runFor(190_000);
    await isReplaced(page, 'Silent', 2);
    await expect(page.getByTestId('asked').first()).toContainText('There is no answer');
  });

  test('that is refused memory says so', async ({ page, complaints }) => {
    complaints.announce(/RuntimeError: unreachable/);
    const patched = /\/worker_bg\.wasm$/;
    let room = 0;
    await page.route(patched, async (route) => {
      const response = await route.fetch();
      const { body, pages } = limited(await response.body(), room);
      expect(pages).toBeGreaterThan(0);
      await route.fulfill({ contentType: 'application/wasm', body });
    });
    await page.goto('?device=cpu');
    // Three engines are refused memory while they load, then the visitor is asked.
    await engineIs(page, 'failed');
    await expect(page.getByTestId('error')).toHaveAttribute('data-code', 'Memory');
    await expect(page.getByTestId('error')).toContainText('There is no memory left');
    await isAlive(page);
    await page.unroute(patched);
    await page.getByTestId('start-anew').click();
    await engineIs(page, 'ready');
  });
});

test.describe('the page', () => {
  test('in a hidden tab waits, and takes no slow engine for a dead one', async ({ page }) => {
    await page.clock.install();
    await page.addInitScript(() => {
      Object.defineProperty(Document.prototype, 'hidden', { get: () => globalThis.isHidden ?? false });
    });
    await tinyRuns(page);
    await open(page);
    await page.evaluate(() => {
      globalThis.isHidden = true;
    });
    await whole(page, 1);
    await beginLong(page);
    await stepIsMade(page, 2);
    await kill(page);
    await page.clock.runFor(600_000);
    expect(await engines(page), 'what is not in sight is not judged').toBe(1);
    await page.evaluate(() => {
      globalThis.isHidden = false;
    });
    await page.clock.runFor(190_000);
    await isReplaced(page, 'Silent', 2);
  });

  test('works where the browser refuses it storage and history', async ({ page }) => {
    await page.addInitScript(() => {
      const refuse = () => {
        throw new DOMException('not here', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) Object.defineProperty(window, name, { get: refuse });
      History.prototype.replaceState = refuse;
      History.prototype.pushState = refuse;
    });
    await tinyRuns(page);
    await open(page);
    await page.getByTestId('theme').selectOption('dark');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.getByTestId('preset-safety-10').check();
    await isAlive(page);
    expect((await whole(page, 1)).status.kind).toBe('finished');
  });

  test('in two tabs at once runs twice the same', async ({ page, context, complaints }) => {
    complaints.announce(/told to panic|RuntimeError: unreachable/);
    const other = await context.newPage();
    const both = [page, other];
    for (const tab of both) {
      await tinyRuns(tab, { plan: longer() });
      await open(tab);
    }
    const [here, there] = await Promise.all(both.map((tab) => whole(tab, 1)));
    expect(there).toEqual(here);
    // What ends in one is nothing to the other.
    await Promise.all(both.map(begin));
    await stepIsMade(other, 1);
    await command(page, { command: 'panic' });
    await isReplaced(page, 'Panic', 2);
    await expect(other.getByTestId('run-2')).toBeVisible({ timeout: 60_000 });
    expect(timeless(await record(other, 2))).toEqual(here);
    await other.close();
  });
});

test.describe('the graphics device', () => {
  test.setTimeout(12 * 60_000);

  test('that is lost while the model is loaded is opened again', async ({ page }) => {
    await losable(page, () => globalThis.loseAt('createBuffer'));
    await tinyRuns(page);
    await open(page, 'device=gpu');
    await isReplaced(page, 'DeviceLost', 2);
  });

  test('that is lost at any moment costs one run', async ({ page }) => {
    await losable(page);
    await tinyRuns(page);
    await open(page, 'device=gpu');
    const undisturbed = await whole(page, 1);
    let [number, made] = [1, 1];
    for (const [name, call, steps] of [
      ['the first answers', 'submit', 0],
      ['a readback', 'mapAsync', 0],
      ['a step', 'submit', 1],
    ]) {
      await test.step(`in ${name}`, async () => {
        [number, made] = [number + 1, made + 1];
        await begin(page);
        if (steps > 0) await stepIsMade(page, 0);
        await lose(page, call);
        await isReplaced(page, 'DeviceLost', made);
        // Whichever is told first: that the device is lost, or that what was asked of it failed.
        await brokeOff(page, number, steps, /graphics device|device stopped working/);
        // An engine that breaks again and again before it has made a run is not replaced any more.
        number += 1;
        expect(await whole(page, number)).toEqual(undisturbed);
      });
    }
    await test.step('in a question', async () => {
      // Asked also of what the run tuned, it goes to the engine.
      await lose(page, 'mapAsync');
      await page.getByTestId('ask-input').fill('Who are you?');
      await page.getByTestId('ask-button').click();
      await isReplaced(page, 'DeviceLost', made + 1);
      await expect(page.getByTestId('asked').first()).toContainText('There is no answer');
    });
    await test.step('while nothing goes on', async () => {
      await lose(page, 'now');
      await isReplaced(page, 'DeviceLost', made + 2);
      expect(await whole(page, number + 1)).toEqual(undisturbed);
    });
  });

  test('that has no memory left is given up', async ({ page }) => {
    await losable(page);
    await tinyRuns(page);
    await open(page, 'device=gpu');
    await worker(page).evaluate(() => {
      const { createBuffer } = GPUDevice.prototype;
      // More than there is: the device says so as it does when a run needs too much.
      GPUDevice.prototype.createBuffer = function refused(descriptor) {
        return createBuffer.call(this, { ...descriptor, size: 2 ** 50 });
      };
    });
    await begin(page);
    await isReplaced(page, 'DeviceLost', 2);
  });
});
