// The dedicated worker's script: loads the engine, which then listens for messages. Messages that arrive earlier are lost, so
// the page waits for the engine's first one. If loading fails, the worker's `error` event tells the page.

import init from './worker.js';

await init({ module_or_path: new URL('./worker_bg.wasm', import.meta.url) });
