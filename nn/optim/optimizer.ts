/** Changes flat parameters in place by their flat gradient. */
export interface Optimizer {
  /**
   * One update, in a pass that also sets the gradient to zero, ready for the next sum.
   * @param factor on the learning rate, as a schedule gives it; default 1
   */
  step(factor?: number): void;
}
