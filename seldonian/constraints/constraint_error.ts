/** A text that is not a constraint, or names something missing. The message shows the text with a caret under the place. */
export class ConstraintError extends SyntaxError {
  /** "ConstraintError". */
  override name = "ConstraintError";
  /**
   * The message shows the text with a caret under the place.
   * @param text the whole constraint
   * @param why what is wrong, without the text
   * @param offset the place of the error in `text`, in UTF-16 units from 0
   * @param cure the right spelling for that place, if known
   */
  constructor(readonly why: string, readonly text: string, readonly offset: number, readonly cure?: string) {
    // A text on several lines is shown on one, above its caret.
    const line = text.replace(/\s/g, " ");
    super(`Cannot read constraint: ${why}${cure === undefined ? "" : `; write ${cure}`}\n  ${line}\n  ${" ".repeat(offset)}^`);
  }
}
