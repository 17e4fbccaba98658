// The article: the pictures of LoRA have the numbers of what is chosen.

import { engineIs } from './support/page.mjs';
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
