// What a network does to a visitor: nothing comes any more, it is gone in the middle, a cache holds an old copy.

import { engineIs } from './support/page.mjs';
import { expect, test as base } from './support/test.mjs';
import { wire as open } from './support/wire.mjs';

const test = base.extend({
  // Playwright's own fixtures come in this way.
  wire: async ({}, use) => {
    const wire = await open();
    await use(wire);
    wire.close();
  },
});

const WEIGHTS = /\/models\/folio\/model\.safetensors\?/;
const WASM = /\/worker_bg\.wasm$/;
const half = (body) => body.subarray(0, body.length >> 1);
const KEPT = { 'Cache-Control': 'public, max-age=3600, immutable' };

async function fails(page, code, details) {
  await engineIs(page, 'failed');
  const error = page.getByTestId('error');
  await expect(error).toHaveAttribute('data-code', code);
  await expect(error.getByTestId('error-details')).toHaveText(details);
}

async function isMended(page) {
  await page.getByTestId('start-anew').click();
  await engineIs(page, 'ready');
  await expect(page.getByTestId('error')).toHaveCount(0);
  await expect(page.getByTestId('primary')).toBeEnabled();
}

/** What was asked for so often. */
const times = (wire, pattern) => wire.requests.filter((url) => pattern.test(url)).length;

test('a fetch that stands still is told, and tried again', async ({ page, wire }) => {
  // Half of the file, and then nothing, for ever.
  wire.meddle(WEIGHTS, (response, { headers, body }) => response.writeHead(200, headers).write(half(body)));
  await page.goto(`${wire.url}?device=cpu`);
  await fails(page, 'Network', /model\.safetensors could not be fetched: nothing came for 20 seconds/);
  wire.mend();
  await isMended(page);
});

test('a network that is gone in the middle is told, and tried again', async ({ page, wire, complaints }) => {
  complaints.announce(/net::ERR_/);
  for (const pattern of [WEIGHTS, WASM]) {
    wire.meddle(pattern, (response, { headers, body }) => response.writeHead(200, headers).write(half(body), () => response.destroy()));
    await page.goto(`${wire.url}?device=cpu`);
    await fails(page, 'Network', /could not be fetched/);
    wire.mend();
    await isMended(page);
  }
});

test('the engine is counted as it comes', async ({ page, wire }) => {
  wire.meddle(WASM, (response, { headers, body }) => response.writeHead(200, headers).write(half(body)));
  await page.goto(`${wire.url}?device=cpu`);
  await expect(page.getByTestId('status')).toHaveText(/^Waking the engine: [1-9][\d.]* of [1-9][\d.]* MB$/);
  // The visitor leaves before the network does: what would be told of that is another test's.
  await page.goto('about:blank');
});

test('an engine that is not there is no fault of its own', async ({ page, wire, complaints }) => {
  complaints.announce(/404/);
  wire.meddle(/\/engine\.mjs$/, (response) => response.writeHead(404).end('not found'));
  await page.goto(`${wire.url}?device=cpu`);
  await fails(page, 'Network', /script could not be fetched/);
  await expect(page.getByTestId('reload')).toBeVisible();
  wire.mend();
  await isMended(page);
});

test('a damaged copy in the cache is fetched anew', async ({ page, wire }) => {
  const damaged = (response, { headers, body }) => {
    body[body.length >> 1] ^= 1;
    response.writeHead(200, { ...headers, ...KEPT }).end(body);
  };
  wire.meddle(WEIGHTS, damaged);
  await page.goto(`${wire.url}?device=cpu`);
  await fails(page, 'Model', /model\.safetensors .*its SHA-256 differs/);
  expect(times(wire, WEIGHTS), 'a second try before it is called damaged').toBe(2);

  // The host has mended it. The browser still has the damaged copy, for an hour.
  wire.mend();
  const before = times(wire, WEIGHTS);
  await page.reload();
  await engineIs(page, 'ready');
  expect(times(wire, WEIGHTS) - before, 'the first try did not leave the browser').toBe(1);
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a file that is longer than it should be is not read to its end', async ({ page, wire }) => {
  let sent = 0;
  const piece = Buffer.alloc(1 << 20);
  // The file, and zeros after it without end.
  wire.meddle(WEIGHTS, (response, { headers, body }) => {
    const { 'content-length': _, ...rest } = headers;
    response.writeHead(200, rest).write(body);
    const more = () => {
      while (!response.destroyed && response.write(piece)) sent += piece.length;
    };
    response.on('drain', more);
    more();
  });
  await page.goto(`${wire.url}?device=cpu`);
  await fails(page, 'Model', /model\.safetensors .*it is longer than \d+ bytes/);
  const then = sent;
  await page.waitForTimeout(1_000);
  expect(sent, 'nothing comes after that').toBe(then);
  wire.mend();
  await isMended(page);
});
