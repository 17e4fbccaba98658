// The page's side: what bench.mjs calls in it.

import { workload } from './workload.mjs';

/** Makes the steps of a peer on one backend, `warmUps` and `steps` of them: their seconds and their losses. */
async function measure(peer, backend, files, warmUps, steps) {
  const { stepper } = await import(`${files}/${peer}.js`);
  const step = await stepper(backend, await workload(`${files}/model`), files);
  const [seconds, losses] = [[], []];
  for (let made = 0; made < warmUps + steps; made++) {
    const begun = performance.now();
    losses.push(await step());
    seconds.push((performance.now() - begun) / 1000);
  }
  return { seconds: seconds.slice(warmUps), losses };
}

globalThis.peers = { measure };
