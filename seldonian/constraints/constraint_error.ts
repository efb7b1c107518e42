/** A text that is no constraint, or speaks of what is not there. Its message shows the text with a caret under the place. */
export class ConstraintError extends SyntaxError {
  /** "ConstraintError". */
  override name = "ConstraintError";
  /**
   * The message shows the text with a caret under the place.
   * @param text the whole constraint
   * @param why what is wrong, without the text
   * @param offset where in `text` the trouble is, counted in UTF-16 units from 0
   */
  constructor(readonly why: string, readonly text: string, readonly offset: number) {
    super(`Cannot read constraint: ${why}\n  ${text}\n  ${" ".repeat(offset)}^`);
  }
}
