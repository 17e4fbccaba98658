// The race: three runs in lock step, which the buttons mean together.

import { downloaded } from './support/download.mjs';
import { open, primaryIs, record } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(5 * 60_000);

/** Every run has few steps: as many passes over the data as said, of a fifth of the examples, and few questions. */
async function shortRuns(page) {
  await page.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function short(command) {
      if (command.command !== 'start') return post.call(this, command);
      const { plan } = command;
      // Two, eight and twelve steps, as 20, 80 and 120 are.
      const epochs = { 'harmful-10': 1, 'benign-200': 1, 'harmful-10-mixed': 1 }[plan.name];
      const batch = { 'harmful-10': 5, 'benign-200': 25, 'harmful-10-mixed': 5 }[plan.name];
      const tuning = { ...plan.tuning, epochs, batch_size: batch };
      const evaluation = { ...plan.evaluation, subset_every: 30, max_new_tokens: 12 };
      return post.call(this, { ...command, plan: { ...plan, tuning, evaluation } });
    };
  });
}

/** What a record says of the model, without times. */
function decided({ steps }) {
  return steps.map(({ step, loss, grad_norm, answers }) => ({ step, loss, grad_norm, answers }));
}

test('three runs in lock step: what each comes to is what it comes to alone', async ({ page }) => {
  await shortRuns(page);
  await open(page, 'device=cpu&race=1&race=7');
  await expect(page.getByTestId('race')).toBeVisible();
  await expect(page.getByTestId('lane-2').locator('.mini-book')).toHaveCount(33);
  await page.getByTestId('race-start').click();
  await primaryIs(page, 'pause');

  // Pause means all three; what is paused stands still, and within a step of each other.
  await expect(page.getByTestId('race-share')).not.toHaveText(/^0%/);
  await page.getByTestId('primary').click();
  await primaryIs(page, 'resume');
  const steps = () => page.getByTestId('lane-step').allTextContents();
  const halted = await steps();
  const shares = halted.map((text) => text.match(/\d+/g).map(Number)).map(([made, of]) => ({ share: made / of, step: 1 / of }));
  const least = Math.min(...shares.map(({ share }) => share));
  for (const { share, step } of shares) expect(share - least).toBeLessThanOrEqual(step + 1e-9);
  await page.waitForTimeout(600);
  expect(await steps()).toEqual(halted);
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await primaryIs(page, 'start');

  // All three are in the list, and side by side.
  await expect(page.getByTestId('lane-step')).toHaveText([/2 of 2/, /8 of 8/, /12 of 12/]);
  for (const run of [1, 2, 3]) await expect(page.getByTestId(`run-${run}`).getByTestId('compare')).toBeChecked();
  await expect(page.getByTestId('comparison')).toBeVisible();
  const raced = [];
  for (const run of [1, 2, 3]) raced.push(await record(page, run));
  expect(raced.map(({ plan }) => plan.name)).toEqual(['harmful-10', 'benign-200', 'harmful-10-mixed']);
  expect(new Set(raced.map(({ plan }) => plan.seed)).size).toBe(1);
  expect(raced.map(({ before }) => before.measurements)).toEqual(Array(3).fill(raced[0].before.measurements));

  // The race can be looked at as it was.
  await page.getByTestId('race-scrub').fill('50');
  await expect(page.getByTestId('lane-step')).toHaveText([/1 of 2/, /4 of 8/, /6 of 12/]);
  await page.getByTestId('race-books').locator('summary').click();
  await expect(page.getByTestId('race-books').locator('tbody tr')).toHaveCount(11);

  // One of them again, alone.
  await page.getByTestId('preset-harmful-10-mixed').check();
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await primaryIs(page, 'start');
  const { record: alone } = await downloaded(page, page.getByTestId('run-4').getByTestId('download'));
  // Alone it is asked twice as many questions after every step; here the test has it asked as many.
  expect(decided(alone)).toEqual(decided(raced[2]));
  expect(alone.after.measurements).toEqual(raced[2].after.measurements);
});

test('one step of the race takes all to the next mark, stop ends all, reset clears all', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('race')).toHaveCount(0);
  await page.getByTestId('race-invite').click();
  await expect(page).toHaveURL(/race=1/);
  await primaryIs(page, 'pause');
  await page.getByTestId('primary').click();
  await primaryIs(page, 'resume');
  // From wherever it was halted.
  const steps = () => page.getByTestId('lane-step').allTextContents();
  const before = await steps();
  await page.getByTestId('step').click();
  await expect.poll(steps, { timeout: 60_000 }).not.toEqual(before);
  await primaryIs(page, 'resume');
  const [attack, ordinary, mitigated] = (await steps()).map((text) => Number(/\d+/.exec(text)[0]));
  expect([ordinary, mitigated]).toEqual([4 * attack, 6 * attack]);
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  for (const run of [1, 2, 3]) await expect(page.getByTestId(`run-${run}`)).toBeVisible();
  await page.getByTestId('reset').click();
  await expect(page.getByTestId('lane-refused')).toHaveText(['–', '–', '–']);
  await page.getByTestId('race-close').click();
  await expect(page.getByTestId('race')).toHaveCount(0);
  await expect(page).not.toHaveURL(/race/);
});

for (const [width, height] of [[390, 844], [320, 640]]) {
  test(`on a phone of ${width} pixels the three shelves are whole`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto('?device=cpu&race=1');
    for (const lane of [0, 1, 2]) {
      const shelf = page.getByTestId(`lane-${lane}`).locator('.mini-shelf');
      await shelf.scrollIntoViewIfNeeded();
      const box = await shelf.boundingBox();
      expect(box.x >= 0 && box.x + box.width <= width, JSON.stringify(box)).toBe(true);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}
