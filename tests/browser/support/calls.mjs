// What the worker asks of WebGPU, counted call by call: a step's cost for the host is the number of calls and of objects that
// it makes.

import { prelude } from './worker.mjs';

/** Runs in the worker before its own script. */
const PRELUDE = `
globalThis.gpuCalls = { dispatches: 0, submits: 0, writes: 0, readbacks: 0, bindGroups: 0, buffers: 0, pipelines: 0 };
for (const [type, method, name] of [
  [GPUComputePassEncoder, 'dispatchWorkgroups', 'dispatches'],
  [GPUQueue, 'submit', 'submits'],
  [GPUQueue, 'writeBuffer', 'writes'],
  [GPUBuffer, 'mapAsync', 'readbacks'],
  [GPUDevice, 'createBindGroup', 'bindGroups'],
  [GPUDevice, 'createBuffer', 'buffers'],
  [GPUDevice, 'createComputePipeline', 'pipelines'],
  [GPUDevice, 'createComputePipelineAsync', 'pipelines'],
]) {
  const call = type.prototype[method];
  type.prototype[method] = function (...values) {
    globalThis.gpuCalls[name] += 1;
    return call.apply(this, values);
  };
}
`;

/** Has every worker that the page starts from now on count its calls. */
export async function countCalls(page) {
  await prelude(page, PRELUDE);
}

/** What the worker asks for meanwhile. */
export async function callsOf(page, work) {
  const [worker] = page.workers();
  const before = await worker.evaluate(() => ({ ...globalThis.gpuCalls }));
  await work();
  const now = await worker.evaluate(() => ({ ...globalThis.gpuCalls }));
  return Object.fromEntries(Object.keys(now).map((name) => [name, now[name] - before[name]]));
}

/** The calls of a training step once everything is warm: what four more steps of the benchmark ask for, divided by four. */
export async function callsOfAStep(page, engine) {
  const after = (steps) => callsOf(page, () => engine.call({ command: 'bench', steps, answers: false }, 'benched'));
  // The first time kernels are compiled; from the second on only the number of steps differs.
  await after(1);
  const [few, more] = [await after(1), await after(5)];
  return Object.fromEntries(Object.keys(few).map((name) => [name, (more[name] - few[name]) / 4]));
}
