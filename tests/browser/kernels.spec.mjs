// What multiplies in WebAssembly where a browser does not have relaxed SIMD, or takes no kernel at all.

import { expect, test } from './support/test.mjs';
import { harness, prelude, smallPlan } from './support/worker.mjs';

/** The first so many programs of a few kB are refused, as by a browser that does not know what is in them. */
const refusing = (count) => `
const Program = WebAssembly.Module;
let refused = 0;
WebAssembly.Module = function (bytes) {
  if (bytes.byteLength < 10_000 && refused++ < ${count}) throw new WebAssembly.CompileError('unknown instruction');
  return new Program(bytes);
};
`;

test('without a kernel a run comes to the same', async ({ page }) => {
  test.setTimeout(3 * 60_000);
  const runs = [];
  for (const [count, name] of ['WebAssembly relaxed SIMD', 'WebAssembly SIMD', 'WebAssembly SIMD'].entries()) {
    await page.unrouteAll();
    await prelude(page, refusing(count));
    const engine = await harness(page);
    const { device } = await engine.start('cpu');
    expect(device.name, `${count} refused`).toBe(name);
    const { records } = await engine.run(smallPlan());
    runs.push(records[0]);
    await engine.end();
  }
  // Before the first step there is no loss.
  const losses = (record) => record.steps.slice(1).map(({ loss }) => loss);
  const answers = (record) => record.steps.map((step) => step.answers.map(({ answer }) => answer));
  const [first, ...others] = runs;
  expect(losses(first)).toHaveLength(10);
  for (const other of others) {
    for (const [step, loss] of losses(other).entries())
      expect(Math.abs(loss / losses(first)[step] - 1), `step ${step}`).toBeLessThan(1e-4);
    expect(answers(other)).toEqual(answers(first));
  }
  // The last bits differ, so that this is another kernel indeed.
  expect(losses(others[0])).not.toEqual(losses(first));
});
