// The text that the page makes the engine's worker from, so that the page's policy holds in it (src/page/worker_link.rs). Before it
// stands `const engine = "…";`, the address of engine.mjs. A dynamic import, as that one says when it fails, and is governed by
// script-src: a static one would be by worker-src, which then had to allow workers without a fence.

import(engine).catch((error) => {
  const message = `The engine's script could not be fetched: ${error.message}`;
  postMessage({ kind: 'failed', error: { code: 'network', message, fatal: true } });
});
