// How much memory the page, its worker and the browser's processes take, in MB.

import { readFile } from 'node:fs/promises';

const MEGABYTE = 1e6;

/** Of a page in which nothing is going on; what nobody holds any more is collected first. */
export async function memory(browser, page) {
  return {
    ...(await scripts(page)),
    page_wasm: await pageMemory(page),
    worker_wasm: await workerMemory(page),
    workers: page.workers().length,
    ...(await processes(browser)),
  };
}

async function scripts(page) {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('HeapProfiler.enable');
    await session.send('HeapProfiler.collectGarbage');
    await session.send('Performance.enable');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name).value;
    return { page_heap: of('JSHeapUsedSize') / MEGABYTE, nodes: of('Nodes'), listeners: of('JSEventListeners') };
  } finally {
    await session.detach();
  }
}

// A WebAssembly memory never shrinks: what is seen is the most that was needed.

async function pageMemory(page) {
  return (await page.evaluate(wasmBytes, await page.evaluate(pageScript))) / MEGABYTE;
}

async function workerMemory(page) {
  // One that was replaced may still be listed: a browser ends it when the device has done what it was told.
  const worker = page.workers().at(-1);
  if (!worker) throw new Error('the page has no worker');
  return (await worker.evaluate(wasmBytes, await page.evaluate(workerScript))) / MEGABYTE;
}

function pageScript() {
  const { content } = document.querySelector('meta[name="tenshot-page"]');
  return new URL(content, document.baseURI).href;
}

function workerScript() {
  const { assets } = document.querySelector('meta[name="tenshot"]').dataset;
  return new URL(`${assets}worker.js`, document.baseURI).href;
}

/** A module's `init` gives, the second time, the WebAssembly that is there. */
async function wasmBytes(script) {
  const { default: init } = await import(script);
  return (await init()).memory.buffer.byteLength;
}

/** What the processes hold of the machine's memory; not known where the system has no /proc. */
async function processes(browser) {
  if (process.platform !== 'linux') return {};
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sums = { renderers: 0, gpu_process: 0, browser: 0 };
  const kinds = { renderer: 'renderers', GPU: 'gpu_process', browser: 'browser' };
  for (const { type, id } of processInfo) {
    const kind = kinds[type];
    if (kind) sums[kind] += await resident(id);
  }
  return sums;
}

/** Without the program's own files: processes share them. */
async function resident(id) {
  // A renderer may have gone since it was listed.
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
  const kibibytes = [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)].reduce((sum, [, one]) => sum + Number(one), 0);
  return (kibibytes * 1024) / MEGABYTE;
}
