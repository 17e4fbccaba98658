// The engine on Firefox's WebGPU, in software where there is no GPU: other kernels' numbers, and another browser's compiler.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { firefox, visit } from './support/firefox.mjs';
import { call, engineIsReady } from './support/page.mjs';
import { golden, lossesAreGolden } from './support/golden.mjs';

let browser;
before(async () => {
  browser = await firefox({ webgpu: true });
});
after(() => browser?.close());

// Two steps: compiling the kernels takes longer than either, and in software each takes seconds.
test('the losses on WebGPU are those of every device', { timeout: 8 * 60_000 }, (t) =>
  visit(browser, '?lang=en&device=cpu', async (page) => {
    await engineIsReady(page);
    // Firefox 140 for Linux has the interface and refuses with an error whoever asks for an adapter.
    const adapter = await page.evaluate(() => navigator.gpu?.requestAdapter().then(Boolean, () => false));
    if (!adapter) {
      t.skip('Firefox offers no WebGPU adapter here (Debian: mesa-vulkan-drivers is one in software)');
      return;
    }
    const { plan } = await golden();
    const short = { ...plan, tuning: { ...plan.tuning, epochs: 1 } };
    const { value: record, code, message } = await call(page, 'run', { plan: short, device: 'gpu' });
    assert.equal(code, undefined, message);
    assert.equal(record.environment.device.kind, 'gpu');
    await lossesAreGolden(record, 2);
  }),
);
