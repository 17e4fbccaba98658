// The article: the pictures of LoRA have the numbers of what is chosen, the glossary opens, and both can be read by everybody.

import AxeBuilder from '@axe-core/playwright';
import { engineIs, open } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

/** Folio: four layers, whose projections have 3,008 inputs and outputs in all. */
const trained = (rank) => (4 * 3_008 * rank).toLocaleString('en');

test('the pictures of LoRA follow the rank that is chosen', async ({ page }) => {
  await page.goto('?lang=en&device=cpu&rank=4');
  const picture = (number) => page.getByTestId(`lora-${number}`);
  await expect(page.getByTestId('lora-chosen')).toContainText('model folio, rank 4, alpha 8.');
  await expect(picture(1).getByRole('img')).toHaveAccessibleName(/^The matrix W, 160 × 160, 25,600 weights/);
  await expect(picture(2).locator('svg')).toContainText('160 × 4');
  await expect(picture(3)).toContainText(`It trains ${trained(4)} numbers beside 1,455,520 that stay: 3.3%.`);
  const thin = () => picture(2).locator('.trained').first().evaluate((rect) => Number(rect.getAttribute('width')));
  const four = await thin();

  await engineIs(page, 'ready');
  await page.getByTestId('override-rank').selectOption('64');
  await expect(page.getByTestId('lora-chosen')).toContainText('rank 64, alpha 128.');
  await expect(picture(3)).toContainText(`It trains ${trained(64)} numbers`);
  expect(await thin()).toBeCloseTo(16 * four, 5);
  await page.getByTestId('change-nothing').click();
  await expect(picture(3)).toContainText('It trains 96,256 numbers');
});

test('the glossary says what a term means, in Chinese with its English name', async ({ page }) => {
  await open(page, 'lang=en&device=cpu');
  const tuning = page.getByTestId('glossary-tuning');
  const rate = tuning.locator('dl > div').filter({ has: page.locator('dt', { hasText: 'Learning rate' }) });
  await expect(rate).toBeHidden();
  for (const group of ['models', 'tuning', 'attacks', 'measures']) {
    await page.getByTestId(`glossary-${group}`).locator('summary').click();
  }
  await expect(rate.locator('dd')).toContainText('AdamW');
  await expect(tuning.locator('.original')).toHaveCount(0);
  await page.getByTestId('lang-zh').click();
  await expect(rate.locator('dt')).toHaveText('学习率 Learning rate');
  for (const theme of ['light', 'dark']) {
    await page.getByTestId('theme').selectOption(theme);
    await page.waitForTimeout(1_000);
    const { violations } = await new AxeBuilder({ page }).include('#article').analyze();
    expect(violations.map(({ id, help }) => ({ id, help })), theme).toEqual([]);
  }
});
