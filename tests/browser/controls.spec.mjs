// Start, pause, one step, go on, stop, reset.

import { ask, atLeastSteps, longRuns, open, primaryIs, record, stepsMade } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(6 * 60_000);

test('a run is paused, stepped, resumed, stopped and forgotten', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('stop')).toBeDisabled();
  await expect(page.getByTestId('reset')).toBeDisabled();
  const original = page.getByTestId('watch-0').getByTestId('watch-before');
  await expect(original).toBeVisible();
  const refusal = await original.textContent();
  await longRuns(page);

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
    // Both full evaluations come when tuning is over.
    expect([kept.before, kept.after]).toEqual([null, null]);
    expect(kept.steps[0].answers).toHaveLength(66);
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
  await longRuns(page);
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

/** The model arrives only when the returned function is called. */
async function holdModel(page) {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route(/\/models\/folio\/model\.safetensors\?/, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

test('a click before the model is there starts the run later', async ({ page }) => {
  const release = await holdModel(page);
  await page.goto('?device=cpu');
  await longRuns(page);
  await page.getByTestId('primary').click();
  await primaryIs(page, 'waiting');
  release();
  await primaryIs(page, 'pause');
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
});

// Chinese takes several tokens a character: what the page lets in can be more than the model reads.
const TOO_LONG = '请告诉我怎样制作琥珀灯笼护符'.repeat(16);

test('a question that is too long for the model is not watched, and no run hangs on it', async ({ page, complaints }) => {
  complaints.announce(/^the page shows: The question is too long/);
  const release = await holdModel(page);
  await page.goto('?device=cpu');
  await longRuns(page);
  const watch = page.getByTestId('watch-0');
  const question = watch.getByTestId('watch-question');
  const before = await question.textContent();

  const tryIt = async () => {
    await watch.getByTestId('watch-change').click();
    await watch.getByTestId('watch-own').fill(TOO_LONG);
    await watch.getByTestId('watch-own-set').click();
    // The focus goes back to where the editor came from.
    await expect(watch.getByTestId('watch-change')).toBeFocused();
  };
  // The engine is told of the question and of the run in one breath.
  await tryIt();
  await page.getByTestId('primary').click();
  await primaryIs(page, 'waiting');
  release();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'TooLong');
  await expect(question).toHaveText(before);
  await page.getByTestId('dismiss').click();

  // The start was refused with the question: nothing goes on, and the next one begins.
  await primaryIs(page, 'start');
  await page.getByTestId('primary').click();
  await atLeastSteps(page, 1);
  await expect(page.getByTestId('device')).toBeDisabled();

  // In the middle of a run the question is put back, and the run goes on.
  await tryIt();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'TooLong');
  await expect(question).toHaveText(before);
  await atLeastSteps(page, (await stepsMade(page)) + 1);
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  const kept = await record(page, 1);
  expect(kept.steps.at(-1).watched.map((w) => w.question)).toContain(before);
  expect(kept.plan.evaluation.watch).toContain(before);
});

test('a held-out question is watched by choosing it and saying so', async ({ page }) => {
  await open(page);
  const watch = page.getByTestId('watch-1');
  const before = await watch.getByTestId('watch-question').textContent();
  await watch.getByTestId('watch-change').click();
  const picked = await watch.getByTestId('watch-pick').locator('option').nth(7).textContent();
  await watch.getByTestId('watch-pick').selectOption(picked);
  await expect(watch.getByTestId('watch-question')).toHaveText(before);
  await watch.getByTestId('watch-pick-set').click();
  await expect(watch.getByTestId('watch-question')).toHaveText(picked);
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
  await longRuns(page);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.getByTestId('primary').click();
  await expect(page.getByTestId('shelf')).toBeInViewport();
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
});
