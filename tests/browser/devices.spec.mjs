// Which device the page takes where WebGPU is emulated in software.

import { engineIs, open } from './support/page.mjs';
import { expect, test } from './support/test.mjs';
import { prelude } from './support/worker.mjs';

/** The emulated adapter gives itself out for a real one. */
const DISGUISE = `
for (const [name, value] of Object.entries({ vendor: 'test', architecture: 'disguised', device: '', description: '', isFallbackAdapter: false }))
  Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
`;

/** Its shaders compute something else: all that is exponential. */
const WRONG = `
const usual = GPUDevice.prototype.createShaderModule;
GPUDevice.prototype.createShaderModule = function (descriptor) {
  return usual.call(this, { ...descriptor, code: descriptor.code.replaceAll('exp(', 'exp2(') });
};
`;

/** Time passes slowly, so that nobody loses patience with an emulated adapter. */
const PATIENT = `
const clock = performance.now.bind(performance);
performance.now = () => clock() / 100;
`;

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

test('a GPU that takes too long is not waited for, and not tried again', async ({ page }) => {
  test.setTimeout(4 * 60_000);
  await prelude(page, DISGUISE);
  for (const visit of [1, 2]) {
    const begun = Date.now();
    await open(page, 'device=auto&lang=en');
    console.log(`visit ${visit}: ready after ${(Date.now() - begun) / 1e3} s`);
    await expect(page.getByTestId('device-kind')).toHaveText('CPU');
    await expect(page.getByTestId('fallback')).toHaveText('The graphics device is slower than the CPU.');
    await expect(page.getByTestId('measured')).toHaveText(/ms on the CPU; WebGPU needed more than ten seconds\.$/);
  }
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('tenshot-measured')));
  expect(kept.measured).toMatchObject({ adapter: 'WebGPU, test disguised', gpu_ms: null });
  expect(kept.measured.cpu_ms).toBeGreaterThan(0);
  // What is remembered decides.
  const faster = { ...kept, measured: { ...kept.measured, gpu_ms: 1 } };
  await page.evaluate((kept) => localStorage.setItem('tenshot-measured', JSON.stringify(kept)), faster);
  await open(page, 'device=auto&lang=en');
  await expect(page.getByTestId('device-kind')).toHaveText('WebGPU');
  await expect(page.getByTestId('measured')).toHaveText(/takes 1 ms with WebGPU, [\d,]+ ms on the CPU\.$/);
});

test('a GPU that computes wrong numbers is not used, and the page says which', async ({ page }) => {
  test.setTimeout(8 * 60_000);
  await prelude(page, DISGUISE + WRONG + PATIENT);
  await page.goto('?device=auto&lang=en');
  await expect(page.getByTestId('engine')).toHaveAttribute('data-state', 'ready', { timeout: 6 * 60_000 });
  await expect(page.getByTestId('device-kind')).toHaveText('CPU');
  await expect(page.getByTestId('fallback')).toHaveText(/computes wrong numbers, so it is not used: the .* of step \d$/);
  await expect(page.getByTestId('measured')).toHaveCount(0);
  expect(await page.evaluate(() => localStorage.getItem('tenshot-measured'))).toBeNull();
});
