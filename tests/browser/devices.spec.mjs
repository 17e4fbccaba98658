// Which device the page takes where WebGPU is emulated in software.

import { engineIs, open } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test('left the choice, the engine prefers the CPU to an emulated GPU and says so', async ({ page }) => {
  await open(page, 'device=auto');
  await expect(page.getByTestId('device-kind')).toHaveText('CPU');
  await expect(page.getByTestId('fallback')).toHaveText('The graphics device is emulated, and slower than the CPU.');
});

test('asked for the GPU, the engine takes also an emulated one', async ({ page }) => {
  await open(page, 'device=gpu');
  await expect(page.getByTestId('device-name')).toHaveText(/WebGPU.*SwiftShader/i);
  await expect(page.getByTestId('fallback')).toHaveCount(0);
});

test('another device is chosen on the page', async ({ page }) => {
  await open(page, 'device=auto');
  await page.getByTestId('device').selectOption('cpu');
  await engineIs(page, 'ready');
  await expect(page.getByTestId('fallback')).toHaveCount(0);
  await expect(page).toHaveURL(/device=cpu/);
});
