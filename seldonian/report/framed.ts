import { escaped } from "../escaped.ts";

/**
 * Plot's drawing, without its style sheet, which makes some viewers size it to nothing, and without labels, which groups may not
 * have.
 */
export function bare({ innerHTML }: { innerHTML: string }): string {
  return innerHTML.replace(/<style>[^]*?<\/style>/, "").replace(/ aria-\w+="[^"]*"/g, "");
}

/** A text as XML can have it: without control characters and halves of letters. */
function ofXml(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}

/** A figure as SVG text, with a white ground and one name, so that it can be read in dark pages, in print and aloud. */
export function framed(content: string, width: number, height: number, name: string): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const style = `font-family="system-ui, sans-serif" font-size="12" text-anchor="middle" fill="currentColor" color="black"`;
  return ofXml(
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style} role="img" aria-label="${escaped(name)}">` +
      `<rect width="100%" height="100%" fill="white"/>${content}</svg>\n`,
  );
}
