/**
 * What happens to tables in the world: each damage is a pure function of a good table, its text or its bytes, and a source of random
 * places. What must come of each was declared before the kit was asked; see `outcomes.ts` for what the words mean.
 */
import type { Damage } from "./damage.ts";
import { ofNumbers } from "./kinds/numbers.ts";
import { ofColumns } from "./kinds/columns.ts";
import { ofTexts } from "./kinds/texts.ts";
import { ofLabels } from "./kinds/labels.ts";
import { ofNames } from "./kinds/names.ts";
import { strayLines } from "./kinds/stray_lines.ts";
import { ofSeparators } from "./kinds/separators.ts";
import { ofLineEnds } from "./kinds/line_ends.ts";
import { ofQuotes } from "./kinds/quotes.ts";
import { ofRows } from "./kinds/rows.ts";
import { ofBytes } from "./kinds/bytes.ts";

/** All damages, by what they happen to. */
export const damages: readonly Damage[] = [
  ...ofNumbers,
  ...ofColumns,
  ...ofTexts,
  ...ofLabels,
  ...ofNames,
  ...strayLines,
  ...ofSeparators,
  ...ofLineEnds,
  ...ofQuotes,
  ...ofRows,
  ...ofBytes,
];
