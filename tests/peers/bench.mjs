// Training steps of other systems in Chromium, in turns with Tenshot's own: prints a JSON array of rows {name, backend, value, unit}.
// Started by `cargo xtask bench --peers`, which sets TENSHOT_URL and CHROMIUM.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ARGUMENTS, EXECUTABLE, SITE, WEBGPU } from '../browser/support/chromium.mjs';
import { harness } from '../browser/support/worker.mjs';

const { chromium } = createRequire(new URL('../browser/', import.meta.url))('@playwright/test');

const packages = join(import.meta.dirname, 'node_modules');
const version = async (name) => JSON.parse(await readFile(join(packages, name, 'package.json'), 'utf8')).version;
const PEERS = {
  tensorflow: `TensorFlow.js ${await version('@tensorflow/tfjs-core')}`,
  jax: `jax-js ${await version('@jax-js/jax')}`,
};

const WARM_UPS = 3;
/** In turns, so that all have the same of what else the machine does. A software adapter needs seconds for a step. */
const PARTS = [
  { device: 'cpu', backend: 'wasm', rounds: 3, steps: 10 },
  { device: 'gpu', backend: 'webgpu', rounds: 1, steps: 3 },
];

/** Where the peers are for the page: a folder of the site that only this program answers for. */
const FILES = new URL('peers', SITE).href;
const PAGE = '<!doctype html><title>Peers</title><script type="module" src="page.js"></script>';

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** What the peers' page consists of, by the name within its folder: a type, and what gives the content. */
async function files() {
  const entryPoints = ['page', ...Object.keys(PEERS)].map((name) => join(import.meta.dirname, `${name}.mjs`));
  const { outputFiles } = await build({
    entryPoints, bundle: true, format: 'esm', outdir: '/', write: false, logLevel: 'error',
  });
  const model = join(import.meta.dirname, '../../models/folio');
  const wasm = join(packages, '@tensorflow/tfjs-backend-wasm/dist');
  return new Map([
    ['', ['text/html', () => PAGE]],
    ...outputFiles.map(({ path, contents }) => [path.slice(1), ['text/javascript', () => Buffer.from(contents)]]),
    ...['config.json', 'model.safetensors'].map((name) => [`model/${name}`, ['application/json', () => readFile(join(model, name))]]),
    ...['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm'].map((name) => [name, ['application/wasm', () => readFile(join(wasm, name))]]),
  ]);
}

/** Seconds of a peer's steps, and the losses of all. */
async function ofPeer(browser, served, peer, { backend, steps }) {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(`${PEERS[peer]}: ${message.text()}`);
  });
  try {
    await page.route(`${FILES}/**`, async (route) => {
      const [contentType, content] = served.get(route.request().url().slice(FILES.length + 1)) ?? [];
      await route.fulfill(contentType ? { contentType, body: await content() } : { status: 404 });
    });
    await page.goto(`${FILES}/`);
    await page.waitForFunction(() => globalThis.peers);
    return await page.evaluate(
      ([peer, backend, files, warmUps, steps]) => globalThis.peers.measure(peer, backend, files, warmUps, steps),
      [peer, backend, FILES, WARM_UPS, steps],
    );
  } finally {
    await page.close();
  }
}

/** The same of Tenshot's engine, which gives the median, and the loss of the first step after the warm-ups. */
async function ofTenshot(engine, { steps }) {
  const { rows } = await engine.call({ command: 'bench', steps, answers: false }, 'benched');
  const value = (name) => rows.find((row) => row.name === name).value;
  return { ms: value('train_step_ms'), loss: value('train_loss') };
}

/** The rows of a part. A peer that fails is told of, and has none. */
async function measured(browser, served, part) {
  const page = await browser.newPage();
  const engine = await harness(page);
  const { device } = await engine.start(part.device);
  const takes = new Map();
  const take = (backend, ms, loss) => takes.set(backend, [...(takes.get(backend) ?? []), { ms, loss }]);
  for (let round = 0; round < part.rounds; round++) {
    const { ms, loss } = await ofTenshot(engine, part);
    take(`Chromium, ${device.name}, in turns`, ms, loss);
    for (const [peer, name] of Object.entries(PEERS)) {
      try {
        const { seconds, losses } = await ofPeer(browser, served, peer, part);
        take(`Chromium, ${name}, ${part.backend}`, 1000 * median(seconds), losses[WARM_UPS]);
      } catch (error) {
        console.error(`${name}, ${part.backend}: ${error.message}`);
      }
    }
    console.error(`${part.backend}: round ${round + 1} of ${part.rounds}`);
  }
  await engine.end();
  await page.close();
  const rows = [...takes].map(([backend, all]) => ({ backend, ms: median(all.map(({ ms }) => ms)), loss: all[0].loss }));
  const [ours, ...others] = rows;
  return [
    ...rows.flatMap(({ backend, ms, loss }) => [
      { name: 'train_step_ms', backend, value: ms, unit: 'ms' },
      { name: 'train_loss', backend, value: loss, unit: 'nats' },
    ]),
    ...others.map(({ backend, ms }) => ({ name: 'train_step_ms / ours', backend, value: ms / ours.ms, unit: 'x' })),
  ];
}

const browser = await chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...WEBGPU] });
try {
  const served = await files();
  const rows = [];
  for (const part of PARTS) rows.push(...(await measured(browser, served, part)));
  console.log(JSON.stringify(rows, null, 2));
} finally {
  await browser.close();
}
