// What goes wrong is said, costs at most one worker, and can be mended.

import { atLeastSteps, engineIs, longRuns, open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

// The address of a model's file ends in a part of its hash.
const WEIGHTS = /\/models\/folio\/model\.safetensors\?/;
const WORKER = /\/engine\.mjs$/;

/** The page is still itself. */
async function isAlive(page) {
  await page.getByTestId('lang-zh').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await page.getByTestId('lang-en').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByTestId('preset-benign-200').check();
  await expect(page.getByTestId('preset-about')).toContainText('Everyday questions');
}

async function fails(page, code, title, details) {
  await engineIs(page, 'failed');
  const error = page.getByTestId('error');
  await expect(error).toHaveAttribute('data-code', code);
  await expect(error).toContainText(title);
  await expect(error.getByTestId('error-details')).toHaveText(details);
  await expect(page.getByTestId('primary')).toBeDisabled();
}

async function isMended(page) {
  await page.getByTestId('start-anew').click();
  await engineIs(page, 'ready');
  await expect(page.getByTestId('error')).toHaveCount(0);
  await expect(page.getByTestId('primary')).toBeEnabled();
}

const damages = {
  'a flipped bit': (bytes) => {
    bytes[bytes.length >> 1] ^= 1;
    return bytes;
  },
  'a missing half': (bytes) => bytes.subarray(0, bytes.length >> 1),
};

for (const [name, damage] of Object.entries(damages)) {
  test(`a model with ${name} is refused`, async ({ page }) => {
    let served = 0;
    await page.route(WEIGHTS, async (route) => {
      served += 1;
      const response = await route.fetch();
      await route.fulfill({ contentType: 'application/octet-stream', body: damage(await response.body()) });
    });
    await page.goto('?device=cpu');
    await fails(page, 'Model', 'This is not the model that belongs here', /model\.safetensors/);
    expect(served, 'once more past the cache, and not again and again').toBe(2);
    await isAlive(page);
    await page.unroute(WEIGHTS);
    await isMended(page);
  });
}

test('the addresses of the model change with its content', async ({ page }) => {
  const manifest = await (await page.request.get('models/folio/manifest.json')).json();
  const fetched = [];
  page.on('request', (request) => {
    const [, file] = /\/models\/(.*)$/.exec(request.url()) ?? [];
    if (file) fetched.push(file);
  });
  await open(page);
  // The list of files comes with the engine: an older one in a cache cannot name other files.
  expect(fetched.sort()).toEqual(manifest.files.map(({ path, sha256 }) => `folio/${path}?${sha256.slice(0, 16)}`).sort());
});

test('a missing file is named', async ({ page, complaints }) => {
  complaints.announce(/^console: Failed to load resource: the server responded with a status of 404 .*model\.safetensors\?\w+\)$/);
  await page.route(WEIGHTS, (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto('?device=cpu');
  await fails(page, 'Network', 'Folio could not be fetched', /model\.safetensors could not be fetched: the server answered 404/);
  await isAlive(page);
  await page.unroute(WEIGHTS);
  await isMended(page);
});

test('a worker that panics at once is replaced twice, then the visitor is asked', async ({ page }) => {
  let started = 0;
  await page.route(WORKER, (route) => {
    started += 1;
    return route.fulfill({
      contentType: 'text/javascript',
      body: "postMessage({ kind: 'failed', error: { code: 'panic', message: 'the test panicked', fatal: true } });",
    });
  });
  await page.goto('?device=cpu');
  await fails(page, 'Panic', '', 'the test panicked');
  expect(started).toBe(3);
  await isAlive(page);
  await page.unroute(WORKER);
  await isMended(page);
});

test('a worker that panics in the middle of a run costs that run only', async ({ page }) => {
  test.setTimeout(6 * 60_000);
  let started = 0;
  await page.route(WORKER, (route) => {
    started += 1;
    if (started > 1) return route.continue();
    // The real engine, which tells of a panic after its second step.
    return route.fulfill({
      contentType: 'text/javascript',
      body: `
        import init from './worker.js';
        const post = self.postMessage.bind(self);
        self.postMessage = (event) => {
          post(event);
          if (event.kind !== 'run' || event.event.event !== 'step' || event.event.step.step !== 2) return;
          post({ kind: 'failed', error: { code: 'panic', message: 'the test panicked', fatal: true } });
        };
        await init({ module_or_path: new URL('./worker_bg.wasm', import.meta.url) });
      `,
    });
  });
  await open(page);
  await page.getByTestId('primary').click();
  await expect(page.getByTestId('recovered')).toHaveAttribute('data-code', 'Panic', { timeout: 3 * 60_000 });
  await engineIs(page, 'ready');
  await primaryIs(page, 'start');
  await isAlive(page);
  await page.getByTestId('dismiss').click();
  await expect(page.getByTestId('recovered')).toHaveCount(0);
  await page.getByTestId('preset-harmful-10').check();
  await longRuns(page);
  await page.getByTestId('primary').click();
  await atLeastSteps(page, 3);
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  expect(started).toBe(2);
});
