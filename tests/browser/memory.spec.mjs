// Training does not eat memory: the worker's is as large after 600 steps as after 400.

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
  // The second tuning finds the memory of the first in pieces, and needs a few pages more; from then on it stays.
  const [first, second, third] = [await bench(), await bench(), await bench()];
  console.log('first', first, 'second', second, 'third', third);
  expect(first.memory_after_mb).toBeGreaterThan(1);
  expect(second.memory_after_mb).toBeLessThan(first.memory_after_mb + 1);
  expect(third.memory_after_mb).toBe(second.memory_after_mb);
});
