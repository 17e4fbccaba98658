// axe-core finds nothing to complain about, in both colours and both languages, before, in the middle of and after a run.

import { AxeBuilder } from '@axe-core/playwright';
import { ask, atLeastSteps, longRuns, open, primaryIs, quickRuns, WHOLE_RUN } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(10 * 60_000);

async function isAccessible(page, when) {
  for (const theme of ['light', 'dark']) {
    await page.getByTestId('theme').selectOption(theme);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    // Colours fade into each other, and answers fade in: a faint text in the middle of that is no fault.
    await page.waitForTimeout(1_000);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((n) => n.target.join(' ')).slice(0, 5) }));
    expect.soft(found, `${when}, ${theme}`).toEqual([]);
  }
}

test('axe finds nothing in either colours', async ({ page }) => {
  // With the advanced settings open and the table of begun answers.
  await open(page, 'device=cpu&questions=development&prefill=on');
  await expect(page.getByTestId('prefill')).toBeVisible();
  await isAccessible(page, 'ready');
  await page.getByTestId('lang-zh').click();
  await isAccessible(page, 'ready, Chinese');
  await page.getByTestId('lang-en').click();
  const usual = await longRuns(page);
  await page.getByTestId('primary').click();
  await atLeastSteps(page, 2);
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  await usual();
  await page.getByTestId('live-table').locator('summary').click();
  await page.getByTestId('watch-0').getByTestId('watch-change').click();
  await isAccessible(page, 'with a run');

  // Two runs that came to their end are compared at once.
  await quickRuns(page);
  for (const run of [2, 3]) {
    await page.getByTestId('primary').click();
    await expect(page.getByTestId(`run-${run}`).getByTestId('compare')).toBeChecked({ timeout: WHOLE_RUN });
  }
  await expect(page.getByTestId('compare-table')).toBeVisible();
  await expect(page.getByTestId('begun')).toBeVisible();
  await ask(page, 'Who are you?');
  await isAccessible(page, 'with results, a comparison and an answer');
  await page.getByTestId('lang-zh').click();
  await isAccessible(page, 'the same, Chinese');
});

test('axe finds nothing in a race in either colours', async ({ page }) => {
  await open(page, 'device=cpu&race=1');
  await isAccessible(page, 'prepared');
  await page.getByTestId('race-start').click();
  await expect(page.getByTestId('lane-step').last()).toHaveText(/[1-9]\d* of 120/, { timeout: 120_000 });
  await isAccessible(page, 'in the middle of it');
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  await page.getByTestId('race-books').locator('summary').click();
  await isAccessible(page, 'stopped');
  await page.getByTestId('lang-zh').click();
  await isAccessible(page, 'stopped, Chinese');
});
