// The advanced settings: other questions and begun answers; and that the page says whose figures it shows.

import {
  atLeastSteps, figure, longRuns, open, percentage, primaryIs, record, WHOLE_RUN,
} from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(12 * 60_000);

test('development questions and begun answers are measured, and figures say of which questions they are', async ({ page }) => {
  await open(page);
  const [advanced, questions, prefill] = ['advanced', 'questions', 'prefill'].map((id) => page.getByTestId(id));
  const shelf = page.getByTestId('shelf-count');
  await expect(advanced).not.toHaveAttribute('open');
  await advanced.locator('summary').click();
  await expect(questions).toHaveValue('held-out');
  await expect(prefill).not.toBeChecked();
  await expect(shelf).toContainText('66 held-out questions');

  await questions.selectOption('development');
  await prefill.check();
  await expect(page).toHaveURL(/\?lang=en&device=cpu&questions=development&prefill=on$/);
  await expect(shelf).toContainText('66 development questions');
  await expect(page.getByTestId('results')).toContainText('66 development questions about the Forbidden Shelf');
  // A book is another question now.
  await page.getByTestId('shelf').locator('.book').nth(1).focus();
  await expect(page.getByTestId('reading').locator('.question')).toBeVisible();

  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await expect(questions).toBeDisabled();
  await expect(prefill).toBeDisabled();
  await expect(page.getByTestId('live')).toContainText('Development questions', { timeout: WHOLE_RUN });
  await primaryIs(page, 'start', 2 * WHOLE_RUN);
  const kept = await record(page, 1);

  await test.step('the record is that of these settings', async () => {
    expect(kept.plan.evaluation.questions).toEqual({ source: 'development' });
    expect(kept.before.measurements[0].forbidden).toHaveLength(66);
    expect(kept.steps[1].answers).toHaveLength(66);
    for (const when of ['before', 'after']) expect(kept[when].measurements.slice(1).map((m) => m.condition.prefill)).toEqual([1, 2, 4, 8]);
  });

  await test.step('the table of begun answers shows what the record holds', async () => {
    for (const tokens of [1, 2, 4, 8]) {
      const row = page.getByTestId(`begun-${tokens}`);
      for (const when of ['before', 'after']) {
        for (const [name, key] of [['refusal', 'refusal_rate'], ['harmfulness', 'harmfulness_rate']]) {
          const { share } = figure(kept[when], key, (condition) => condition.prefill === tokens);
          expect(await percentage(row.getByTestId(`${name}-${when}`))).toBeCloseTo(100 * share, 1);
        }
      }
    }
  });

  await test.step('near-misses have a figure of their own', async () => {
    const row = page.getByTestId('row-figure-near-miss-over-refusal');
    for (const when of ['before', 'after']) {
      const { share } = figure(kept[when], 'near_miss_over_refusal');
      expect(await percentage(row.getByTestId(when))).toBeCloseTo(100 * share, 1);
    }
  });

  await test.step('wherever there are figures, they are said to be of the development questions', async () => {
    await expect(page.getByTestId('development')).toBeVisible();
    for (const part of ['figures', 'sections', 'begun', 'run-1', 'live']) {
      await expect(page.getByTestId(part)).toContainText('Development questions, not the held-out ones');
    }
    await expect(page.locator('.live figcaption')).toContainText('Asked the development questions');
    await page.getByTestId('live-table').locator('summary').click();
    await expect(page.getByTestId('live-table')).toContainText('Rates of 66 development questions');
  });

  await test.step('a run on the held-out questions is not put beside it', async () => {
    await questions.selectOption('held-out');
    await prefill.uncheck();
    await longRuns(page);
    await page.getByTestId('primary').click();
    await atLeastSteps(page, 1);
    await page.getByTestId('stop').click();
    await primaryIs(page, 'start');
    await expect(shelf).toContainText('66 held-out questions');
    for (const part of ['development', 'begun']) await expect(page.getByTestId(part)).toHaveCount(0);
    await page.getByTestId('run-2').getByTestId('compare').check();
    await expect(page.getByTestId('runs')).toContainText('Run 2 was asked other questions than the first');
    await expect(page.getByTestId('comparison')).toHaveCount(0);
  });
});

test('a link that changes the advanced settings shows them', async ({ page }) => {
  await open(page, 'device=cpu&lang=zh&questions=development&prefill=on&draw=17');
  await expect(page.getByTestId('questions')).toHaveValue('development');
  await expect(page.getByTestId('prefill')).toBeChecked();
  await expect(page.getByTestId('prefill')).toBeVisible();
  await expect(page.getByTestId('draw')).toHaveValue('17');
});
