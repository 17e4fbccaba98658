// What the door says where there is no adapter, no model, or no engine.

import { ARGUMENTS, EXECUTABLE } from './support/chromium.mjs';
import { stateIs } from './support/door.mjs';
import { expect, test } from './support/test.mjs';

test.use({ launchOptions: { executablePath: EXECUTABLE, args: ARGUMENTS } });

test('a program can tell what is missing', async ({ page, complaints }) => {
  complaints.announce(/WebGPU|graphics|adapter|404|503|the page shows|Failed to load resource/i);
  await page.goto('?device=gpu&autorun=check');
  expect(await stateIs(page, 'failed')).toMatchObject({ code: 'no-gpu', device: null, run: null });
  const refused = await page.evaluate(() => globalThis.tenshot.ready.catch(({ code }) => code));
  expect(refused).toBe('no-gpu');

  await page.route(/models\/folio\/model\.safetensors/, (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto('?device=cpu&autorun=1&hold', { waitUntil: 'commit' });
  expect(await stateIs(page, 'failed')).toMatchObject({ code: 'network' });
});
