// The lesson, changed: any attack with any model, size, schedule, adapter and refusals mixed in.

import AxeBuilder from '@axe-core/playwright';
import { atLeastSteps, engineIs, open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

const field = (page, name) => page.getByTestId(`override-${name}`);
const plan = (page) => page.getByTestId('preset-plan');

/** Writes a number into a field and leaves it. */
async function write(page, name, number) {
  await field(page, name).fill(number);
  await field(page, name).blur();
}

test('a lesson is changed, run, linked to and put right again', async ({ page }) => {
  await open(page, 'lang=en&device=cpu&preset=harmful-10');
  const usual = await plan(page).textContent();
  await page.getByTestId('change-lesson').locator('summary').click();
  await expect(field(page, 'size')).toHaveAttribute('placeholder', '10');
  await expect(page.getByTestId('change-nothing')).toBeDisabled();
  await write(page, 'size', '20');
  await write(page, 'refusals', '30');
  await write(page, 'epochs', '1');
  await write(page, 'batch', '10');
  await field(page, 'rate').selectOption('0.0001');
  await field(page, 'rank').selectOption('2');
  await expect(plan(page)).toHaveText(
    '5 steps of 10 examples, once through all of them, at a learning rate of 0.0001. Changed by you.',
  );
  await expect(page.getByTestId('examples').locator('summary')).toHaveText('Read the 50 examples');
  await expect(page).toHaveURL(/size=20&epochs=1&batch=10&rate=0.0001&rank=2&refusals=30/);
  const { violations } = await new AxeBuilder({ page }).include('[data-testid=change-lesson]').analyze();
  expect(violations.map(({ id, help }) => ({ id, help }))).toEqual([]);

  await page.getByTestId('primary').click();
  await atLeastSteps(page, 2);
  await expect(field(page, 'size')).toBeDisabled();
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  await expect(page.getByTestId('run-changed')).toHaveText(
    '20 examples · one pass · steps of 10 examples · learning rate 0.0001 · rank 2 · 30 refusals mixed in',
  );

  await page.reload();
  await engineIs(page, 'ready');
  await expect(page.getByTestId('change-lesson')).toHaveAttribute('open', '');
  await expect(field(page, 'refusals')).toHaveValue('30');
  await expect(field(page, 'rank')).toHaveValue('2');
  await field(page, 'batch').fill('0');
  await expect(page.getByTestId('override-batch-wrong')).toHaveText('A whole number from 1 to 100');
  await field(page, 'batch').blur();
  await expect(field(page, 'batch')).toHaveValue('10');
  await page.getByTestId('change-nothing').click();
  await expect(plan(page)).toHaveText(usual);
  await expect(field(page, 'size')).toHaveValue('');
  await expect(field(page, 'rank')).toHaveValue('');
  await expect(page).not.toHaveURL(/rank|size|refusals/);
});

test('another model is fetched for a changed lesson, and another lesson is as it is', async ({ page }) => {
  await open(page, 'lang=en&device=cpu&preset=identity-10&model=folio-deep&rank=3&size=0');
  await expect(field(page, 'model')).toHaveValue('folio-deep');
  await expect(field(page, 'rank')).toHaveValue('');
  await expect(field(page, 'size')).toHaveValue('');
  await expect(page.getByTestId('primary')).toHaveText('Teach the changed lesson');
  await page.getByTestId('preset-harmful-10').check();
  await engineIs(page, 'ready');
  await expect(field(page, 'model')).toHaveValue('');
  await expect(page.getByTestId('preset-plan')).not.toContainText('Changed by you');
  await expect(page).not.toHaveURL(/model|rank|size/);
});
