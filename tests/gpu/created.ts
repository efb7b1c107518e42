/** Notes what WebGPU makes. Import it before a device is opened. */

type Made = { destroy(): void };
type Methods = { prototype: Record<string, (this: Made, ...options: unknown[]) => unknown> };

/** The devices, to destroy one; the buffers that were not destroyed; and how many bindings were made. */
export const created = { devices: [] as Made[], buffers: new Set<unknown>(), bindings: 0 };

if ("GPUAdapter" in globalThis) {
  const [adapter, device, buffer] = ["GPUAdapter", "GPUDevice", "GPUBuffer"].map((name) =>
    (globalThis as unknown as Record<string, Methods>)[name].prototype
  );
  const { requestDevice } = adapter, { createBuffer, createBindGroup } = device, { destroy } = buffer;
  adapter.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options) as Made;
    created.devices.push(device);
    return device;
  };
  device.createBindGroup = function (...options) {
    created.bindings++;
    return createBindGroup.apply(this, options);
  };
  device.createBuffer = function (...options) {
    const buffer = createBuffer.apply(this, options);
    created.buffers.add(buffer);
    return buffer;
  };
  buffer.destroy = function () {
    created.buffers.delete(this);
    return destroy.call(this);
  };
}
