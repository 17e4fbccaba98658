// Several runs in one worker: they take turns, each has its own record, and the adapter of each can be asked.

import { expect, test } from './support/test.mjs';
import { harness, smallPlan } from './support/worker.mjs';

test.setTimeout(6 * 60_000);

test('two runs at the same time are what they are alone, and both adapters can be asked', async ({ page }) => {
  const engine = await harness(page);
  const plans = ['harmful', 'safety'].map((set) => ({ ...smallPlan(), data: [{ source: 'drawn', set, size: 10, draw: 1 }] }));
  const losses = (record) => record.steps.map((step) => step.loss);

  await engine.start('cpu');
  const alone = [];
  for (const plan of plans) {
    const { records } = await engine.run(plan);
    alone.push(records[0]);
    await engine.call({ command: 'reset' }, 'was-reset');
  }
  const { order, records } = await engine.run(...plans);
  expect(records.map(losses)).toEqual(alone.map(losses));
  expect(records.map((record) => record.status.kind)).toEqual(['finished', 'finished']);
  const turns = order.filter((run, place) => place > 0 && run !== order[place - 1]).length;
  expect(turns, 'they take turns').toBeGreaterThan(10);

  const { question } = smallPlan().evaluation.questions.forbidden[0];
  const [condition] = smallPlan().evaluation.conditions;
  const ask = (run) => engine.call({ command: 'ask', id: run ?? 0, run, question, condition, aloud: false }, 'answer');
  const [none, first, second] = [await ask(null), await ask(1), await ask(2)];
  expect(none.tuned).toBeNull();
  expect(first.original).toBe(none.original);
  expect(first.tuned).not.toBe(second.tuned);
  // A run that is not there any more has no adapter.
  await engine.call({ command: 'reset' }, 'was-reset');
  expect((await ask(1)).tuned).toBeNull();
  await engine.end();
});
