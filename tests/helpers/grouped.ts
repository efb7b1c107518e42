/** A number in a local notation: a sign before the decimals, and one between groups of three digits. */
export function grouped(text: string, { decimal = ".", thousands = "" }: { decimal?: string; thousands?: string }): string {
  const [whole, decimals] = text.split("."), groups = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return decimals === undefined ? groups : `${groups}${decimal}${decimals}`;
}
