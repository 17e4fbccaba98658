// W in jax-js: the whole step, its automatic differentiation and Adam in one function that is compiled. Each array that is used again
// is passed as `.ref`: functions take what they are given.

import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { ANSWER, LEARNING_RATE, PARAMETER, PROJECTIONS, RANK, ROWS, SCALE, TOKENS } from './workload.mjs';

const [BETA_1, BETA_2, EPSILON] = [0.9, 0.999, 1e-8];

/** A function that makes a step and returns its loss. `backend` is `wasm` or `webgpu`. */
export async function stepper(backend, work) {
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  defaultDevice(backend);
  const { config, layers } = work;
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: kv, head_dim: size, rms_norm_eps: eps } = config;

  const constant = (name) => {
    const { shape, data } = work.matrix(name);
    return np.array(data).reshape(shape);
  };
  const embeddings = constant('model.embed_tokens');
  const tokens = np.array(work.tokens, { dtype: np.int32 });
  const frozen = {
    embedded: np.take(embeddings.ref, tokens, 0), // [rows * tokens, width]
    embeddings,
    lastNorm: constant('model.norm'),
    cos: np.array(work.cos).reshape([TOKENS, 1, size / 2]),
    sin: np.array(work.sin).reshape([TOKENS, 1, size / 2]),
    targets: nn.oneHot(np.array(work.targets, { dtype: np.int32 }), config.vocab_size),
    blocks: layers.map((layer) => ({
      norms: ['input_layernorm', 'post_attention_layernorm'].map((name) => constant(layer + name)),
      weights: PROJECTIONS.map((name) => constant(layer + name)),
    })),
  };
  const shapes = frozen.blocks.map(({ weights }) => weights.map(({ shape }) => shape));
  const filled = (value) => shapes.map((block) => block.map(([wide, out]) => ({
    a: np.full([wide, RANK], value), b: np.full([RANK, out], value),
  })));

  const norm = (x, weight) => {
    const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
    return x.div(np.sqrt(mean.add(eps))).mul(weight);
  };
  const project = (x, weight, { a, b }) => {
    const update = np.matmul(np.matmul(x.ref, a), b).mul(SCALE);
    return np.matmul(x, weight).add(update);
  };
  const rotate = (x, cos, sin) => {
    const [first, second] = np.split(x, 2, -1);
    const left = first.ref.mul(cos.ref).sub(second.ref.mul(sin.ref));
    return np.concatenate([left, second.mul(cos).add(first.mul(sin))], -1);
  };
  const split = (x, count) => x.reshape([ROWS, TOKENS, count, size]);

  function loss(parameters, { embedded, embeddings, lastNorm, cos, sin, targets, blocks }) {
    let x = embedded;
    blocks.forEach(({ norms, weights }, at) => {
      const [q, k, v, o, gate, up, down] = weights.map((weight, which) => (input) => project(input, weight, parameters[at][which]));
      const h = norm(x.ref, norms[0]);
      const queries = rotate(split(q(h.ref), heads), cos.ref, sin.ref);
      const keys = rotate(split(k(h.ref), kv), cos.ref, sin.ref);
      const values = split(v(h), kv);
      const mixed = nn.dotProductAttention(queries, keys, values, { isCausal: true }).reshape([ROWS * TOKENS, heads * size]);
      x = x.add(o(mixed));
      const m = norm(x.ref, norms[1]);
      const gated = nn.silu(gate(m.ref)).mul(up(m));
      x = x.add(down(gated));
    });
    cos.dispose();
    sin.dispose();
    // Only rows that predict an answer's token reach the output layer.
    const rows = x.reshape([ROWS, TOKENS, width]).slice([], [TOKENS - ANSWER - 1, TOKENS - 1], []);
    const logits = np.matmul(norm(rows.reshape([ROWS * ANSWER, width]), lastNorm), np.matrixTranspose(embeddings));
    return nn.logSoftmax(logits, -1).mul(targets).sum().mul(-1 / (ROWS * ANSWER));
  }

  // `corrected` are what the moments' biases divide by, and so the only numbers that differ from step to step.
  const step = jit((parameters, first, second, corrected1, corrected2, frozen) => {
    const [cost, gradient] = valueAndGrad(loss)(tree.ref(parameters), frozen);
    const moved = (moments, gradients, beta, of) => tree.map((m, g) => m.mul(beta).add(of(g).mul(1 - beta)), moments, gradients);
    first = moved(first, tree.ref(gradient), BETA_1, (g) => g);
    second = moved(second, gradient, BETA_2, np.square);
    const update = tree.map(
      (m, v) => m.div(corrected1.ref).div(np.sqrt(v.div(corrected2.ref)).add(EPSILON)),
      tree.ref(first), tree.ref(second),
    );
    corrected1.dispose();
    corrected2.dispose();
    parameters = tree.map((parameter, change) => parameter.sub(change.mul(LEARNING_RATE)), parameters, update);
    return { cost, parameters, first, second };
  });

  let state = { parameters: filled(PARAMETER), first: filled(0), second: filled(0) };
  let steps = 0;
  return async () => {
    steps += 1;
    const { parameters, first, second } = state;
    const { cost, ...next } = step(
      parameters, first, second, np.array(1 - BETA_1 ** steps), np.array(1 - BETA_2 ** steps), tree.ref(frozen),
    );
    state = next;
    await blockUntilReady(state);
    const [value] = await cost.data();
    return value;
  };
}
