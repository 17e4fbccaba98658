// Training does not eat memory: the worker's is as large after 800 steps as after 600.

import { expect, test } from './support/test.mjs';
import { harness } from './support/worker.mjs';

test.setTimeout(10 * 60_000);

test('the memory of the worker stays as large as it is', async ({ page }) => {
  const engine = await harness(page);
  await engine.start('cpu');
  const bench = async () => {
    const { rows } = await engine.call({ command: 'bench', steps: 200, answers: false }, 'benched');
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  // A later tuning finds the memory of those before it in pieces, and may need a few pages more, once; from then on it stays.
  const [first, second, third, last] = [await bench(), await bench(), await bench(), await bench()].map((rows) => rows.memory_after_mb);
  console.log('memory in MB', first, second, third, last);
  expect(first).toBeGreaterThan(1);
  expect(third).toBeLessThan(first + 1);
  expect(last).toBe(third);
});
