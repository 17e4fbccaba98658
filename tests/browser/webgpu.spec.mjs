// What the engine asks of WebGPU for a step and for an answer. That the numbers are right is checked through the door
// (door.spec.mjs).

import { expect, test } from './support/test.mjs';
import { callsOf, callsOfAStep, countCalls } from './support/calls.mjs';
import { harness, smallPlan } from './support/worker.mjs';

// A software adapter takes ten seconds for what the CPU does in a tenth of one.
test.setTimeout(20 * 60_000);

/** Dispatches of a token: five for each block, and three. */
const TOKEN = 5 * 4 + 3;

// Speed is measured elsewhere; what a step and an answer cost the host is counted here, and more of it fails. It is one test, as
// a software adapter takes a minute to compile the kernels.
test('a recorded step is few calls and makes no objects, and an answer is few for each token', async ({ page }) => {
  await countCalls(page);
  const engine = await harness(page);
  await engine.start('gpu');
  await test.step('a step', () => stepIsFewCalls(page, engine));
  await test.step('an answer', () => answerIsFewCalls(page, engine));
  await engine.end();
});

async function stepIsFewCalls(page, engine) {
  const calls = await callsOfAStep(page, engine);
  console.log(`calls of a step: ${JSON.stringify(calls)}`);
  expect(calls.dispatches).toBeGreaterThan(0);
  expect(calls.dispatches).toBeLessThanOrEqual(60);
  expect(calls.submits).toBeLessThanOrEqual(2);
  expect(calls.readbacks).toBe(1);
  // The benchmark around the steps may make one more buffer, or one fewer: none of the steps does.
  for (const made of ['bindGroups', 'buffers', 'pipelines']) expect(calls[made], made).toBeLessThan(0.5);
}

async function answerIsFewCalls(page, engine) {
  const { forbidden } = smallPlan().evaluation.questions;
  const [condition] = smallPlan().evaluation.conditions;
  const question = forbidden[0].question;
  const ask = () => engine.call({ command: 'ask', id: 1, run: null, question, condition, aloud: false }, 'answer');
  const first = await ask();
  // By now its tokens are recorded, and the engine knows how many there are.
  await ask();
  const calls = await callsOf(page, async () => expect(await ask()).toEqual(first));
  console.log(`calls of an answer: ${JSON.stringify(calls)}`);
  const tokens = calls.dispatches / TOKEN;
  expect(tokens, 'the prompt and each further token are so many').toBe(Math.round(tokens));
  expect(tokens).toBeGreaterThan(3);
  // A slow adapter is looked at after every token, so that a run can be stopped.
  expect(calls.readbacks).toBeLessThanOrEqual(tokens);
  // Of the prompt, which is launched kernel by kernel, and of nothing else.
  expect(calls.bindGroups).toBeLessThanOrEqual(TOKEN);
  expect(calls.buffers).toBeLessThanOrEqual(2);
  expect(calls.pipelines).toBe(0);
}
