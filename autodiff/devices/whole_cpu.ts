import type { Device } from "../device.ts";
import type { NdArray } from "../ndarray.ts";
import { convolving } from "./convolving.ts";
import { standardizing } from "./standardizing.ts";

/** The CPU with all its operations. */
export const wholeCpu: Device<NdArray> = { ...standardizing, ...convolving };
