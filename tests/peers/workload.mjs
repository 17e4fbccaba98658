// The workload that all peers have in common, W of src/bench.rs: optimizer steps of LoRA, rank 8 on all seven projections of Folio, on
// 5 rows of 64 tokens with the loss on the last 28 of each. It runs in the page.

/** W: the same numbers as in src/bench.rs. */
export const ROWS = 5;
export const TOKENS = 64;
export const ANSWER = 28;
export const RANK = 8;
export const SCALE = 16 / RANK;
export const LEARNING_RATE = 1e-3;
/** Every parameter of the adapter at the beginning. */
export const PARAMETER = 0.01;
/** The projections of a block, by their names in checkpoints. */
export const PROJECTIONS = [
  'self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj',
  'mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj',
];

/**
 * Folio and the batch.
 *
 * `matrix(name)` is a weight with a shape; projections are `[d_in, d_out]`, unlike in the checkpoint. `tokens` is `[ROWS * TOKENS]`,
 * `targets` the tokens that the rows predict which count, `[ROWS * ANSWER]`, and `cos` and `sin` are `[TOKENS, headDim / 2]`.
 */
export async function workload(folder) {
  const config = await (await fetch(`${folder}/config.json`)).json();
  const tensors = read(await (await fetch(`${folder}/model.safetensors`)).arrayBuffer());
  const tokens = Int32Array.from({ length: ROWS * TOKENS }, (_, at) => (17 * at + 5) % config.vocab_size);
  const targets = Int32Array.from({ length: ROWS * ANSWER }, (_, at) => {
    const row = Math.floor(at / ANSWER);
    return tokens[row * TOKENS + TOKENS - ANSWER + (at % ANSWER)];
  });
  const half = config.head_dim / 2;
  const angles = Float32Array.from({ length: TOKENS * half }, (_, at) =>
    Math.floor(at / half) * config.rope_theta ** -((at % half) / half));
  return {
    config,
    tokens,
    targets,
    cos: angles.map(Math.cos),
    sin: angles.map(Math.sin),
    layers: Array.from({ length: config.num_hidden_layers }, (_, at) => `model.layers.${at}.`),
    matrix(name) {
      const { shape, data } = tensors.get(`${name}.weight`);
      return PROJECTIONS.some((projection) => name.endsWith(projection)) ? transposed(shape, data) : { shape, data };
    },
  };
}

function transposed([rows, columns], data) {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column];
  }
  return { shape: [columns, rows], data: turned };
}

/** The tensors of a safetensors file in F16, by name. */
function read(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const tensors = new Map();
  delete header.__metadata__;
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(header)) {
    if (dtype !== 'F16') throw new Error(`${name} is ${dtype}, and the peers read F16`);
    tensors.set(name, { shape, data: widened(new DataView(buffer, 8 + length + begin, end - begin)) });
  }
  return tensors;
}

/** F16 to F32. */
function widened(view) {
  return Float32Array.from({ length: view.byteLength / 2 }, (_, at) => {
    const bits = view.getUint16(2 * at, true);
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
}
