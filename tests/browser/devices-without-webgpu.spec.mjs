// Which device the page takes where the browser offers no adapter: Chromium without the flags for WebGPU.

import { ARGUMENTS, EXECUTABLE } from './support/chromium.mjs';
import { engineIs, open } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.use({ launchOptions: { executablePath: EXECUTABLE, args: ARGUMENTS } });

test('without an adapter the engine takes the CPU and says why', async ({ page }) => {
  await open(page, 'device=auto');
  await expect(page.getByTestId('device-kind')).toHaveText('CPU');
  await expect(page.getByTestId('fallback')).toHaveText(
    /This browser (has no WebGPU|offers no graphics device)\./,
  );
});

test('asked for a GPU that is not there, the engine says so and starts on the CPU instead', async ({ page }) => {
  await page.goto('?device=gpu');
  await engineIs(page, 'failed');
  const error = page.getByTestId('error');
  await expect(error).toHaveAttribute('data-code', 'NoGpu');
  await expect(error).toContainText('There is no WebGPU here');
  await expect(page.getByTestId('primary')).toBeDisabled();
  await error.getByTestId('start-on-cpu').click();
  await engineIs(page, 'ready');
  await expect(page.getByTestId('device-kind')).toHaveText('CPU');
  await expect(page.getByTestId('error')).toHaveCount(0);
  await expect(page.getByTestId('primary')).toBeEnabled();
});
