import { csv, type Table } from "../../mod.ts";
import text from "./penguins.csv" with { type: "text" };

/**
 * 344 penguins of three `species` on three islands of the Palmer Archipelago, 2007 to 2009: length and depth of the bill, length
 * of the flipper, mass and `sex`, which is missing for 11. Source: K. B. Gorman, T. D. Williams and W. R. Fraser, PLoS ONE 9(3),
 * e90081 (2014), as in A. M. Horst, A. P. Hill and K. B. Gorman, "palmerpenguins" (2020), doi 10.5281/zenodo.3960218; CC0.
 */
export function penguins(): Table {
  return csv(text, { file: "penguins.csv" });
}
