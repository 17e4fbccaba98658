// Stage mode: a key for everything, a reset after which all is as at the beginning, the presenter's window, a booth.

import { AxeBuilder } from '@axe-core/playwright';
import { WHOLE_RUN, engineIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

const line = (page) => page.getByTestId('stage-line');

async function beatIs(page, number) {
  await expect(page.getByTestId('beat')).toHaveAttribute('data-beat', String(number));
}

async function isAccessible(page, when) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((n) => n.target.join(' ')).slice(0, 5) }));
  expect.soft(found, when).toEqual([]);
}

/** Waits until the state's name stays: the engine is ready and has answered the three watched questions. */
async function settled(page) {
  await engineIs(page, 'ready');
  let last;
  await expect
    .poll(async () => {
      const before = last;
      last = await line(page).getAttribute('data-state');
      return last === before;
    }, { intervals: [2_000] })
    .toBe(true);
  return last;
}

test('one key after the other leads through the story, and R as to the beginning', async ({ page }) => {
  test.setTimeout(2 * WHOLE_RUN);
  await page.goto('?lang=en&device=cpu&stage=talk');
  await expect(line(page)).toBeVisible();
  // Nothing but the story is there, for whoever sees or hears the page.
  for (const gone of ['primary', 'ask-input', 'theme', 'tour-skip']) await expect(page.getByTestId(gone)).toBeHidden();
  const first = await settled(page);
  await isAccessible(page, 'the first beat');
  await page.keyboard.press('PageDown');
  await beatIs(page, 2);
  await expect(page.getByTestId('stage-next')).toHaveText('Next: the curve');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await expect(page.getByTestId('tour-came')).toContainText('of 66');
  await beatIs(page, 2);
  await isAccessible(page, 'the curve');
  await page.keyboard.press(' ');
  await beatIs(page, 3);
  await page.keyboard.press('PageUp');
  await beatIs(page, 2);
  await page.keyboard.press('4');
  await beatIs(page, 4);
  await isAccessible(page, 'ordinary data');

  // A run of one's own in the place of the recorded one.
  await page.keyboard.press('2');
  await page.keyboard.press('l');
  await expect(page.getByTestId('tour-stamp')).toContainText('Live', { timeout: WHOLE_RUN });
  await page.keyboard.press('r');
  await beatIs(page, 1);
  await expect(line(page)).toHaveAttribute('data-state', first, { timeout: 60_000 });
  await page.keyboard.press('Escape');
  await expect(line(page)).toHaveCount(0);
  await expect(page.getByTestId('primary')).toBeVisible();
  await expect(page).not.toHaveURL(/stage/);
});

test('a slider keeps its arrows, and a button its space', async ({ page }) => {
  await page.goto('?lang=en&device=cpu&stage=talk&beat=2');
  // What is not shown yet takes no focus, and the key would be the stage's.
  await expect(page.getByTestId('tour-slider')).toBeVisible();
  await page.getByTestId('tour-slider').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('tour-guessed')).toHaveText('34 of 66');
  await beatIs(page, 2);
  await page.keyboard.press('PageUp');
  await beatIs(page, 1);
  await page.getByTestId('stage-lang-zh').focus();
  await page.keyboard.press(' ');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await beatIs(page, 1);
});

test('a gamepad does what a key does, once for each press', async ({ page }) => {
  // A browser without a window has none: this one stands in the place of `navigator.getGamepads`.
  await page.addInitScript(() => {
    const buttons = Array.from({ length: 17 }, () => ({ pressed: false }));
    navigator.getGamepads = () => [null, { index: 1, buttons }];
    globalThis.hold = (button, pressed) => {
      buttons[button].pressed = pressed;
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    };
  });
  await page.goto('?lang=en&device=cpu&stage=talk');
  await expect(line(page)).toBeVisible();
  await page.evaluate(() => dispatchEvent(new Event('gamepadconnected')));
  const press = async (button) => {
    for (const pressed of [true, true, false]) await page.evaluate(([b, p]) => globalThis.hold(b, p), [button, pressed]);
  };
  await press(0);
  await beatIs(page, 2);
  await press(14);
  await beatIs(page, 1);
  await press(0);
  await press(0);
  await press(0);
  await expect(page.getByTestId('tour-came')).toContainText('of 66');
  await press(8);
  await beatIs(page, 1);
});

test('the presenter’s window follows the stage, and leads it', async ({ page }) => {
  await page.goto('?lang=en&device=cpu');
  await page.getByTestId('stage-enter').click();
  const [notes] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('stage-notes').click()]);
  await expect(notes.getByTestId('notes-beat')).toHaveText('Folio refuses');
  await expect(notes.getByTestId('notes-next')).toHaveText('Next: Ten examples');
  await page.bringToFront();
  await page.keyboard.press('ArrowRight');
  await expect(notes.getByTestId('notes-beat')).toHaveText('Ten examples');
  await notes.getByTestId('notes-back').click();
  await beatIs(page, 1);
  await notes.keyboard.press('5');
  await beatIs(page, 5);
  await expect(notes.getByTestId('notes-text')).not.toBeEmpty();
  expect(notes.workers(), 'it computes nothing').toEqual([]);
  const { violations } = await new AxeBuilder({ page: notes }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(notes.getByTestId('notes-beat')).toHaveText('No stage is open in this browser');
});

test('with a quicker clock a booth goes on within seconds', async ({ page }) => {
  await page.goto('?lang=en&device=cpu&stage=booth&speed=60');
  // Fifteen seconds of the booth's.
  await expect(page.getByTestId('tour-dot-2')).toHaveAttribute('aria-current', 'step', { timeout: 5_000 });
});

test('a booth tells its story, wakes at a touch, asks, and begins anew', async ({ page }) => {
  await page.clock.install();
  await page.goto('?lang=en&device=cpu&stage=booth');
  await expect(page.getByTestId('booth-invites')).toBeVisible();
  await expect(page.getByTestId('stage-leave')).toHaveCount(0);
  await beatIs(page, 1);
  await page.clock.runFor(16_000);
  await beatIs(page, 2);
  await page.clock.runFor(16_000);
  await page.clock.runFor(16_000);
  await expect(page.getByTestId('tour-came')).toContainText('of 66');
  await isAccessible(page, 'nobody is there');

  await page.mouse.move(300, 300);
  await beatIs(page, 1);
  await expect(page.getByTestId('booth-invites')).toHaveCount(0);
  await page.getByTestId('stage-lang-zh').click();
  await page.clock.runFor(60_000);
  await beatIs(page, 1);
  const asks = page.getByTestId('booth-asks');
  await expect(asks).toBeHidden();
  await page.clock.runFor(61_000);
  await expect(asks).toBeVisible();
  await expect(page.getByTestId('booth-here')).toBeFocused();
  await isAccessible(page, 'somebody is asked');
  await page.keyboard.press('Enter');
  await expect(asks).toBeHidden();
  // Nothing leads visitors away.
  for (const key of ['Escape', 'n', 'f']) await page.keyboard.press(key);
  await expect(line(page)).toBeVisible();
  expect(page.context().pages()).toHaveLength(1);
  await page.clock.runFor(121_000);
  await expect(asks).toBeVisible();
  await page.clock.runFor(21_000);
  await expect(asks).toBeHidden();
  await expect(page.getByTestId('booth-invites')).toBeVisible();
  await expect(page.locator('html'), 'the language is the booth’s again').toHaveAttribute('lang', 'en');
});
