/** A number's digits as people of some place write them: signs before decimals, and between groups of three digits. */
export function grouped(text: string, { decimal = ".", thousands = "" }: { decimal?: string; thousands?: string }): string {
  const [whole, decimals] = text.split("."), groups = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return decimals === undefined ? groups : `${groups}${decimal}${decimals}`;
}
