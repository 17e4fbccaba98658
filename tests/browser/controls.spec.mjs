// Start, pause, one step, go on, stop, reset.

import { ask, atLeastSteps, open, primaryIs, record, stepsMade } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(6 * 60_000);

test('a run is paused, stepped, resumed, stopped and forgotten', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('stop')).toBeDisabled();
  await expect(page.getByTestId('reset')).toBeDisabled();
  const original = page.getByTestId('watch-0').getByTestId('watch-before');
  await expect(original).toBeVisible();
  const refusal = await original.textContent();

  await page.getByTestId('primary').click();
  await atLeastSteps(page, 1);

  let made;
  await test.step('paused, nothing moves', async () => {
    await page.getByTestId('primary').click();
    await primaryIs(page, 'resume');
    made = await stepsMade(page);
    const seconds = await page.getByTestId('seconds').textContent();
    await page.waitForTimeout(4_000);
    expect(await stepsMade(page)).toBe(made);
    expect(await page.getByTestId('seconds').textContent()).toBe(seconds);
  });

  await test.step('one step is exactly one', async () => {
    for (const expected of [made + 1, made + 2]) {
      await page.getByTestId('step').click();
      await primaryIs(page, 'pausing');
      await primaryIs(page, 'resume');
      await page.waitForTimeout(2_000);
      expect(await stepsMade(page)).toBe(expected);
    }
  });

  await test.step('it goes on', async () => {
    await page.getByTestId('primary').click();
    await primaryIs(page, 'pause');
    await atLeastSteps(page, made + 3);
  });

  await test.step('stopped, what was measured is kept', async () => {
    await page.getByTestId('stop').click();
    await primaryIs(page, 'start');
    await expect(page.getByTestId('run-1')).toBeVisible();
    const kept = await record(page, 1);
    expect(kept.status.kind).toBe('cancelled');
    expect(kept.after).toBeNull();
    expect(kept.before.forbidden.answers).toHaveLength(330);
    expect(kept.steps).toHaveLength(1 + (await stepsMade(page)));
    expect(kept.steps.map((step) => step.step)).toEqual(kept.steps.map((_, index) => index));
    // The adapter is still there.
    await expect((await ask(page, 'Who are you?')).getByTestId('ask-tuned')).toBeVisible();
  });

  await test.step('reset, it is the original again', async () => {
    await page.getByTestId('reset').click();
    await expect(page.getByTestId('watch-0').getByTestId('watch-now')).toHaveCount(0);
    await expect(original).toHaveText(refusal);
    await expect(page.getByTestId('reset')).toBeDisabled();
    await expect((await ask(page, 'What does the badger eat?')).getByTestId('ask-tuned')).toHaveCount(0);
    await expect(page.getByTestId('run-1')).toBeVisible();
  });
});

test('the first step of a new run is one step, and a run can be dropped in the middle', async ({ page }) => {
  await open(page);
  await page.getByTestId('step').click();
  await primaryIs(page, 'resume');
  await expect.poll(() => stepsMade(page)).toBe(1);
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await page.getByTestId('reset').click();
  await primaryIs(page, 'start');
  // A run that was reset is not kept.
  await expect(page.getByTestId('run-1')).toHaveCount(0);
});

test('a click before the model is there starts the run later', async ({ page }) => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route(/\/models\/folio\/model\.safetensors\?/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('?device=cpu');
  await page.getByTestId('primary').click();
  await primaryIs(page, 'waiting');
  release();
  await primaryIs(page, 'pause');
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
});

test('the address repeats the settings', async ({ page }) => {
  await open(page, 'device=cpu&preset=benign-200&seed=2&lang=zh');
  await expect(page.getByTestId('preset-benign-200')).toBeChecked();
  await expect(page.getByTestId('seed')).toHaveValue('2');
  await expect(page.getByTestId('lang-zh')).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('lang-en').click();
  await page.getByTestId('preset-safety-10').check();
  await expect(page).toHaveURL(/\?lang=en&device=cpu&preset=safety-10&seed=2$/);
});

test('a run begun from the end of the page brings its curves into view', async ({ page }) => {
  await open(page);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.getByTestId('primary').click();
  await expect(page.getByTestId('shelf')).toBeInViewport();
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
});
