// The benchmark in Chromium: prints a JSON array of rows {name, backend, value, unit}; with the argument `growth` how the cost of a
// step grows, as `tenshot bench --growth --json` does. Started by `cargo xtask bench`, which sets TENSHOT_URL and CHROMIUM.

import { chromium } from '@playwright/test';
import { callsOfAStep, countCalls } from './support/calls.mjs';
import { ARGUMENTS, EXECUTABLE, WEBGPU } from './support/chromium.mjs';
import { harness } from './support/worker.mjs';

// A software adapter needs seconds for a step and minutes for the answers.
const PARTS = [
  { device: 'cpu', steps: 20, answers: true, mostGflop: 40 },
  { device: 'gpu', steps: 3, answers: false, mostGflop: 4 },
];
const growth = process.argv.includes('growth');

const browser = await chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...WEBGPU] });
try {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(message.text());
  });
  await countCalls(page);
  const engine = await harness(page);
  const rows = [];
  for (const { device, steps, answers, mostGflop } of PARTS) {
    const ready = await engine.start(device);
    if (growth) {
      const part = await engine.call({ command: 'grow', most_gflop: mostGflop }, 'grown');
      rows.push(...part.rows.map((row) => ({ ...row, backend: `Chromium, ${row.backend}` })));
      await engine.end();
      continue;
    }
    const part = await engine.call({ command: 'bench', steps, answers }, 'benched');
    const backend = `Chromium, ${ready.device.name}`;
    rows.push(...part.rows.map(({ name, value, unit }) => ({ name, backend, value, unit })));
    if (device === 'gpu') {
      const calls = Object.entries(await callsOfAStep(page, engine));
      rows.push(...calls.map(([name, value]) => ({ name: `step_${name}`, backend, value, unit: 'calls' })));
    }
    await engine.end();
  }
  console.log(JSON.stringify(rows, null, 2));
} finally {
  await browser.close();
}
