/** A hand-written matrix product in WGSL: tiles of 64 by 64 in workgroup memory, four by four elements per thread. @module */

const source = `
@group(0) @binding(0) var<storage, read> x : array<f32>;
@group(0) @binding(1) var<storage, read> y : array<f32>;
@group(0) @binding(2) var<storage, read_write> z : array<f32>;
@group(0) @binding(3) var<uniform> size : u32;
var<workgroup> a : array<array<f32, 64>, 16>;
var<workgroup> b : array<array<f32, 64>, 16>;
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile : vec3<u32>, @builtin(local_invocation_id) at : vec3<u32>, @builtin(local_invocation_index) id : u32) {
  var sums : array<array<f32, 4>, 4>;
  for (var k = 0u; k < size; k += 16u) {
    for (var i = id; i < 1024u; i += 256u) {
      a[i % 16u][i / 16u] = x[(tile.y * 64u + i / 16u) * size + k + i % 16u];
      b[i / 64u][i % 64u] = y[(k + i / 64u) * size + tile.x * 64u + i % 64u];
    }
    workgroupBarrier();
    for (var p = 0u; p < 16u; p++) {
      for (var r = 0u; r < 4u; r++) {
        let left = a[p][at.y * 4u + r];
        for (var c = 0u; c < 4u; c++) { sums[r][c] += left * b[p][at.x * 4u + c]; }
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    for (var c = 0u; c < 4u; c++) { z[(tile.y * 64u + at.y * 4u + r) * size + tile.x * 64u + at.x * 4u + c] = sums[r][c]; }
  }
}`;

/** Prepares a product; sizes must be multiples of 64. */
export async function tiledProduct(x: Float32Array, y: Float32Array, size: number): Promise<() => Promise<Float32Array>> {
  // deno-lint-ignore no-explicit-any
  const adapter = await (navigator as any).gpu.requestAdapter(), device = await adapter.requestDevice(), bytes = 4 * size * size;
  const [storage, source_, target, uniform, read] = [0x80, 0x4, 0x8, 0x40, 0x1];
  const buffer = (values: ArrayBufferView, usage: number) => {
    const made = device.createBuffer({ size: values.byteLength, usage: usage | target });
    device.queue.writeBuffer(made, 0, values);
    return made;
  };
  const z = device.createBuffer({ size: bytes, usage: storage | source_ }), staging = device.createBuffer({ size: bytes, usage: read | target });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code: source }), entryPoint: "main" },
  });
  const resources = [buffer(x, storage), buffer(y, storage), z, buffer(Uint32Array.of(size, 0, 0, 0), uniform)];
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource: { buffer: resource } })),
  });
  return async () => {
    const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(size / 64, size / 64);
    pass.end();
    encoder.copyBufferToBuffer(z, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(1);
    const found = new Float32Array(staging.getMappedRange().slice(0));
    staging.unmap();
    return found;
  };
}
