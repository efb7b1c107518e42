import type { Convolution } from "../../device.ts";
import { view } from "../../ndarray.ts";
import type { RemoteDevice } from "../../remote_array.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import { convolving as cpu } from "../convolving.ts";

/** Relative to the greatest number. */
const tolerance = 1e-4;

/**
 * Compares a product and a convolution with the processor's.
 * @return what is wrong; `null` if nothing is
 */
export async function failingTest(device: RemoteDevice): Promise<string | null> {
  const convolution: Convolution = {
    image: [2, 3, 7, 6],
    filter: [4, 3, 3, 2],
    output: [2, 4, 4, 7],
    stride: [2, 1],
    padding: [1, 1],
    direct: true,
  };
  const [x, y, images, filters] = [[37, 21], [21, 19], convolution.image, convolution.filter].map(numbers);
  const tests = [
    ["a product", cpu.matmul(x, y), device.matmul(device.upload(x), y)],
    [
      "a convolution",
      cpu.conv2d([images, filters, null], convolution),
      device.conv2d([device.upload(images), filters, null], convolution),
    ],
  ] as const;
  const found = await device.read(tests.map(([, , there]) => there));
  for (const [i, [name, { data }]] of tests.entries()) {
    const wanted = Array.from(data), most = (numbers: number[]) => Math.max(...numbers.map(Math.abs));
    const worst = most(wanted.map((number, j) => number - found[i][j])) / most(wanted);
    if (!(worst <= tolerance)) return `${name} is off by ${worst.toPrecision(3)} of its greatest number`;
  }
  return null;
}

/** Numbers from -1 to 1 that do not repeat soon. */
function numbers(shape: Shape) {
  return view(Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.3 * i)), shape);
}
