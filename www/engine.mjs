// The engine's worker: loads its WebAssembly, which then listens for messages. Messages that arrive earlier are lost, so the page
// waits for the engine's first one. What ends WebAssembly without a word of its own is told from here, in the shape of the engine's
// messages (src/protocol.rs): the page replaces the worker.

let engine;

function tell(code, message) {
  postMessage({ kind: 'failed', error: { code, message, fatal: true } });
}

/** How many bytes the browser refused the engine; 0 if it did not, or if there is no engine yet. */
function refusedMemory() {
  try {
    return engine.refused_memory();
  } catch {
    return 0;
  }
}

/** A trap. After a panic the engine has spoken for itself, and the page no longer listens. */
function broke(error) {
  const refused = refusedMemory();
  if (refused > 0) tell('memory', `The browser gave no memory for ${refused} more bytes.`);
  else tell('panic', `The engine ended: ${error}`);
}

addEventListener('error', (event) => {
  event.preventDefault();
  broke(event.message);
});
addEventListener('unhandledrejection', (event) => {
  // A promise that nobody waits for any more may fail; a trap in what follows from one is the end.
  if (!(event.reason instanceof WebAssembly.RuntimeError)) return;
  event.preventDefault();
  broke(event.reason);
});

/** The engine's WebAssembly as it comes: by far the largest file, so the page is told how much of it is here. */
async function fetched(file) {
  const response = await fetch(new URL(file, import.meta.url));
  if (!response.ok) throw new TypeError(`the server answered ${response.status} for ${file}`);
  // What is compressed on its way has another length than what is counted here.
  const length = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
  const total = length === null ? null : Number(length);
  let [done, told] = [0, 0];
  const count = new TransformStream({
    transform(piece, out) {
      done += piece.byteLength;
      if (done - told >= 2 ** 18 || done === total) {
        told = done;
        postMessage({ kind: 'loading', file, done, total });
      }
      out.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(count), { headers: { 'content-type': 'application/wasm' } });
}

try {
  const wasm = fetched('worker_bg.wasm');
  // A failure is told below, with that of the script that comes at the same time.
  wasm.catch(() => {});
  engine = await import('./worker.js');
  await engine.default({ module_or_path: wasm });
} catch (error) {
  // A TypeError is what a fetch fails with, and a RangeError what WebAssembly does that is refused its memory.
  if (error instanceof TypeError) tell('network', `The engine could not be fetched: ${error.message}`);
  else if (error instanceof RangeError) tell('memory', `The browser gave the engine no memory: ${error.message}`);
  else broke(error);
}
