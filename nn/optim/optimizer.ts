/** Changes flat parameters in place by their flat gradient. */
export interface Optimizer {
  /** One update; the gradient is left as it is. */
  step(): void;
}
