/**
 * Damages to tables as they occur in practice. Each damage is a pure function of a good table, its text or its bytes, and of a
 * source of random positions. The outcomes were declared before the kit was run; `damage.ts` defines the words.
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

/** All damages, by the damaged part. */
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
