import { type RemotePlace, Tensor } from "../../autodiff/mod.ts";

/** Features with their tensors on a device; other items stay unchanged. */
export function there(features: unknown, place: RemotePlace): unknown {
  if (features instanceof Tensor) return features.to(place);
  if (typeof features !== "object" || features === null || Array.isArray(features)) return features;
  return Object.fromEntries(Object.entries(features).map(([name, part]) => [name, there(part, place)]));
}
