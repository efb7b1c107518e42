/** Changes flat parameters in place by their flat gradient. */
export interface Optimizer {
  /** One update, in a pass that also sets the gradient to zero, ready for the next sum. */
  step(): void;
}
