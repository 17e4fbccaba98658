// Training does not eat memory: the worker's is as large after 400 steps as after 200.

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
  const [first, second] = [await bench(), await bench()];
  console.log('first', first, 'second', second);
  expect(first.memory_after_mb).toBeGreaterThan(1);
  expect(second.memory_after_mb).toBe(first.memory_after_mb);
});
