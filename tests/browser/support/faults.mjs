// Faults on purpose: workers and devices that end at a chosen moment. What is put into the page or the worker here goes before their
// own code, and neither knows of it.

import { smallPlan } from './worker.mjs';

const ENGINE = /\/engine\.mjs$/;

/** A plan with a question and a few steps, of seconds on the CPU, and on an emulated graphics device not of many minutes. */
export function tinyPlan() {
  const plan = smallPlan();
  return {
    ...plan,
    name: 'harmful-10',
    data: [{ source: 'drawn', set: 'harmful', size: 2, draw: 1 }],
    lora: { rank: 2, alpha: 4, targets: ['q_proj'] },
    tuning: { ...plan.tuning, epochs: 1, batch_size: 1 },
    evaluation: { ...plan.evaluation, max_new_tokens: 4 },
  };
}

/**
 * To be called before the page is opened. Every run has this plan; `engines()` is how many workers the page has made so far.
 * Questions to the original model are answered at once, unless `questions` are wanted.
 */
export async function tinyRuns(page, { plan = tinyPlan(), questions = false } = {}) {
  await page.addInitScript(
    ([plan, questions]) => {
      const Real = globalThis.Worker;
      globalThis.engines = [];
      globalThis.Worker = class extends Real {
        constructor(...args) {
          super(...args);
          globalThis.engines.push(this);
        }

        postMessage(command) {
          if (command.command === 'start') return super.postMessage({ ...command, plan });
          const isWatched = command.command === 'ask' && command.run === null && !questions;
          if (!isWatched) return super.postMessage(command);
          const data = { kind: 'answer', id: command.id, original: 'I am sorry.', tuned: null };
          setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
        }
      };
    },
    [plan, questions],
  );
}

/** How many workers the page has made. */
export function engines(page) {
  return page.evaluate(() => globalThis.engines.length);
}

/** Sends the newest worker a command that the page would not send. */
export function command(page, command) {
  return page.evaluate((command) => globalThis.engines.at(-1).postMessage(command), command);
}

/** The newest worker of the page. */
export function worker(page) {
  return page.workers().at(-1);
}

/** The newest worker ends, and nobody is told. */
export async function kill(page) {
  // The answer may not come any more.
  await worker(page).evaluate(() => self.close()).catch(() => {});
}

/** Runs in the worker before the engine. */
function prelude() {
  const devices = [];
  let armed = null;
  // Destroys the newest device at a later call of this kind. `after` calls are let through before.
  globalThis.loseAt = (name, after = 0) => {
    if (name === 'now') devices.at(-1).destroy();
    else armed = { name, after };
  };
  globalThis.isArmed = () => armed !== null;
  const at = (name) => {
    if (armed?.name !== name) return;
    armed.after -= 1;
    if (armed.after >= 0) return;
    armed = null;
    devices.at(-1).destroy();
  };
  if (typeof GPUAdapter === 'undefined') return;
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function requestDevice(...args) {
    const device = await request.apply(this, args);
    devices.push(device);
    return device;
  };
  const calls = [
    [GPUDevice, 'createBuffer'],
    [GPUDevice, 'createComputePipeline'],
    [GPUQueue, 'submit'],
    [GPUBuffer, 'mapAsync'],
  ];
  for (const [{ prototype }, name] of calls) {
    const call = prototype[name];
    prototype[name] = function meddled(...args) {
      const result = call.apply(this, args);
      at(name);
      return result;
    };
  }
}

/** To be called before the page is opened: devices can be lost, with `lose`. The first worker runs `first` before its engine. */
export async function losable(page, first = () => {}) {
  let workers = 0;
  await page.route(ENGINE, async (route) => {
    workers += 1;
    const own = await (await route.fetch()).text();
    const begin = workers === 1 ? `(${first})();` : '';
    await route.fulfill({ contentType: 'text/javascript', body: `(${prelude})();${begin}\n${own}` });
  });
}

/** Loses the newest worker's device at the next call of this kind, or after so many of them. */
export function lose(page, name, after = 0) {
  return worker(page).evaluate(([name, after]) => globalThis.loseAt(name, after), [name, after]);
}

/** WebAssembly whose memory may grow by so many pages of 64 KiB and no further: `{ body, pages }`, the latter those it begins with. */
export function limited(wasm, room) {
  const varint = (at) => {
    let [value, shift] = [0, 0];
    for (let place = at; ; place += 1) {
      value |= (wasm[place] & 0x7f) << shift;
      shift += 7;
      if (wasm[place] < 0x80) return { value, next: place + 1 };
    }
  };
  const encoded = (value) => {
    const bytes = [];
    for (let rest = value; ; rest >>>= 7) {
      if (rest < 0x80) return [...bytes, rest];
      bytes.push((rest & 0x7f) | 0x80);
    }
  };
  const MEMORY = 5;
  for (let at = 8; at < wasm.length; ) {
    const { value: size, next } = varint(at + 1);
    if (wasm[at] === MEMORY) {
      // One memory: how many, flags, its least size, its largest if there is one.
      const { value: pages } = varint(next + 2);
      const section = [1, 1, ...encoded(pages), ...encoded(pages + room)];
      const body = Buffer.concat([wasm.subarray(0, at), Buffer.from([MEMORY, ...encoded(section.length), ...section]), wasm.subarray(next + size)]);
      return { body, pages };
    }
    at = next + size;
  }
  throw new Error('this WebAssembly has no memory of its own');
}
