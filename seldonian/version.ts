/** The kit's version, as in `deno.json`; certificates name it. */
export const version = "0.1.0";
