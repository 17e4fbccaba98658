// WebGPU and the CPU compute the same: ten optimizer steps and the answers around them.

import { expect, test } from './support/test.mjs';
import { callsOf, callsOfAStep, countCalls } from './support/calls.mjs';
import { harness, smallPlan } from './support/worker.mjs';

// A software adapter takes ten seconds for what the CPU does in a tenth of one.
test.setTimeout(20 * 60_000);

/** Dispatches of a token: five for each block, and three. */
const TOKEN = 5 * 4 + 3;

test('ten steps on WebGPU give the losses of the CPU', async ({ page }) => {
  const engine = await harness(page);
  const records = {};
  for (const device of ['cpu', 'gpu']) {
    const ready = await engine.start(device);
    expect(ready.device.kind).toBe(device);
    const begun = Date.now();
    ({ records: [records[device]] } = await engine.run(smallPlan()));
    await engine.end();
    console.log(`${ready.device.name}: ten steps with their measurements in ${(Date.now() - begun) / 1e3} s`);
  }
  const { cpu, gpu } = records;
  for (const record of [cpu, gpu]) {
    expect(record.status).toEqual({ kind: 'finished' });
    expect(record.steps).toHaveLength(11);
  }
  const answer = (record) => record.before.measurements[0].forbidden[0].answer;
  expect(answer(cpu)).not.toBe('');
  expect(answer(gpu)).toBe(answer(cpu));
  for (let step = 1; step <= 10; step += 1) {
    const [a, b] = [cpu.steps[step].loss, gpu.steps[step].loss];
    expect(a).toBeGreaterThan(0);
    expect(Math.abs(b - a) / a, `step ${step}: ${a} on the CPU, ${b} on WebGPU`).toBeLessThan(1e-3);
  }
  expect(cpu.steps[10].loss).toBeLessThan(cpu.steps[1].loss);
});

// Speed is measured elsewhere; what a step costs the host is counted here, and more of it fails.
test('a recorded step is few calls and makes no objects', async ({ page }) => {
  await countCalls(page);
  const engine = await harness(page);
  await engine.start('gpu');
  const calls = await callsOfAStep(page, engine);
  console.log(`calls of a step: ${JSON.stringify(calls)}`);
  await engine.end();
  expect(calls.dispatches).toBeGreaterThan(0);
  expect(calls.dispatches).toBeLessThanOrEqual(80);
  expect(calls.submits).toBeLessThanOrEqual(4);
  expect(calls.readbacks).toBeLessThanOrEqual(3);
  // The benchmark around the steps may make one more buffer, or one fewer: none of the steps does.
  for (const made of ['bindGroups', 'buffers', 'pipelines']) expect(calls[made], made).toBeLessThan(0.5);
});

test('an answer is few calls for each of its tokens', async ({ page }) => {
  await countCalls(page);
  const engine = await harness(page);
  await engine.start('gpu');
  const { forbidden } = smallPlan().evaluation.questions;
  const [condition] = smallPlan().evaluation.conditions;
  const question = forbidden[0].question;
  const ask = () => engine.call({ command: 'ask', id: 1, run: null, question, condition }, 'answer');
  const first = await ask();
  // By now its tokens are recorded, and the engine knows how many there are.
  await ask();
  const calls = await callsOf(page, async () => expect(await ask()).toEqual(first));
  console.log(`calls of an answer: ${JSON.stringify(calls)}`);
  await engine.end();
  const tokens = calls.dispatches / TOKEN;
  expect(tokens, 'the prompt and each further token are so many').toBe(Math.round(tokens));
  expect(tokens).toBeGreaterThan(3);
  // A slow adapter is looked at after every token, so that a run can be stopped.
  expect(calls.readbacks).toBeLessThanOrEqual(tokens);
  // Of the prompt, which is launched kernel by kernel, and of nothing else.
  expect(calls.bindGroups).toBeLessThanOrEqual(TOKEN);
  expect(calls.buffers).toBeLessThanOrEqual(2);
  expect(calls.pipelines).toBe(0);
});
