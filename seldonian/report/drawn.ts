/** What draws the figures of `figures.ts`, loaded together. @module */
export { drawnLog } from "./plot.ts";
export { drawnBounds } from "./plot_bounds.ts";
export { drawnRates } from "./plot_rates.ts";
