// W in TensorFlow.js, with its own automatic differentiation and Adam.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import { ANSWER, LEARNING_RATE, PARAMETER, PROJECTIONS, RANK, ROWS, SCALE, TOKENS } from './workload.mjs';

/** A function that makes a step and returns its loss. `backend` is `wasm` or `webgpu`. */
export async function stepper(backend, work, files) {
  setWasmPaths(`${files}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here`);
  await tf.ready();
  const { config, layers } = work;
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: kv, head_dim: size, rms_norm_eps: eps } = config;
  if (kv !== heads) throw new Error('groups of query heads are not written down here');

  const constant = (name) => {
    const { shape, data } = work.matrix(name);
    return tf.tensor(data, shape);
  };
  const embeddings = constant('model.embed_tokens');
  const lastNorm = constant('model.norm');
  const embedded = tf.gather(embeddings, tf.tensor1d(work.tokens, 'int32')); // [rows * tokens, width]
  const [cos, sin] = [work.cos, work.sin].map((data) => tf.tensor(data, [1, TOKENS, 1, size / 2]));
  const targets = tf.oneHot(tf.tensor1d(work.targets, 'int32'), config.vocab_size).toFloat();
  // Added to scores: nobody sees what comes later.
  const later = Float32Array.from({ length: TOKENS * TOKENS }, (_, at) => (at % TOKENS > Math.floor(at / TOKENS) ? -1e9 : 0));
  const mask = tf.tensor(later, [1, 1, TOKENS, TOKENS]);
  const blocks = layers.map((layer) => ({
    norms: ['input_layernorm', 'post_attention_layernorm'].map((name) => constant(layer + name)),
    projections: PROJECTIONS.map((name) => {
      const weight = constant(layer + name);
      const [wide, out] = weight.shape;
      const parameter = (shape) => tf.variable(tf.fill(shape, PARAMETER));
      return { weight, a: parameter([wide, RANK]), b: parameter([RANK, out]) };
    }),
  }));

  const norm = (x, weight) => x.mul(x.square().mean(-1, true).add(eps).rsqrt()).mul(weight);
  const project = (x, { weight, a, b }) => x.matMul(weight).add(x.matMul(a).matMul(b).mul(SCALE));
  const rotate = (x) => {
    const [first, second] = tf.split(x, 2, -1);
    return tf.concat([first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin))], -1);
  };
  const split = (x) => x.reshape([ROWS, TOKENS, heads, size]);
  const byHead = (x) => x.transpose([0, 2, 1, 3]); // [rows, heads, tokens, size]

  function loss() {
    let x = embedded;
    for (const { norms, projections: [q, k, v, o, gate, up, down] } of blocks) {
      const h = norm(x, norms[0]);
      const queries = byHead(rotate(split(project(h, q))));
      const keys = byHead(rotate(split(project(h, k))));
      const values = byHead(split(project(h, v)));
      const scores = queries.matMul(keys, false, true).mul(size ** -0.5).add(mask);
      const mixed = byHead(scores.softmax().matMul(values)).reshape([ROWS * TOKENS, heads * size]);
      x = x.add(project(mixed, o));
      const m = norm(x, norms[1]);
      const gated = project(m, gate);
      x = x.add(project(gated.mul(gated.sigmoid()).mul(project(m, up)), down));
    }
    // Only rows that predict an answer's token reach the output layer.
    const rows = x.reshape([ROWS, TOKENS, width]).slice([0, TOKENS - ANSWER - 1, 0], [ROWS, ANSWER, width]);
    const logits = norm(rows.reshape([ROWS * ANSWER, width]), lastNorm).matMul(embeddings, false, true);
    return logits.logSoftmax().mul(targets).sum().div(-ROWS * ANSWER);
  }

  const variables = blocks.flatMap(({ projections }) => projections.flatMap(({ a, b }) => [a, b]));
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  return async () => {
    const cost = optimizer.minimize(loss, true, variables);
    const [value] = await cost.data();
    cost.dispose();
    return value;
  };
}
